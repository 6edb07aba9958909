"""Judges whether memory stopped growing: what is held now, against what the old growth would have come to."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Verdict
from ..models.confidence import UNKNOWN, Bounds
from ..models.trend import theil_sen
from .judgement import Figures, Floor, Look, about, first_decision, verdict_of
from .window_judge import paired_series
from .window_series import GAUGES, WindowSeries

F64 = NDArray[np.float64]

METHOD = "windows"
LEAST_Z = 2.33  # Mann-Kendall: a growth that chance shows once in a hundred series
STOPPED = 0.5  # of the old slope: what grows more slowly than that has been halted


@dataclass(frozen=True, slots=True)
class Growth:
    """The trend before a change: `level` at `at` (Unix seconds), slopes per second with an 80 % interval."""

    at: float
    level: float
    slope: float
    low: float
    high: float

    def extrapolated(self, times: F64, slope: float) -> F64:
        return self.level + slope * (times - self.at)


def growth_of(series: WindowSeries) -> Growth | None:
    """Return the growth of a series; None where it does not surely grow."""
    known = ~np.isnan(series.values)
    if known.sum() < 4:
        return None
    times, values = series.at[known], series.values[known]
    at = float(np.median(times))
    trend = theil_sen(times - at, values[None, :])
    slope, low, high = float(trend.slope[0]), float(trend.low[0]), float(trend.high[0])
    if not (float(trend.z[0]) > LEAST_Z and low > 0):
        return None
    return Growth(at, float(trend.intercept[0]), slope, low, high)


def grows(metric: Metric, plugin_id: str, before: Observation, seconds: float) -> bool:
    """Tell whether the metric is memory that was growing before the change."""
    if metric not in GAUGES:
        return False
    return growth_of(paired_series(metric, plugin_id, before, before, seconds)[0]) is not None


@dataclass(frozen=True, slots=True)
class GrowthJudge:
    floor: Floor
    least_band: float
    least_windows_for_same: int
    window_seconds: float

    def judge(self, goal: Goal, plugin_id: str, before: Observation, after: Observation) -> Verdict:
        """Return the verdict over memory that was growing before (see `grows`).

        Better: the last windows all lie below the least that the growth would have come to, and it goes on at
        less than half its slope, if at all; or they lie below what half the growth since the change would have made of
        it, once the goal's effect was due. Same: the growth goes on as it was, beyond that moment. The figure before is what the growth
        would have come to in the last windows: what was held before the change says nothing about a leak.
        """
        old, new = paired_series(goal.metric, plugin_id, before, after, self.window_seconds)
        growth = growth_of(old)
        band = math.log1p(max(self.least_band, goal.least_effect))

        def look_at(looked: int) -> Look:
            if growth is None or not self.floor.reached(new.values[:looked], None):
                return Look(UNKNOWN, band)
            return Look(self._bounds(goal, growth, new.at[:looked], new.values[:looked], band), band)

        decided = first_decision(look_at, len(new.values), goal)
        figures = self._figures(growth, old, new)
        reasons = about(decided, goal, self.floor, new.values, None)
        return verdict_of(goal, METHOD, decided, figures, (*_was_growing(growth, figures), *reasons))

    def _figures(self, growth: Growth | None, old: WindowSeries, new: WindowSeries) -> Figures:
        """Compare the last windows: before the first restart the old growth goes on."""
        known = ~np.isnan(new.values)
        times, held = new.at[known][-self.floor.windows :], new.values[known][-self.floor.windows :]
        if growth is None or not len(held):
            return Figures(old.mean, math.nan, len(new.present), 0)
        would_be = float(growth.extrapolated(times, growth.slope).mean())
        return Figures(would_be, float(held.mean()), len(new.present), 0)

    def _bounds(self, goal: Goal, growth: Growth, at: F64, values: F64, band: float) -> Bounds:
        """Return what the last windows say about log(held / extrapolated)."""
        known = ~np.isnan(values)
        times, held = at[known], values[known]
        last = slice(-self.floor.windows, None)
        least, most = (growth.extrapolated(times[last], slope) for slope in (growth.low, growth.high))
        low, high = float(np.log(held[last] / most).min()), float(np.log(held[last] / least).max())
        mean = float(np.log(held[last] / growth.extrapolated(times[last], growth.slope)).mean())
        due = goal.effect_seconds <= float(at[-1] - at[0])
        fell = due and goal.effect_seconds > 0 and _fell(growth, times, held, self.floor.windows)
        if not (fell or _halted(growth, times, held)):
            high = max(high, 0.0)  # less memory that still grows is a fresh start, not a cure
        visible = math.log(float(least[-1]) / growth.level) > 2 * band
        late = visible and due and len(held) >= self.least_windows_for_same
        return Bounds(mean, low, high, low if late else -math.inf, high if late else math.inf, len(held))


def _was_growing(growth: Growth | None, figures: Figures) -> tuple[Message, ...]:
    if growth is None or math.isnan(figures.after):
        return ()
    return (Message("was_growing", {"growth_bytes_per_second": growth.slope, "would_be_bytes": figures.before}),)


def _halted(growth: Growth, times: F64, held: F64) -> bool:
    trend = theil_sen(times - times[0], held[None, :])
    return float(trend.high[0]) < STOPPED * growth.slope


def _fell(growth: Growth, times: F64, held: F64, windows: int) -> bool:
    """Tell whether the last windows lie below half the growth since the change, from the least that was held first.

    A fresh start that goes on to leak has come back to its line by the time the effect is due.
    """
    first = int(np.argmin(held[:windows]))
    half = held[first] + STOPPED * growth.slope * (times[-windows:] - times[first])
    return bool((held[-windows:] < half).all())
