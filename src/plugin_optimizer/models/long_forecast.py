"""Where a metric will be within the next day or week: from its hours, by days and weeks where those resemble each other."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .forecast_band import Band, BandPoint
from .horizon import foretell_each
from .time_grid import grid_by

F64 = NDArray[np.float64]
Past = Sequence[tuple[float, float]]

HOUR_SECONDS = 3_600.0
WEEKS_SECONDS = 56 * 86_400.0  # that hours are looked at
DAY_HOURS, WEEK_HOURS = 24, 168
AHEAD_HOURS: Mapping[str, tuple[int, ...]] = {
    "day": (1, 2, 3, 6, 9, 12, 18, 24),
    "week": (24, 48, 72, 96, 120, 144, 168),
}
MOST_MISSING = 0.2


def long_band(past: Past, now: float, aheads: Sequence[int], most: float = float("inf")) -> Band | None:
    """Return the band at so many hours from now; None where too little is known even for the nearest.

    `past` is (Unix seconds, value), at least one an hour. Since the first hour known at most a fifth may be missing; a
    missing hour takes the value before it. Each distance is foretold by what served best at that distance (`horizon`):
    plain forecasts, the same hour a day or a week ago. Nothing falls below 0 or rises above `most`.
    """
    hours = _hours(past, now)
    if not len(hours) or np.isnan(hours).mean() > MOST_MISSING:
        return None
    place = np.maximum.accumulate(np.where(np.isnan(hours), 0, np.arange(len(hours))))
    found = foretell_each(hours[place][None, :], aheads, (DAY_HOURS, WEEK_HOURS))
    points = [
        BandPoint(ahead * HOUR_SECONDS, *(min(max(0.0, float(v[0])), most) for v in (f.expected, f.low, f.high)))
        for ahead, f in zip(aheads, found, strict=True)
        if not np.isnan(f.low[0])
    ]
    return Band(tuple(points), 0) if points else None


def _hours(past: Past, now: float) -> F64:
    """Return means by the hour, from the first known one to the last whole one: [n], NaN where nothing was."""
    grid = grid_by(now - WEEKS_SECONDS, now // HOUR_SECONDS * HOUR_SECONDS, HOUR_SECONDS)
    means = grid.means([(at, value) for at, value in past if grid.begin <= at < grid.end])
    known = np.flatnonzero(~np.isnan(means))
    return means[known[0] :] if len(known) else means[:0]
