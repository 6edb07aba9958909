"""What twenty live charts of 2,000 points cost the main thread, a point added to each by every update."""

from collections.abc import Iterator

from playwright.sync_api import Page, Response

from .figure import Figure, at_most
from .stage import Stage
from .tracing import Meter

CHARTS, POINTS, UPDATE_MS = 20, 2_000, 10.0
UPDATES = 20  # two minutes: among so many answers two bring the whole stretch, as for whoever leaves the page open
SIZES = (("all on the screen", (1440, 6000)), ("in a window of 900 px", (1440, 900)))
SETTLING_MS = 6000
DRAWING_MS = 1500  # from an answer until it is surely drawn
ANSWER_MS = 60_000


def live_charts(stage: Stage) -> Iterator[Figure]:
    """Measure the page of one plugin (canned), less what it does anyway meanwhile: the same page over a stretch of the past.

    Updates are counted by the answers that came, not by the time that passed: what is asked for more rarely than it should be would
    else look cheaper than it is.
    """
    stage.canned.play("dense")
    for name, size in SIZES:
        drawn, cost = _update_ms(stage, size)
        yield at_most(
            f"{CHARTS} live charts × {POINTS:,} points, {name} ({drawn} drawn): main thread per update (canned)",
            cost, UPDATE_MS, "ms",
        )  # fmt: skip


def _update_ms(stage: Stage, size: tuple[int, int]) -> tuple[int, float]:
    """Return how many charts were drawn, and the mean CPU time of an update of them; both pages are open side by side."""
    with (
        stage.visit(size=size, lang="en", known=False) as beside,
        stage.visit(size=size, lang="en", known=False) as context,
    ):
        still, live = _opened(stage, beside.new_page()), _opened(stage, context.new_page())
        still.get_by_test_id("range-custom").click()
        still.get_by_role("button", name="Show", exact=True).click()
        live.wait_for_timeout(SETTLING_MS)
        _await_update(live)
        meters = Meter(live), Meter(still)
        before = [meter.cpu_milliseconds() for meter in meters]
        for _ in range(UPDATES):
            _await_update(live)
        busy, idle = (meter.cpu_milliseconds() - was for meter, was in zip(meters, before, strict=True))
        return live.locator("canvas").count(), (busy - idle) / UPDATES


def _opened(stage: Stage, page: Page) -> Page:
    page.goto(f"{stage.canned.url}/plugin-optimization/?page=orders")
    page.get_by_test_id("chart-grid").scroll_into_view_if_needed()
    page.get_by_test_id("chart-grid").locator("canvas").first.wait_for()
    return page


def _await_update(page: Page) -> None:
    with page.expect_response(_is_chart, timeout=ANSWER_MS):
        pass
    page.wait_for_timeout(DRAWING_MS)


def _is_chart(answer: Response) -> bool:
    return "/chart?" in answer.url
