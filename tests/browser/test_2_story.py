"""The story of the product, from a suggestion to a verdict and back, by clicks on a real platform."""

import csv
import io
import re

import pytest
from browser.conftest import OpenPage
from browser.demo_run import Demo
from browser.looking import by, execute, inside, suggestion_card
from gunicorn_service import wait_for
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

SUGGESTION_MS = 240_000
VERDICT_MS = 420_000  # the demo's `verify_seconds`, and its way there
LENGTH = re.compile(r"([\d.]+)\s(ms|s)\b")


def test_a_suggestion_is_executed_proven_and_rolled_back(open_page: OpenPage, demo: Demo) -> None:
    """Orders gets the workers it needs, traffic proves it, and one more click brings the old number back."""
    page = open_page()
    inside(page)
    card = suggestion_card(page)
    expect(card).to_be_visible(timeout=SUGGESTION_MS)
    before, after = promised(card)
    assert demo.workers("orders") == before < after
    a_dry_run_changes_nothing(page, demo, before)
    execution = execute(page, card)
    steps_advance(page, execution)
    wait_for(lambda: demo.workers("orders") == after, 90, f"{after} worker processes of orders")
    the_verdict_is_better(page, execution)
    assert demo.workers("orders") == after
    roll_back(page, execution)
    wait_for(lambda: demo.workers("orders") == before, 120, f"{before} worker processes of orders")
    expect(by(page, f"history-row-{execution}")).to_have_attribute("data-state", "rolled_back", timeout=120_000)
    the_history_is_filtered_and_taken_home(page, execution)
    the_track_record_counts_it(page)
    the_healthy_are_left_in_peace(page, demo)


def promised(card: Locator) -> tuple[int, int]:
    """Return the worker counts of the card, which gives evidence and the range that holds 8 times in 10."""
    expect(card.locator(".evidence li").first).to_contain_text(re.compile(r"\d"))
    expect(card.locator(".effect-range")).to_contain_text("8 times in 10")
    low, high = lengths_seconds(card.locator(".effect-range"))
    assert 0 < low < high
    found = re.search(r"from (\d+) to (\d+)", card.locator("h3").inner_text())
    assert found
    return int(found[1]), int(found[2])


def lengths_seconds(place: Locator) -> list[float]:
    """Return the lengths of time that are written there, "310 ms" as 0.31."""
    return [float(number) / (1000 if unit == "ms" else 1) for number, unit in LENGTH.findall(place.inner_text())]


def a_dry_run_changes_nothing(page: Page, demo: Demo, workers: int) -> None:
    """It says what would be done, step by step, and nothing is: no process more, no execution, no line of the audit."""
    audited = demo.ask("/audit?limit=1&subject=orders")
    card = suggestion_card(page)
    card.locator("[data-testid^=dry-run-]").click()
    report = card.locator("[data-testid^=rehearsal-]")
    expect(report).to_have_attribute("data-passes", "true")
    expect(report).to_contain_text("Turn workers of orders")
    expect(report).to_contain_text("Nothing was changed")
    assert report.locator("details li").count() >= 10
    assert demo.workers("orders") == workers
    assert demo.ask("/executions?plugin_id=orders") == []
    assert demo.ask("/audit?limit=1&subject=orders") == audited


def steps_advance(page: Page, execution: str) -> None:
    """The card goes on by itself, from the first steps to the judging."""
    running = by(page, f"execution-{execution}")
    expect(running.locator(".step-done").first).to_be_visible()
    expect(running).to_have_attribute("data-state", "verifying", timeout=180_000)
    assert running.locator(".step-done").count() >= 4
    expect(running.get_by_test_id("course-chart").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("predicted")
    )
    expect(running.get_by_test_id("closing-tab")).to_be_visible()
    expect(running.locator("[aria-current=step]")).to_contain_text("Verifying")


def the_verdict_is_better(page: Page, execution: str) -> None:
    """The history says so, in a sentence with figures that agree with those of the API."""
    by(page, "tab-history").click()
    row = by(page, f"history-row-{execution}")
    expect(row).to_have_attribute("data-state", "succeeded", timeout=VERDICT_MS)
    verdict = by(page, f"verdict-{execution}")
    expect(verdict).to_have_attribute("data-outcome", "better")
    earlier, later = lengths_seconds(verdict)
    assert later < earlier
    expect(row).to_contain_text(re.compile(r"\d+ windows? compared"))
    expect(row).to_contain_text("Succeeded")


def roll_back(page: Page, execution: str) -> None:
    by(page, f"rollback-{execution}").click()


def the_history_is_filtered_and_taken_home(page: Page, execution: str) -> None:
    """The filter stands in the address; the file holds what it shows, as spreadsheets want it."""
    by(page, "filter-result").select_option("success")
    expect(by(page, f"history-row-{execution}")).to_have_count(0)
    by(page, "filter-result").select_option("rolled_back")
    by(page, "filter-words").fill("orders workers")
    by(page, "filter-words").press("Enter")
    expect(by(page, f"history-row-{execution}")).to_be_visible()
    assert "result=rolled_back&words=orders+workers" in page.url
    with page.expect_download() as coming:
        by(page, "export-csv").click()
    content = coming.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [(row["id"], row["plugin_id"], row["result"]) for row in rows] == [(execution, "orders", "rolled_back")]
    assert float(rows[0]["metric_after"]) < float(rows[0]["metric_before"])


def the_track_record_counts_it(page: Page) -> None:
    by(page, "section-record").click()
    expect(by(page, "record-undone")).to_have_text("1")
    expect(by(page, "calibration")).to_be_visible()


def the_healthy_are_left_in_peace(page: Page, demo: Demo) -> None:
    """Nothing was ever suggested for the menu, and the page shows nothing."""
    states = ("open", "claimed", "executed", "dismissed", "superseded", "expired", "quarantined")
    assert [demo.ask(f"/suggestions?plugin_id=menu&state={state}") for state in states] == [[]] * len(states)
    by(page, "tab-overview").click()
    expect(page.locator("[data-testid^=suggestion-]").first).to_be_visible()
    expect(page.locator("[data-testid^=suggestion-menu-]")).to_have_count(0)
    expect(by(page, "plugin-row-menu")).to_have_attribute("data-health", "ok")
