"""What twenty live charts of 2,000 points cost the main thread, a point added to each by every update."""

from collections.abc import Iterator
from statistics import median

from playwright.sync_api import Page

from .figure import Figure, at_most
from .stage import Stage
from .tracing import Meter

CHARTS, POINTS, UPDATE_MS = 20, 2_000, 10.0
UPDATE_SECONDS, UPDATES, ROUNDS = 6.0, 6, 3  # a half hour of 300 buckets is asked for anew every six seconds
SIZES = (("all on the screen", (1440, 6000)), ("in a window of 900 px", (1440, 900)))
SETTLING_MS = 6000


def live_charts(stage: Stage) -> Iterator[Figure]:
    """Measure the page of one plugin (canned), less what it does anyway meanwhile: the same page over a stretch of the past."""
    stage.canned.play("dense")
    for name, size in SIZES:
        costs = [_update_ms(stage, size) for _ in range(ROUNDS)]
        drawn = max(charts for charts, _ in costs)
        cost = median(milliseconds for _, milliseconds in costs)
        yield at_most(
            f"{CHARTS} live charts × {POINTS:,} points, {name} ({drawn} drawn): main thread per update (canned)",
            cost, UPDATE_MS, "ms",
        )  # fmt: skip


def _update_ms(stage: Stage, size: tuple[int, int]) -> tuple[int, float]:
    """Return how many charts were drawn, and the CPU time for one update of them."""
    with stage.visit(size=size, lang="en", known=False) as context:
        page = context.new_page()
        page.goto(f"{stage.canned.url}/plugin-optimization/?page=orders")
        page.get_by_test_id("chart-grid").locator("canvas").first.wait_for()
        page.wait_for_timeout(SETTLING_MS)
        drawn, live = page.locator("canvas").count(), _busy_ms(page)
        page.get_by_test_id("range-custom").click()
        page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_timeout(SETTLING_MS)
        return drawn, (live - _busy_ms(page)) / UPDATES


def _busy_ms(page: Page) -> float:
    """Return the CPU time of the main thread over as long as `UPDATES` updates take."""
    meter = Meter(page)
    before = meter.cpu_milliseconds()
    page.wait_for_timeout(UPDATES * UPDATE_SECONDS * 1000)
    return meter.cpu_milliseconds() - before
