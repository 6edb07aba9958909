"""Is there enough data, and fresh enough, for a decision that nobody looks at?"""

import numpy as np
from numpy.typing import NDArray

from ..domain import Message, Metric, Policy, Window
from ..models.series import level
from ..models.standing import stale_after_seconds

Flags = NDArray[np.bool_]

LEAST_COVERAGE = 0.9  # of the looks since the plugin was first seen in the window
LEAST_SECONDS = 60.0


def thin(window: Window, plugin_id: str, metric: Metric, policy: Policy, now: float) -> Message | None:
    """Return why what is known of a plugin is too old or has too many gaps; None where it suffices.

    `metric` is what the decision is about. Where nothing was asked there is nothing to measure of it: no gap.
    """
    columns = int(np.searchsorted(window.times, now + 1e-6, side="right"))
    times = window.times[:columns]
    for each in (Metric.UP, metric):
        known = _known(window, plugin_id, each)[:columns]
        begun = np.flatnonzero(_known(window, plugin_id, Metric.UP)[:columns])
        newest = np.flatnonzero(known)
        age = now - float(times[newest[-1]]) if len(newest) else float("inf")
        if age > stale_after_seconds(policy, window):
            return Message("stale", {"age_seconds": age if np.isfinite(age) else None})
        seen = known[begun[0] :] if len(begun) else known[:0]
        enough = len(seen) * window.step_seconds >= LEAST_SECONDS
        coverage = float(seen.mean()) if len(seen) else 0.0
        if not enough or coverage < LEAST_COVERAGE:
            return Message("thin_data", {"metric": each.value, "coverage_ratio": coverage})
    return None


def _known(window: Window, plugin_id: str, metric: Metric) -> Flags:
    """Return at which looks there is something to go by: [T]."""
    if plugin_id not in window.plugin_ids:
        return np.zeros(len(window.times), dtype=np.bool_)
    row = window.plugin_ids.index(plugin_id)
    measured: Flags = np.asarray(~np.isnan(level(window, metric)[row]))
    if metric is Metric.UP:
        return measured
    return np.asarray(measured | (window.of(plugin_id, Metric.REQUESTS) == 0))
