"""Ten thousand plugins on a real server: how long until they are listed, and what a notch of the wheel costs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import BrowserContext, Page, expect

from .figure import Figure, at_most
from .large_fleet import PASSWORD, USER, running_fleet
from .stage import BASE, Stage
from .tracing import Meter

PLUGINS, TURN_SECONDS = 10_000, 20.0  # to make up 80,000 new figures takes the processor from what is measured
VISITS, FRAMES, WHEEL_PX = 5, 40, 120
LIST_SECONDS, FRAME_MS = 1.0, 16.0
PATIENCE_MS = 120_000
ROW = "[data-testid^=plugin-row-]"
NOTE_LISTED = f"""const look = () => {{
    if (document.querySelector("{ROW}")) window.listed = performance.now(); else requestAnimationFrame(look);
}};
requestAnimationFrame(look);"""


def large_list(stage: Stage) -> Iterator[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-fleet-") as name,
        running_fleet(Path(name) / "fleet", PLUGINS, TURN_SECONDS) as fleet,
        stage.visit(known=False) as context,
    ):
        login = {"username": USER, "password": PASSWORD}
        context.request.post(f"{fleet.url}{BASE}/session", data=login, timeout=PATIENCE_MS)
        context.add_init_script(NOTE_LISTED)
        seconds = [_listed_seconds(context, fleet.dashboard) for _ in range(VISITS)]
        best = f" (best {min(seconds):.2f})"
        yield at_most(f"{PLUGINS:,} plugins: time to list", median(seconds), LIST_SECONDS, "s", best)
        page = context.new_page()
        page.goto(fleet.dashboard)
        expect(page.locator(ROW).first).to_be_visible(timeout=PATIENCE_MS)
        yield at_most(f"{PLUGINS:,} plugins: a frame of scrolling", _frame_ms(page), FRAME_MS, "ms")


def _listed_seconds(context: BrowserContext, url: str) -> float:
    """Return how long after the navigation began the first plugin of the list was in the page."""
    page = context.new_page()
    page.goto(url)
    expect(page.locator(ROW).first).to_be_visible(timeout=PATIENCE_MS)
    listed = float(page.evaluate("window.listed / 1000"))
    page.close()
    return listed


def _frame_ms(page: Page) -> float:
    """Return the CPU time of the main thread for a notch of the wheel, less that of asking for it; of both the median."""
    meter = Meter(page)
    page.evaluate("document.getElementById('plugins').scrollIntoView()")
    page.wait_for_timeout(3000)
    resting = median(_step_ms(page, meter, 0) for _ in range(FRAMES))
    return median(_step_ms(page, meter, WHEEL_PX) for _ in range(FRAMES)) - resting


def _step_ms(page: Page, meter: Meter, pixels: int) -> float:
    before = meter.cpu_milliseconds()
    page.evaluate(
        "pixels => new Promise(done => { scrollBy(0, pixels); requestAnimationFrame(() => requestAnimationFrame(done)); })",
        pixels,
    )
    return meter.cpu_milliseconds() - before
