"""The emergency stop, by clicks on a real platform: set, seen everywhere, obeyed, and ended by a person."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from browser.conftest import VIEWER, OpenPage
from browser.demo_run import Demo
from browser.looking import AXE, WCAG, by, execute_button, inside, log_in, overflow_px, suggestion_card, violations
from gunicorn_service import wait_for
from playwright.sync_api import Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SUGGESTION_MS = 240_000
LONG_AGO_SECONDS = 3600


@pytest.fixture
def armed_in_the_end(demo: Demo) -> Iterator[None]:
    """Whatever happens here, the tests that follow find an engine that works."""
    yield
    (demo.state / "estop").unlink(missing_ok=True)


def test_the_stop_is_seen_obeyed_and_ended_by_a_person(open_page: OpenPage, demo: Demo, armed_in_the_end: None) -> None:
    """Two keys stop; who is about to execute is refused with the reason; the password ends it, and all goes on."""
    clicker = open_page(allowed=("409",))
    expect(suggestion_card(clicker)).to_be_visible(timeout=SUGGESTION_MS)
    stopper = open_page(None, allowed=("401", "403"))
    log_in(stopper, "admin", demo.password)
    held: list[Route] = []

    def hold(route: Route) -> None:  # the click is on its way while somebody else stops
        held.append(route)

    clicker.route("**/execute/*", hold)
    execute_button(suggestion_card(clicker)).click()
    wait_for(lambda: bool(held) or clicker.wait_for_timeout(50) is not None, 10, "the click to be on its way")
    stop_by_keyboard(stopper, "checkout fails")
    held[0].continue_()
    expect(suggestion_card(clicker).locator("[data-testid^=refused-]")).to_contain_text("emergency stop")
    expect(by(clicker, "stop-banner")).to_contain_text("checkout fails")
    expect(execute_button(suggestion_card(clicker))).to_be_disabled()
    assert demo.ask("/executions?plugin_id=orders") == []
    arm_with_password(stopper, demo)
    expect(by(clicker, "stop-banner")).to_have_count(0)
    expect(execute_button(suggestion_card(clicker))).to_be_enabled()


def stop_by_keyboard(page: Page, reason: str) -> None:
    """Enter opens the question, Enter answers it; the focus is where it was."""
    by(page, "stop").focus()
    page.keyboard.press("Enter")
    expect(by(page, "stop-reason")).to_be_focused()
    page.keyboard.type(reason)
    page.keyboard.press("Enter")
    banner = by(page, "stop-banner")
    expect(banner).to_contain_text(reason)
    expect(banner).to_contain_text("set by admin")
    expect(by(page, "stop")).to_be_focused()


def arm_with_password(page: Page, demo: Demo) -> None:
    """A login of long ago is not enough, a guessed password neither."""
    age_logins(demo)
    by(page, "arm").click()
    by(page, "confirm-arm").click()
    password = by(page, "arm-password")
    expect(password).to_be_focused()
    password.fill("guessed")
    page.keyboard.press("Enter")
    expect(by(page, "arm-error")).to_contain_text("password is not right")
    assert demo.ask("/emergency-stop")["stopped"]
    password.fill(demo.password)
    page.keyboard.press("Enter")
    expect(by(page, "stop-banner")).to_have_count(0)
    assert not demo.ask("/emergency-stop")["stopped"]


def age_logins(demo: Demo) -> None:
    """Make every password given long ago, as the server remembers it."""
    with closing(sqlite3.connect(demo.state / "state.db", timeout=30)) as database, database:
        database.execute("UPDATE sessions SET authenticated_at = authenticated_at - ?", (LONG_AGO_SECONDS,))


@pytest.mark.parametrize(("lang", "theme", "words"), [("ko", "dark", "비상 정지"), ("en", "light", "emergency stop")])
def test_the_stop_is_readable_on_a_phone(
    open_page: OpenPage, demo: Demo, armed_in_the_end: None, lang: str, theme: str, words: str
) -> None:
    """Both languages, both themes, 320 px: on every tab, without scrolling sideways, and axe has no complaint."""
    (demo.state / "estop").touch()
    page = open_page(lang=lang, theme=theme, width=320)
    inside(page)
    page.evaluate(AXE.read_text())
    for tab in ("history", "policies", "access", "engine", "audit", "overview"):
        by(page, f"tab-{tab}").click()
        expect(by(page, "stop-banner")).to_contain_text(words)
        assert overflow_px(page) <= 0
    assert violations(page, WCAG) == []
    by(page, "arm").click()
    expect(by(page, "confirm-arm")).to_be_visible()
    assert overflow_px(page) <= 0
    assert violations(page, WCAG, "dialog") == []


def test_a_viewer_sees_the_stop_and_no_button(open_page: OpenPage, demo: Demo, armed_in_the_end: None) -> None:
    """It appears by itself on a page that is open; who may end it is said."""
    page = open_page(VIEWER)
    inside(page)
    expect(by(page, "stop")).to_have_count(0)
    demo.tell("/emergency-stop", {"reason": "by a script"})
    expect(by(page, "stop-banner")).to_contain_text("by a script")
    expect(by(page, "stop-banner")).to_contain_text("Only an administrator")
    expect(by(page, "arm")).to_have_count(0)


def test_the_audit_shows_a_chain_that_holds(open_page: OpenPage) -> None:
    """Its newest entry and the result of the check of all of them."""
    page = open_page(to="?tab=audit")
    expect(by(page, "audit-check")).to_contain_text("as they were written")
    expect(page.locator(".audit-entry").first).to_be_visible()
    page.evaluate(AXE.read_text())
    assert violations(page, WCAG, "main") == []
