"""What a page costs that is left open and watches."""

from collections.abc import Iterator

from .figure import Figure, at_most
from .first_load import executable
from .stage import Stage
from .tracing import Meter

WARM_MS = 15_000
CPU_MS_PER_SECOND, HEAP_MB = 10.0, 2.0


def left_open(stage: Stage) -> Iterator[Figure]:
    with stage.visit() as context:
        page = context.new_page()
        page.goto(executable(stage))
        page.wait_for_timeout(WARM_MS)
        meter = Meter(page)
        heap, cpu = meter.heap_bytes(), meter.cpu_milliseconds()
        page.wait_for_timeout(stage.seconds * 1000)
        spent = (meter.cpu_milliseconds() - cpu) / stage.seconds
        grown = (meter.heap_bytes() - heap) / 1e6
    yield at_most(f"page left open {stage.seconds:g} s: main thread", spent, CPU_MS_PER_SECOND, "ms/s")
    yield at_most(f"page left open {stage.seconds:g} s: heap", grown, HEAP_MB, "MB", " more")
