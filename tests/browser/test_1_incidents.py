"""What is wrong and why on the page of incidents: from the sentence to what moved first, its picture, and what can be done."""

import json

import pytest
from browser.conftest import OpenPage
from browser.demo_run import Demo
from browser.looking import AXE, WCAG, by, overflow_px, violations
from gunicorn_service import wait_for
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

TROUBLE_SECONDS = 240.0
DRILL_MS = 320_000  # the server takes at most 300 s, in a process of its own
MAY_BE_OVER = (r"404.*/incidents/past/",)  # what the address names
INCIDENTS = "?tab=incidents&filter=severity%3Dinfo"


@pytest.fixture(scope="module")
def trouble(demo: Demo) -> str:
    """Wait until the demo's plugin that has too few workers is an incident; return the name of its plugin."""
    wait_for(
        lambda: any("orders" in one["plugin_ids"] for one in demo.ask("/incidents")), TROUBLE_SECONDS, "an incident"
    )
    return "orders"


def opened(page: Page, plugin: str) -> Locator:
    """Open the details of an incident that struck the plugin; return its row. Its name may change while it lasts."""
    row = page.locator(".incident-row", has=page.get_by_role("link", name=plugin, exact=True)).first
    row.locator("[data-testid^=open-incident-]").click()
    expect(row.locator("[data-testid^=incident-detail-]")).to_be_visible()
    return row


def test_an_incident_says_what_and_why_and_draws_itself(open_page: OpenPage, trouble: str) -> None:
    """Reached from the navigation; what moved first, drawn; the details are in the address; each part leads to its plugin."""
    page = open_page(allowed=MAY_BE_OVER)
    by(page, "tab-incidents").click()
    row = opened(page, trouble)
    expect(row.locator("h3")).to_contain_text(": ")
    expect(row.locator("[data-testid^=why-]")).not_to_be_empty()
    expect(row.locator(".incident-parts > li").first).to_contain_text("first")
    expect(row.locator(".finding-line").first).to_be_attached()
    page.reload()
    expect(page.locator("[data-testid^=incident-detail-]").or_(by(page, "incident-gone")).first).to_be_visible()
    page.goto(page.url.split("?")[0] + INCIDENTS)
    opened(page, trouble).locator(".incident-part a").first.click()
    expect(page.locator("[data-testid^=plugin-page-]")).to_be_visible()


def test_what_is_over_is_a_file_of_the_same(open_page: OpenPage, demo: Demo, trouble: str) -> None:
    """The links hold the filter, and the server answers them."""
    page = open_page(to=f"?tab=incidents&filter=plugin%3D{trouble}")
    expect(by(page, "incidents-past-count")).to_be_visible()
    address = by(page, "incidents-json").get_attribute("href")
    assert address
    assert f"plugin_id={trouble}" in address
    answer = page.request.get(demo.url + address)
    assert answer.ok
    assert all(trouble in one["plugin_ids"] for one in json.loads(answer.text()))


@pytest.mark.parametrize(("lang", "theme", "width"), [("ko", "light", 320), ("en", "dark", 390), ("en", "light", 1280)])
def test_everybody_can_read_it(open_page: OpenPage, trouble: str, lang: str, theme: str, width: int) -> None:
    """With an incident open: nothing scrolls sideways, and axe finds nothing."""
    page = open_page(lang=lang, theme=theme, width=width, to=INCIDENTS, allowed=MAY_BE_OVER)
    opened(page, trouble)
    expect(page.locator(".skeleton")).to_have_count(0)
    assert overflow_px(page) <= 0
    page.evaluate(AXE.read_text())
    assert violations(page, WCAG) == []


def test_one_series_is_looked_at_closely(open_page: OpenPage, trouble: str) -> None:
    """Asked for by a button on its chart; told beside it, or the one line that is missing; closed, the address forgets it."""
    page = open_page(to=f"?page={trouble}&drill=response_time_p95_seconds", allowed=("501",))
    closer = by(page, "closer-response_time_p95_seconds")
    expect(closer.locator(".closer-found").or_(by(page, "drill-missing"))).to_be_visible(timeout=DRILL_MS)
    assert overflow_px(page) <= 0
    page.evaluate(AXE.read_text())
    assert violations(page, WCAG, ".chart-grid") == []
    by(page, "look-closer-response_time_p95_seconds").click()
    expect(closer).to_have_count(0)
    assert "drill" not in page.url
