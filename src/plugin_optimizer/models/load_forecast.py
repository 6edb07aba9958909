"""How much more will be asked in the next hour: what the last days did at this time, or how the last hour went."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .trend import theil_sen

F64 = NDArray[np.float64]
Past = Sequence[tuple[float, float]]

DAY_SECONDS, HOUR_SECONDS, QUARTER_SECONDS = 86_400.0, 3_600.0, 900.0
STEP_SECONDS = 300.0  # what the past is cut into
PAST_SECONDS = 7 * DAY_SECONDS + QUARTER_SECONDS
LEAST_DAYS = 3
KNOWN_SHARE = 0.8  # of a stretch
SEASONAL_GAIN = 0.7  # of the error of "as now": above it the days do not resemble each other enough to tell anything
DAYS_COVERED = 0.8  # of the days at this time, the plan is to be large enough for
SURE_Z = 3.0
MOST_TREND, MOST_RATIO = 1.5, 3.0  # beyond these nobody plans on the word of a forecast


@dataclass(frozen=True, slots=True)
class LoadForecast:
    """The busiest quarter of the next hour over the present load: expected, and what it stays below in 4 of 5 cases.

    `days` that it rests on; 0 for the trend of the last hour.
    """

    expected: float
    high: float
    days: int

    @property
    def headroom(self) -> float:
        """Return the factor to plan for: never less than the present load."""
        return min(max(1.0, self.high), MOST_RATIO)


def forecast_load(past: Past, now: float) -> LoadForecast | None:
    """Return the forecast; None where neither three days nor a sure trend of the last hour are known.

    `past` are (Unix seconds, requests per second) in any order, at least one in five minutes.

    | known                                     | expected                   | high                          |
    |-------------------------------------------|----------------------------|-------------------------------|
    | 3 days and more that rose (fell) alike    | median of their ratios     | 80 % quantile of their ratios |
    | 3 days and more, each in its own way      | 1: as now                  | the same                      |
    | less, and the last hour surely rises      | its line for another hour  | the upper end of its slope    |
    | less                                      | None                       |                               |

    Source for the gate: facts on analysis, section 5.3 (a profile must beat the value that it replaces).
    """
    at, load = steps_up_to(past, now)
    ratios = [ratio for day in range(1, 8) if (ratio := _rise(at, load, now - day * DAY_SECONDS)) is not None]
    if len(ratios) >= LEAST_DAYS:
        days = np.array(ratios)
        expected = float(np.median(days)) if resemble(days) else 1.0
        return LoadForecast(expected, max(expected, float(np.quantile(days, DAYS_COVERED))), len(days))
    return _trend(at, load, now)


def steps_up_to(past: Past, now: float) -> tuple[F64, F64]:
    """Return the ends of stretches of five minutes and the mean load of each: the same from whatever resolution."""
    known = np.array([(at, load) for at, load in past if at <= now], dtype=np.float64).reshape(-1, 2)
    steps, place = np.unique(np.ceil((known[:, 0] - now) / STEP_SECONDS), return_inverse=True)
    load: F64 = np.bincount(place, weights=known[:, 1], minlength=len(steps)) / np.bincount(place, minlength=len(steps))
    return now + steps * STEP_SECONDS, load


def mean_between(at: F64, load: F64, begin: float, end: float) -> float | None:
    """Return the mean in (begin, end]; None where less than 80 % of it is known."""
    own = load[(at > begin) & (at <= end)]
    return float(own.mean()) if len(own) >= KNOWN_SHARE * (end - begin) / STEP_SECONDS else None


def _rise(at: F64, load: F64, moment: float) -> float | None:
    """Return the busiest quarter of the hour after `moment` over the quarter before it; None where not all is known."""
    before = mean_between(at, load, moment - QUARTER_SECONDS, moment)
    edges = moment + QUARTER_SECONDS * np.arange(5)
    after = [mean_between(at, load, begin, end) for begin, end in pairwise(edges.tolist())]
    known = [quarter for quarter in after if quarter is not None]
    return max(known) / before if before and len(known) == len(after) else None


def resemble(ratios: F64) -> bool:
    """Tell whether each day is foretold by the others better than by "as now"."""
    others = np.array([np.median(np.delete(ratios, day)) for day in range(len(ratios))])
    return float(np.abs(ratios - others).sum()) < SEASONAL_GAIN * float(np.abs(ratios - 1.0).sum())


def _trend(at: F64, load: F64, now: float) -> LoadForecast | None:
    lately = at > now - HOUR_SECONDS
    present = mean_between(at, load, now - QUARTER_SECONDS, now)
    if not present or lately.sum() < KNOWN_SHARE * HOUR_SECONDS / STEP_SECONDS:
        return None
    trend = theil_sen(at[lately] - now, load[lately][None, :])
    if not (float(trend.z[0]) >= SURE_Z and float(trend.low[0]) > 0):
        return None
    middle, high = (1.0 + float(slope[0]) * HOUR_SECONDS / present for slope in (trend.slope, trend.high))
    return LoadForecast(min(middle, MOST_TREND), min(high, MOST_TREND), 0)
