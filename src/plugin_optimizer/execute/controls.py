"""Other plugins as witnesses: where they moved too, the change is neither to credit nor to blame."""

import math

import numpy as np
from numpy.typing import NDArray

from ..domain import Message, Metric, Window

F64 = NDArray[np.float64]

LEAST_CONTROLS = 3
POINTS = frozenset({Metric.CACHE_HIT_RATIO, Metric.ERROR_RATIO})  # compared by difference, all else by ratio


def environment_moved(
    metric: Metric, plugin_id: str, before: Window, after: Window, band: float, least_windows: int
) -> tuple[Message, ...]:
    """Return the objection that the same metric of the other plugins moved by more than `band`; else nothing.

    `band` is in points or on the log scale, as the metric is compared. Fewer than three other plugins with
    `least_windows` samples on both sides witness nothing.
    """
    others = [other for other in before.plugin_ids if other != plugin_id and other in after.plugin_ids]
    shifts = [_shift(metric, before.of(other, metric), after.of(other, metric), least_windows) for other in others]
    known = [shift for shift in shifts if not math.isnan(shift)]
    if len(known) < LEAST_CONTROLS:
        return ()
    median = float(np.median(known))
    if abs(median) <= band:
        return ()
    moved = {"shift_points": round(median, 4)} if metric in POINTS else {"effect_ratio": round(math.exp(median), 4)}
    return (Message("environment_changed", {"controls": len(known), **moved}),)


def _shift(metric: Metric, before: NDArray[np.float32], after: NDArray[np.float32], least: int) -> float:
    old, new = before[~np.isnan(before)], after[~np.isnan(after)]
    if min(len(old), len(new)) < least:
        return math.nan
    level, now = float(np.median(old)), float(np.median(new))
    if metric in POINTS:
        return now - level
    return math.log(now / level) if level > 0 and now > 0 else math.nan
