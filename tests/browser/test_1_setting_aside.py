"""A suggestion that somebody lets wait: gone from the list, kept by the server, and back by one click."""

import pytest
from browser.conftest import OpenPage
from browser.demo_run import Demo
from browser.looking import AXE, WCAG, by, inside, overflow_px, suggestion_card, violations
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SUGGESTION_MS = 240_000


def test_a_suggestion_waits_until_it_is_woken(open_page: OpenPage, demo: Demo) -> None:
    """Snoozed in a dialog; gone for everybody, also after a reload; in a folded list with what was seen; woken, it is the same."""
    page = open_page()
    inside(page)
    card = suggestion_card(page)
    expect(card).to_be_visible(timeout=SUGGESTION_MS)
    suggestion = card.get_attribute("data-suggestion-id")
    card.locator("[data-testid^=snooze-]").click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_label("50 % worse than now").check()
    dialog.get_by_label("1 day").check()
    dialog.get_by_label("Reason").fill("after the sale")
    by(page, "confirm-snooze").click()
    expect(card).to_have_count(0)
    kept = demo.ask(f"/suggestions/{suggestion}")
    assert (kept["state"], kept["snooze"]["worse_by"], kept["snooze"]["reason"]) == ("snoozed", 0.5, "after the sale")
    page.reload()
    inside(page)
    expect(by(page, "snoozed")).to_be_visible()
    expect(card).to_have_count(0)
    by(page, "snoozed").locator("summary").click()
    row = by(page, f"snoozed-{suggestion}")
    expect(row).to_contain_text("after the sale")
    expect(row).to_contain_text("then,")
    page.evaluate(AXE.read_text())
    assert violations(page, WCAG, "[data-testid=snoozed]") == []
    by(page, f"wake-{suggestion}").click()
    expect(card).to_be_visible()
    assert demo.ask(f"/suggestions/{suggestion}")["state"] == "open"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_dry_run_fits_a_phone(open_page: OpenPage, lang: str) -> None:
    """What was looked at and what would be done is read on a narrow screen, and named for who listens."""
    page = open_page(lang=lang, width=360, theme="dark")
    card = suggestion_card(page)
    expect(card).to_be_visible(timeout=SUGGESTION_MS)
    card.locator("[data-testid^=dry-run-]").click()
    report = card.locator("[data-testid^=rehearsal-]")
    expect(report).to_have_attribute("data-passes", "true")
    expect(report.get_by_role("status")).to_be_focused()
    report.locator("summary").click()
    assert overflow_px(page) <= 0
    page.evaluate(AXE.read_text())
    assert violations(page, WCAG, "[data-testid^=rehearsal-]") == []
