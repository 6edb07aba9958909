"""A plugin is gone, or comes and goes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Finding, FindingKind, Fleet, Message, Metric, PluginStatus, PluginView, Policies, Severity, Window
from ..models.series import columns_of, until

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class InactiveDetector:
    """Finds plugins that were looked for and are not there, those whose workers are replaced again and again, those of whose
    processes some do not come up, and those that run and fail their own health check.

    Two looks in a row have to miss it. One that was never seen has to be missing for `absent_seconds`.
    """

    name: str = "inactive"
    absent_seconds: float = 30.0
    restarts: int = 3
    restart_seconds: float = 120.0

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        if not len(window.times):
            return
        up, replaced = window.series(Metric.UP), window.series(Metric.RESTARTS)
        failed, healthy = window.series(Metric.FAILED_WORKERS), window.series(Metric.HEALTHY)
        for row, plugin_id in enumerate(window.plugin_ids):
            fresh = policies.of(plugin_id).stale_seconds
            view = fleet.views.get(plugin_id)
            yield from self._absent(window, plugin_id, up[row], view, fleet.now - fresh)
            yield from self._restarting(window, plugin_id, replaced[row], view, fleet.now - fresh)
            yield from _failing(window, plugin_id, failed[row], fleet.now - fresh)
            yield from _ill(window, plugin_id, healthy[row], fleet.now - fresh)

    def _absent(
        self, window: Window, plugin_id: str, up: Floats, view: PluginView | None, oldest: float
    ) -> Iterator[Finding]:
        looks = np.flatnonzero(~np.isnan(up))
        if len(looks) < 2 or window.times[looks[-1]] < oldest or up[looks[-2:]].any():
            return
        present = np.flatnonzero(up > 0)
        since = float(window.times[looks[looks > present[-1]][0] if len(present) else looks[0]])
        if not len(present) and view is not None and view.status is PluginStatus.INACTIVE and 0 < view.since < since:
            since = view.since  # gone for longer than the window reaches back
        missing = float(window.times[looks[-1]]) - since + window.step_seconds
        if not len(present) and missing < self.absent_seconds:
            return
        evidence = Message("not_found", {"since_at_seconds": since, "was_seen": bool(len(present))})
        yield Finding(plugin_id, Metric.UP, FindingKind.INACTIVE, Severity.CRITICAL, 1.0, since, 0.0, 1.0, (evidence,))

    def _restarting(
        self,
        window: Window,
        plugin_id: str,
        replaced: Floats,
        view: PluginView | None,
        oldest: float,
    ) -> Iterator[Finding]:
        columns = columns_of(window, self.restart_seconds)
        last = replaced[-columns:]
        times = window.times[-columns:]
        seen = np.flatnonzero(last > 0)
        if len(seen) < self.restarts or times[np.flatnonzero(~np.isnan(last))[-1]] < oldest:
            return
        count = float(np.nansum(last))
        if count <= 1.5 * _recycled(window, plugin_id, view, columns) + 2:
            return
        evidence = Message("keeps_restarting", {"restarts": round(count), "span_seconds": self.restart_seconds})
        yield Finding(
            plugin_id,
            Metric.RESTARTS,
            FindingKind.RESTARTING,
            Severity.WARNING,
            min(1.0, count / (2 * self.restarts)),
            float(times[seen[0]]),
            count,
            float(self.restarts),
            (evidence,),
        )


def _failing(window: Window, plugin_id: str, failed: Floats, oldest: float) -> Iterator[Finding]:
    """Two looks in a row have to see one: a process that is just being started anew is none."""
    looks = np.flatnonzero(~np.isnan(failed))
    if len(looks) < 2 or window.times[looks[-1]] < oldest or not (failed[looks[-2:]] >= 1).all():
        return
    well = looks[failed[looks] < 1]
    since = float(window.times[looks[looks > well[-1]][0] if len(well) else looks[0]])
    count = float(failed[looks[-1]])
    evidence = Message("processes_fail", {"failed_workers": round(count), "since_at_seconds": since})
    yield Finding(
        plugin_id, Metric.FAILED_WORKERS, FindingKind.INACTIVE, Severity.WARNING, 0.8, since, count, 0.0, (evidence,)
    )


def _ill(window: Window, plugin_id: str, healthy: Floats, oldest: float) -> Iterator[Finding]:
    """Two looks in a row have to see it; whoever asks it counts its failures beforehand, too."""
    looks = np.flatnonzero(~np.isnan(healthy))
    if len(looks) < 2 or window.times[looks[-1]] < oldest or healthy[looks[-2:]].any():
        return
    well = looks[healthy[looks] > 0]
    since = float(window.times[looks[looks > well[-1]][0] if len(well) else looks[0]])
    evidence = Message("health_check_fails", {"since_at_seconds": since})
    yield Finding(plugin_id, Metric.HEALTHY, FindingKind.INACTIVE, Severity.CRITICAL, 1.0, since, 0.0, 1.0, (evidence,))


def _recycled(window: Window, plugin_id: str, view: PluginView | None, columns: int) -> float:
    """Return how many workers were due to be replaced after their `max_requests`."""
    knob = view.knob("max_requests") if view else None
    if knob is None or not isinstance(knob.value, int | float) or knob.value <= 0:
        return 0.0
    return float(np.nansum(window.of(plugin_id, Metric.REQUESTS)[-columns:])) / float(knob.value)
