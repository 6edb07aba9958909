"""May anything be proposed for a plugin just now? If not, why not."""

import numpy as np

from ..domain import Fleet, Message, Metric, PluginStatus, PluginView, Policy, Window

STALE_TURNS = 3


def reason_to_wait(view: PluginView, window: Window, fleet: Fleet) -> Message | None:
    """Return why no change of this plugin can be planned now; None where planning may go on."""
    if view.status is PluginStatus.INACTIVE:
        return Message("inactive")
    if view.in_flight:
        return Message("in_flight")
    if view.rest_until > fleet.now:
        return Message("cooling_down", {"remaining_seconds": view.rest_until - fleet.now})
    age = max(age_seconds(view.plugin.plugin_id, window, fleet.now), _unseen_seconds(view, window, fleet.now))
    if age > stale_after_seconds(view.policy, window):
        return Message("stale", {"age_seconds": age if np.isfinite(age) else None})
    return None


def stale_after_seconds(policy: Policy, window: Window) -> float:
    """Return the age from which data counts as missing: the policy's, and three turns at the least."""
    return max(STALE_TURNS * window.step_seconds, policy.stale_seconds)


def _unseen_seconds(view: PluginView, window: Window, now: float) -> float:
    """Return the time since the plugin itself was looked for, whatever its requests say; 0 if it never is."""
    known = np.flatnonzero(~np.isnan(window.of(view.plugin.plugin_id, Metric.UP)))
    return now - float(window.times[known[-1]]) if len(known) else 0.0


def age_seconds(plugin_id: str, window: Window, now: float) -> float:
    """Return the time since anything was measured of one plugin; inf if never."""
    if plugin_id not in window.plugin_ids or not len(window.times):
        return float("inf")
    row = window.plugin_ids.index(plugin_id)
    newest = -float("inf")
    for values in window.metrics.values():
        known = np.flatnonzero(~np.isnan(values[row]))
        if len(known):
            newest = max(newest, float(window.times[known[-1]]))
    return now - newest
