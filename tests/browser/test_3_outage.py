"""When the engine dies the page says how old it is, and goes on when the engine is back."""

import re
import time

import pytest
from browser.conftest import OpenPage
from browser.demo_run import Demo
from browser.looking import VERDICT_STATES, by, inside
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

OUTAGE_SECONDS = 120.0
UNREACHABLE = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_INCOMPLETE_CHUNKED", "ERR_EMPTY_RESPONSE")


def test_a_killed_engine_is_seen_and_its_return_as_well(open_page: OpenPage, demo: Demo) -> None:
    """Never green over old figures: disconnected, with their age; then live again without a reload or a login."""
    page = open_page(allowed=UNREACHABLE)
    inside(page)
    page.evaluate("window.notReloaded = true")
    kill_until_lost(page, demo)
    expect(by(page, "connection")).to_contain_text("data is")
    expect(page.locator(".verdict")).to_have_attribute("data-state", "disconnected")
    expect(by(page, "connection")).to_have_attribute("data-state", re.compile("stream|poll"), timeout=120_000)
    expect(page.locator(".verdict")).to_have_attribute("data-state", VERDICT_STATES, timeout=120_000)
    inside(page)
    assert page.evaluate("window.notReloaded")


def kill_until_lost(page: Page, demo: Demo) -> None:
    """Kill the server as often as the supervisor starts it, until the page has noticed."""
    deadline = time.monotonic() + OUTAGE_SECONDS
    while by(page, "connection").get_attribute("data-state") != "lost":
        assert time.monotonic() < deadline, "the page shows a dead server as living"
        demo.kill_server()
        page.wait_for_timeout(100)
