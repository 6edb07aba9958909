"""Since when a pool runs with the workers it has: requests of before tell nothing of how it does now."""

import numpy as np

from ..domain import Metric, PluginView, Pool, Window
from .knob_space import THREADS
from .series import level

START_UP_SECONDS = 10.0
ALWAYS = -float("inf")


def running_since(view: PluginView, window: Window) -> float:
    """Return since when the present count of workers and threads runs, as far as we can tell (−inf if it always did).

    The first seconds after a plugin was seen for the first time, or its count changed, are left out: workers that
    start up make requests wait as no count of them does later. Where it is known that the workers were there
    before we looked, nothing is left out.
    """
    turned = max((change.at for change in view.setting_changes if change.knob == THREADS), default=ALWAYS)
    return max(turned + START_UP_SECONDS, _count_since(view, window))


def _count_since(view: PluginView, window: Window) -> float:
    plugin_id = view.plugin.plugin_id
    if plugin_id not in window.plugin_ids or not len(window.times):
        return ALWAYS
    counts = level(window, Metric.WORKERS)[window.plugin_ids.index(plugin_id)]
    known = np.flatnonzero(~np.isnan(counts))
    if not len(known):
        return ALWAYS
    other = known[counts[known] != counts[known[-1]]]
    if len(other):
        return float(window.times[other[-1]]) + START_UP_SECONDS
    if known[0] == 0:
        return ALWAYS
    seen_at = float(window.times[known[0]]) + START_UP_SECONDS
    return min(seen_at, _started_at(view.pool) + START_UP_SECONDS)


def _started_at(pool: Pool | None) -> float:
    """Return when the youngest worker started (Unix seconds); inf where that is not known of all."""
    if pool is None or len(pool.spawned) < pool.workers:
        return float("inf")
    return max(pool.spawned.values())
