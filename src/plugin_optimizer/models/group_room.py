"""How much CPU and memory a control group would use if its limits let it: what a larger limit is computed from."""

from dataclasses import dataclass
from math import ceil

from ..domain import Knob, Metric, Window
from .series import lately

SPAN_SECONDS = 60.0
ROOM = 1.1  # times what it would use: no limit is planned to be just enough
MEMORY_ROOM = 1.5
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Throttling:
    """Of the last minute: the share of periods in which the limit was used up, the cores it used, and those that stood still.

    A core that is stopped could have computed all that while, and need not have: `used + stopped` is the most it would have used
    without a limit, and what it used is the least.
    """

    ratio: float
    used_cores: float
    stopped_cores: float

    @property
    def most_cores(self) -> float:
        return self.used_cores + self.stopped_cores

    def wanted_percent(self) -> int:
        """Return the limit below which it may be stopped again, in whole tens of percent of a core."""
        return ceil(PERCENT * ROOM * self.most_cores / 10) * 10

    def ratio_under(self, cores: float) -> float:
        """Return the share of periods that a limit of so many cores is expected to stop it in.

        | limit                              | share                         |
        |------------------------------------|-------------------------------|
        | what it uses now                   | as now                        |
        | between                            | falls in a straight line      |
        | what it may use at most, and above | none                          |
        """
        if self.stopped_cores <= 0:
            return 0.0
        left = (self.most_cores - cores) / self.stopped_cores
        return self.ratio * min(1.0, max(0.0, left))


def throttling(window: Window, plugin_id: str, limit_cores: float) -> Throttling | None:
    """Return how its CPU limit stopped it over the last minute; None where that was not measured."""
    ratio, used, stopped = (
        lately(window, plugin_id, metric, SPAN_SECONDS)
        for metric in (Metric.THROTTLED_RATIO, Metric.CPU_CORES, Metric.THROTTLED_CORES)
    )
    if ratio != ratio or stopped != stopped:
        return None
    return Throttling(ratio, used if used == used else limit_cores * ratio, stopped)


def wanted_memory(knob: Knob, used_bytes: float) -> int:
    """Return the memory limit to plan for, in whole steps of the knob: half as much again as is used, or as it is limited to."""
    step = max(1, int(knob.step))
    limit = float(knob.value) if isinstance(knob.value, int | float) else 0.0
    return ceil(MEMORY_ROOM * max(used_bytes, limit) / step) * step
