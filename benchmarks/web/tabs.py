"""How many tabs of one browser live at once."""

from collections.abc import Iterator

from .figure import Figure, exactly
from .first_load import executable
from .stage import Stage

TABS, PATIENCE_SECONDS = 10, 60


def tabs(stage: Stage) -> Iterator[Figure]:
    url = executable(stage)
    with stage.visit() as context:
        pages = [context.new_page() for _ in range(TABS)]
        for page in pages:
            page.goto(url)
        live = "document.querySelector('[data-testid=connection]')?.dataset.state === 'stream'"
        for _ in range(PATIENCE_SECONDS):
            count = sum(page.evaluate(live) for page in pages)
            if count == TABS:
                break
            pages[0].wait_for_timeout(1000)
    yield exactly("tabs of one browser that are live at once", count, TABS)
