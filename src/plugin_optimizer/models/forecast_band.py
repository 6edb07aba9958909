"""Where a metric will be within the next hour: what it is expected to be, and a band that holds it four times in five."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .horizon import foretell_each
from .load_forecast import DAY_SECONDS, LEAST_DAYS, QUARTER_SECONDS, mean_between, resemble, steps_up_to

F64 = NDArray[np.float64]
Past = Sequence[tuple[float, float]]

RECENT_SECONDS = DAY_SECONDS  # of which changes are taken
MINUTE_SECONDS = 60.0
LEVEL_MINUTES = 5
LEAST_LEVEL_MINUTES = 3
AHEAD_MINUTES = (1, 2, 5, 10, 15, 20, 30, 45, 60)
LONGER = 5  # times the way ahead: so much of the past has to be known before its changes tell anything
LEAST_CHANGES = 20
WHOLE_MINUTES, MOST_MISSING = 300, 0.1
BELOW, ABOVE = 0.1, 0.9
# One-sided 90 % of Student's t by degrees of freedom: a band of 80 % from few days.
T90 = {2: 1.886, 3: 1.638, 4: 1.533, 5: 1.476, 6: 1.440}


@dataclass(frozen=True, slots=True)
class BandPoint:
    """The metric `ahead_seconds` from now, in its own unit: the middle, and the ends of the 80 % band."""

    ahead_seconds: float
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Band:
    """Ascending in time. `days` that it rests on; 0 where it rests on how much the metric has changed lately."""

    points: tuple[BandPoint, ...]
    days: int


def forecast_band(recent: Past, week: Past, now: float, most: float = float("inf")) -> Band | None:
    """Return the band; None where too little is known even for the next minute.

    `recent` is (Unix seconds, value) of up to a day, at least one a minute; `week` of up to seven days, at least one in
    five minutes. Nothing falls below 0 or rises above `most`.

    | known                                       | the band                                                         |
    |---------------------------------------------|------------------------------------------------------------------|
    | 3 days and more that went alike             | their ratios to "now", as logarithms, with Student's t           |
    | else, five hours nearly without holes       | the plain forecast that served best so far (`horizon`)           |
    | else, for each way ahead                    | 10 % and 90 % quantiles of what that long a time changed before  |
    | less than five times that way of past       | ends before it                                                   |

    Sources: prediction interval of a normal sample, x̄ ± t·s·√(1 + 1/n) (Hahn, Meeker, Statistical Intervals 1991, section
    4.7); empirical intervals from past errors at the same distance (Williams, Goodman, A simple method for the
    construction of empirical confidence limits for economic forecasts, 1971).
    """
    found = _by_days(week, now) or _by_changes(recent, now)
    if found is None:
        return None
    return Band(tuple(_bounded(point, most) for point in found.points), found.days)


def _bounded(point: BandPoint, most: float) -> BandPoint:
    expected, low, high = (min(max(0.0, value), most) for value in (point.expected, point.low, point.high))
    return BandPoint(point.ahead_seconds, expected, low, high)


def _by_days(week: Past, now: float) -> Band | None:
    at, value = steps_up_to(week, now)
    level = mean_between(at, value, now - QUARTER_SECONDS, now)
    rows = [row for day in range(1, 8) if (row := _ratios(at, value, now - day * DAY_SECONDS)) is not None]
    if not level or len(rows) < LEAST_DAYS or not resemble(np.array([max(row) for row in rows])):
        return None
    points = []
    for quarter, ratios in enumerate(zip(*rows, strict=True)):
        logs = np.log(np.array(ratios))
        width = T90[min(len(logs) - 1, max(T90))] * float(logs.std(ddof=1)) * sqrt(1 + 1 / len(logs))
        middle = float(logs.mean())
        ends = (level * float(np.exp(middle + side * width)) for side in (0.0, -1.0, 1.0))
        points.append(BandPoint((quarter + 0.5) * QUARTER_SECONDS, *ends))
    return Band(tuple(points), len(rows))


def _ratios(at: F64, value: F64, moment: float) -> list[float] | None:
    """Return the four quarters after `moment` over the one before it; None where one is not known or nothing."""
    before = mean_between(at, value, moment - QUARTER_SECONDS, moment)
    edges = moment + QUARTER_SECONDS * np.arange(5)
    after = [mean_between(at, value, begin, end) for begin, end in pairwise(edges.tolist())]
    known = [quarter for quarter in after if quarter]
    return [quarter / before for quarter in known] if before and len(known) == len(after) else None


def _by_changes(recent: Past, now: float) -> Band | None:
    minutes = _minutes(recent, now)
    if len(minutes) < LEVEL_MINUTES:
        return None
    level = _levels(minutes)
    if np.isnan(level[-1]):
        return None
    if len(minutes) >= WHOLE_MINUTES and not np.isnan(minutes[-WHOLE_MINUTES:]).mean() > MOST_MISSING:
        return Band(_foretold(minutes[-WHOLE_MINUTES:]), 0)
    points = []
    for ahead in AHEAD_MINUTES:
        changes = minutes[ahead:] - level[:-ahead]
        changes = changes[~np.isnan(changes)]
        if len(minutes) < LONGER * ahead or len(changes) < LEAST_CHANGES:
            break
        low, middle, high = np.quantile(changes, (BELOW, 0.5, ABOVE)).tolist()
        now_at = float(level[-1])
        points.append(BandPoint(ahead * MINUTE_SECONDS, now_at + middle, now_at + low, now_at + high))
    return Band(tuple(points), 0) if points else None


def _foretold(minutes: F64) -> tuple[BandPoint, ...]:
    """Return the band by the plain forecast that served best so far; a missing minute takes the value before it."""
    known = ~np.isnan(minutes)
    place = np.maximum.accumulate(np.where(known, np.arange(len(minutes)), int(known.argmax())))
    found = foretell_each(minutes[place][None, :], AHEAD_MINUTES)
    return tuple(
        BandPoint(ahead * MINUTE_SECONDS, float(f.expected[0]), float(f.low[0]), float(f.high[0]))
        for ahead, f in zip(AHEAD_MINUTES, found, strict=True)
    )


def _minutes(recent: Past, now: float) -> F64:
    """Return means by the minute, the last one ending now, from the first known minute on: [n], NaN where nothing was."""
    known = np.array([(at, value) for at, value in recent if now - RECENT_SECONDS < at <= now]).reshape(-1, 2)
    if not len(known):
        return np.empty(0)
    age = ((now - known[:, 0]) // MINUTE_SECONDS).astype(np.int64)
    count = np.bincount(age)
    with np.errstate(invalid="ignore"):
        means: F64 = np.bincount(age, weights=known[:, 1]) / count
    return means[::-1]


def _levels(minutes: F64) -> F64:
    """Return for each minute the mean of the five that end with it: [n], NaN where fewer than three are known."""
    known = ~np.isnan(minutes)
    sums, counts = (
        np.convolve(values, np.ones(LEVEL_MINUTES))[: len(minutes)]
        for values in (np.where(known, minutes, 0.0), known.astype(np.float64))
    )
    level: F64 = np.where(counts >= LEAST_LEVEL_MINUTES, sums / np.maximum(counts, 1.0), np.nan)
    return level
