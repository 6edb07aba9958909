"""The page of one plugin, on the real demo: charts that zoom and compare, marks that lead to the history, curves of what-ifs."""

import re
import time
from urllib.parse import parse_qs, urlparse

import pytest
from browser.conftest import OpenPage
from browser.demo_run import Demo
from browser.looking import by, inside, see_drawn
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PLUGIN = "orders"
RIPE_SECONDS = 420.0  # curves need a minute of requests under one count, and requests are on record a minute late
CHART = "response_time_p95_seconds"


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def shown(page: Page, plugin: str = PLUGIN) -> None:
    expect(by(page, f"plugin-page-{plugin}")).to_be_visible()
    see_drawn(by(page, f"chart-{CHART}"))


def drag(page: Page, begin: float, end: float) -> None:
    """Draw over a chart with the mouse, from one share of its width to another."""
    over = by(page, f"plot-{CHART}").locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + begin * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + (begin + end) / 2 * box["width"], middle, steps=4)
    page.mouse.move(box["x"] + end * box["width"], middle, steps=4)
    page.mouse.up()


def span_seconds(page: Page) -> float:
    begin, end = (time.mktime(time.strptime(query(page)[name][0][:19], "%Y-%m-%dT%H:%M:%S")) for name in ("from", "to"))
    return end - begin


def test_a_row_of_the_list_leads_to_the_page_and_back(open_page: OpenPage) -> None:
    """Two clicks there, one back; Back of the browser does the same; the address can be pasted."""
    page = open_page()
    inside(page)
    by(page, f"plugin-row-{PLUGIN}").locator("button").click()
    expect(by(page, f"panel-{PLUGIN}")).to_be_visible()
    by(page, f"open-{PLUGIN}").click()
    shown(page)
    assert query(page) == {"page": [PLUGIN]}
    page.go_back()
    expect(by(page, f"plugin-row-{PLUGIN}")).to_be_visible()
    page.go_forward()
    shown(page)
    by(page, "back").click()
    expect(by(page, f"plugin-row-{PLUGIN}")).to_be_visible()


def test_every_measured_metric_has_a_chart_that_draws_only_in_sight(open_page: OpenPage) -> None:
    """Many charts, few canvases: what is below the window holds none until it is scrolled to."""
    page = open_page(to=f"?page={PLUGIN}")
    shown(page)
    cards = page.locator(".chart-card")
    assert cards.count() >= 12
    assert 1 <= cards.locator("canvas").count() < cards.count()
    last = cards.last
    assert last.locator("canvas").count() == 0
    last.scroll_into_view_if_needed()
    expect(last.locator("canvas")).to_be_visible()


def test_a_stretch_is_zoomed_into_by_mouse_and_by_keys(open_page: OpenPage) -> None:
    """What is drawn over becomes the stretch of all charts and of the address; the way out leads back."""
    page = open_page(to=f"?page={PLUGIN}")
    shown(page)
    drag(page, 0.8, 0.995)  # the demo may be a minute old: the end is what was measured
    expect(by(page, "span")).to_be_visible()
    assert 200 < span_seconds(page) < 500
    wide = span_seconds(page)
    page.reload()
    shown(page)
    expect(by(page, "span")).to_be_visible()
    assert span_seconds(page) == wide
    by(page, "zoom-out").click()
    expect(by(page, "span")).to_have_count(0)
    by(page, f"plot-{CHART}").focus()
    page.keyboard.press("End")
    expect(page.locator("[aria-live=polite]", has_text=re.compile(r"\d ?(ms|s)")).first).to_be_attached()
    page.keyboard.press("Enter")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(by(page, "span")).to_be_visible()
    assert span_seconds(page) < 1000


def test_a_finger_zooms_as_well(open_page: OpenPage) -> None:
    """Pointer events of a touch screen, as Chromium sends them."""
    page = open_page(width=360, to=f"?page={PLUGIN}")
    shown(page)
    over = by(page, f"plot-{CHART}").locator(".u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box
    device = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    places = [box["x"] + share * box["width"] for share in (0.3, 0.4, 0.5, 0.6)]
    device.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": places[0], "y": y}]})
    for x in places[1:]:
        device.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(by(page, "span")).to_be_visible()
    assert 200 < span_seconds(page) < 1200


def test_ranges_and_comparisons_stand_in_the_address(open_page: OpenPage) -> None:
    """Six hours, compared with yesterday, of which a demo minutes old knows nothing, and says so."""
    page = open_page(to=f"?page={PLUGIN}")
    shown(page)
    by(page, "range-6h").click()
    by(page, "compare").select_option("day")
    expect(by(page, "nothing-to-compare")).to_be_visible()
    assert query(page) == {"page": [PLUGIN], "range": ["6h"], "compare": ["day"]}
    page.reload()
    shown(page)
    expect(by(page, "compare")).to_have_value("day")
    expect(by(page, "range-6h")).to_have_attribute("aria-pressed", "true")


def test_a_change_is_marked_on_the_charts_and_leads_to_the_history(open_page: OpenPage, demo: Demo) -> None:
    """A policy that was changed and a change that was executed: each a button on the charts and a line beside them."""
    run = some_execution(demo)
    page = open_page(to=f"?page={run['plugin_id']}")
    shown(page, run["plugin_id"])
    listed = page.locator(".happening-list a").first
    expect(listed).to_be_visible(timeout=120_000)
    expect(by(page, "happening").first).to_be_visible()
    title = by(page, "happening").first.get_attribute("title")
    assert title
    listed.click()
    expect(page.locator("#history-title")).to_be_visible()
    assert "execution" in query(page)
    page.go_back()
    shown(page, run["plugin_id"])


def some_execution(demo: Demo) -> dict[str, str]:
    """Return an execution that was applied; where there is none yet, make one."""
    until = time.monotonic() + RIPE_SECONDS
    while time.monotonic() < until:
        for run in demo.ask("/history?limit=50"):
            marks = demo.ask(f"/plugins/{run['plugin_id']}/chart")["marks"]
            if any(mark["execution_id"] == run["id"] for mark in marks):
                found: dict[str, str] = run
                return found
        ready = [s for s in demo.ask("/suggestions") if s["executable"]]
        if ready and not demo.ask("/history?limit=1"):
            demo.tell(f"/execute/{ready[0]['id']}", {})
        time.sleep(2)
    pytest.fail("nothing was executed in seven minutes")


def test_curves_show_what_another_count_and_another_size_would_give(open_page: OpenPage, demo: Demo) -> None:
    """From the requests and keys that were recorded: the present point stands on each, also where nothing is suggested."""
    sized = wait_for_curve(demo, "caches")
    counted = wait_for_curve(demo, "workers")
    page = open_page(to=f"?page={counted}")
    shown(page, counted)
    expect(by(page, "worker-curve-present")).to_be_visible()
    expect(by(page, "worker-curve").locator("tbody tr").first).to_be_attached()
    expect(by(page, "time-spent").locator(".spent-parts dd").first).to_contain_text("%")
    page.goto(page.url.replace(counted, sized))
    shown(page, sized)
    expect(page.locator("[data-testid^=cache-curve-][data-testid$=-present]").first).to_be_visible()


def wait_for_curve(demo: Demo, what: str) -> str:
    """Return a plugin that has such a curve by now."""
    until = time.monotonic() + RIPE_SECONDS
    while time.monotonic() < until:
        for plugin in demo.ask("/plugins"):
            if demo.ask(f"/plugins/{plugin['plugin_id']}/curves")[what]:
                name: str = plugin["plugin_id"]
                return name
        time.sleep(5)
    pytest.fail(f"no plugin had a curve of {what} in seven minutes")
