"""How memory moved over the last day, looked up for one plugin a turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..contracts import SampleStore
from ..domain import Fleet, MemoryTrend, Metric
from ..models.day_trend import BLOCK_ROWS, LEAST_BLOCKS, day_trend
from ..models.limit_chance import FAR_ROWS
from ..models.time_grid import grid_by
from ..models.time_to_limit import slope_of
from ..models.times_apart import TimesApart

F64 = NDArray[np.float64]

DAY_SECONDS, MINUTE_SECONDS = 86_400.0, 60.0
AGAIN_SECONDS = 600.0
READ = (Metric.MEMORY_BYTES, Metric.WORKERS, Metric.RESTARTS)
LEAST_KNOWN = 0.5  # of the minutes
LEAST_ROWS = 30


@dataclass(slots=True)
class PastMemory:
    """Looks at the plugin that was not looked at for the longest time, every ten minutes at most."""

    samples: SampleStore
    known: dict[str, tuple[float, MemoryTrend | None]] = field(default_factory=dict)

    def beside(self, fleet: Fleet) -> Fleet:
        """Return the fleet with what is known of each plugin's memory."""
        self.known = {name: self.known[name] for name in fleet.views if name in self.known}
        due = min(fleet.views, key=lambda name: self.known.get(name, (-np.inf, None))[0], default=None)
        if due is not None and not 0 <= fleet.now - self.known.get(due, (-np.inf, None))[0] < AGAIN_SECONDS:
            apart = TimesApart.of(fleet.views[due].policy)
            self.known[due] = (fleet.now, self._of(due, fleet.now, apart))
        found = {name: trend for name, (_, trend) in self.known.items() if trend is not None}
        if not found:
            return fleet
        views = {name: replace(fleet.views[name], memory_trend=trend) for name, trend in found.items()}
        return replace(fleet, views={**fleet.views, **views})

    def _of(self, plugin_id: str, now: float, apart: TimesApart) -> MemoryTrend | None:
        grid = grid_by(now - DAY_SECONDS, now // MINUTE_SECONDS * MINUTE_SECONDS, MINUTE_SECONDS)
        last = float(np.nextafter(grid.end, 0.0))
        found = self.samples.range(plugin_id, READ, grid.begin, last, grid.points)
        memory, workers, restarts = (grid.means(found.get(metric, ())) for metric in READ)
        memory[apart.maintenance_mask(grid.begin + MINUTE_SECONDS * np.arange(grid.points, dtype=np.float64))] = np.nan
        return memory_trend(memory, workers, restarts, grid.begin)


def memory_trend(memory: F64, workers: F64, restarts: F64, begin: float) -> MemoryTrend | None:
    """Return the trend since the last restart or other number of workers; None where too little is known.

    Each is [minutes] from `begin` on, NaN is missing. The slope of the last two hours takes thirty minutes, whether the
    floor of a day rises takes ten hours; before, `rises` is False.
    """
    first = _since(workers, restarts)
    own = memory[first:]
    known = ~np.isnan(own)
    if len(own) < LEAST_ROWS or known.mean() < LEAST_KNOWN:
        return None
    held = _held(own)
    trend = day_trend(own[None, :]) if len(own) >= LEAST_BLOCKS * BLOCK_ROWS else None
    line = slope_of(held[None, :])
    return MemoryTrend(
        since=begin + first * MINUTE_SECONDS,
        until=begin + len(memory) * MINUTE_SECONDS,
        rise_bytes=float(trend.rise[0]) if trend is not None else 0.0,
        error_bytes=float(trend.error[0]) if trend is not None else 0.0,
        rises=bool(trend is not None and trend.rises[0]),
        level_bytes=float(line.level[0]),
        slope=float(line.slope[0]) / MINUTE_SECONDS,
        slope_error=float(line.error[0]) / MINUTE_SECONDS,
        recent_bytes=tuple(held[-FAR_ROWS:].tolist()),
    )


def _since(workers: F64, restarts: F64) -> int:
    """Return the minute after the last one in which a worker was replaced, or another number of them ran."""
    other: Sequence[int] = np.flatnonzero(np.nan_to_num(restarts) > 0).tolist()
    seen = np.flatnonzero(~np.isnan(workers))
    changed = seen[1:][np.diff(workers[seen]) != 0].tolist()
    return int(max([0, *(minute + 1 for minute in (*other, *changed))]))


def _held(values: F64) -> F64:
    place = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
    first = int((~np.isnan(values)).argmax())
    held: F64 = values[np.where(place < 0, first, place)]
    return held
