"""Other plugins as witnesses: where they moved too, that much the change is neither to credit nor to blame for."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..domain import Message, Metric, Window
from ..models.confidence import Bounds

F64 = NDArray[np.float64]

LEAST_CONTROLS = 3
POINTS = frozenset({Metric.CACHE_HIT_RATIO, Metric.ERROR_RATIO})  # compared by difference, all else by ratio
# Student's t, 0.99 quantile, for 2, 3 ... 10 degrees of freedom: a few witnesses know their own spread badly.
STUDENT = (6.965, 4.541, 3.747, 3.365, 3.143, 2.998, 2.896, 2.821, 2.764)
MEDIAN_VARIANCE = math.pi / 2  # of a median, times that of the mean (normal)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What `controls` other plugins did meanwhile: their median `shift` and how far one of them may lie from it
    (`spread`), in points or on the log scale, as the metric is compared. Without a shift nothing is known to have moved.
    """

    controls: int = 0
    shift: float = 0.0
    spread: float = 0.0

    @property
    def moved(self) -> bool:
        return self.shift != 0.0

    @property
    def agreed_shift(self) -> float:
        """Return the shift; 0 where they differ so much that one more of their kind may as well have stood still.

        For a plugin that can be compared with itself (its service times): its own figure then says more than theirs.
        """
        return self.shift if abs(self.shift) > self.spread else 0.0

    def beside(self, bounds: Bounds) -> Bounds:
        """Return what is known of an effect once the common shift is taken off it, less sure by the spread."""
        if not self.moved or not bounds.windows:
            return bounds
        off, wide = self.shift, self.spread
        lows = {name: getattr(bounds, name) - off - wide for name in ("low", "same_low")}
        highs = {name: getattr(bounds, name) - off + wide for name in ("high", "same_high")}
        return replace(bounds, mean=bounds.mean - off, **lows, **highs)

    def told(self, code: str, metric: Metric) -> Message:
        """Say it as a reason."""
        if metric in POINTS:
            return Message(code, {"controls": self.controls, "shift_points": round(self.shift, 4)})
        return Message(code, {"controls": self.controls, "effect_ratio": round(math.exp(self.shift), 4)})


def surroundings(
    metric: Metric, plugin_id: str, before: Window, after: Window, band: float, least_windows: int, columns: int
) -> Surroundings:
    """Return by how much the same metric of the other plugins moved, if by more than `band`.

    Only the first `columns` of `after` are looked at. `band` is in points or on the log scale. Fewer than three other
    plugins with `least_windows` samples on both sides witness nothing.
    """
    others = [other for other in before.plugin_ids if other != plugin_id and other in after.plugin_ids]
    pairs = [(before.of(other, metric), after.of(other, metric)[:columns]) for other in others]
    shifts = np.array([_shift(metric, old, new, least_windows) for old, new in pairs])
    known = shifts[~np.isnan(shifts)]
    if len(known) < LEAST_CONTROLS:
        return Surroundings()
    median = float(np.median(known))
    if abs(median) <= band:
        return Surroundings()
    return Surroundings(len(known), median, _spread(known))


def _spread(shifts: F64) -> float:
    """Return how far one more plugin of that kind may lie from the median of the others (98 % prediction interval)."""
    count = len(shifts)
    quantile = STUDENT[min(count - LEAST_CONTROLS, len(STUDENT) - 1)]
    return quantile * float(shifts.std(ddof=1)) * math.sqrt(1 + MEDIAN_VARIANCE / count)


def _shift(metric: Metric, before: NDArray[np.float32], after: NDArray[np.float32], least: int) -> float:
    old, new = before[~np.isnan(before)], after[~np.isnan(after)]
    if min(len(old), len(new)) < least:
        return math.nan
    level, now = float(np.median(old)), float(np.median(new))
    if metric in POINTS:
        return now - level
    return math.log(now / level) if level > 0 and now > 0 else math.nan
