"""Requests wait for a worker, or for a core."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..domain import (
    Finding,
    FindingKind,
    Fleet,
    Message,
    Metric,
    PluginView,
    Policies,
    RequestTrace,
    Severity,
    Window,
)
from ..models.overload import OfferedLoad, offered_load
from ..models.series import columns_of, known_lately, level, observed_seconds, recorded, until
from ..models.shares import QUEUE_SHARE_LIMIT, Bottleneck, Shares, cores_are_scarce, shares_of

CRITICAL_RATIO = 2.0  # p95 over the SLO


@dataclass(frozen=True, slots=True)
class SaturationDetector:
    """Finds plugins whose requests queue for workers (or for cores), by the recorded requests where there are any.

    Within the SLO it is worth an INFO only: queues are what makes servers cheap. What is found has to hold over
    `span_seconds` and still in the last `recent_seconds`, and the wait has to matter beside the SLO: so it is over
    soon after a change that helped. Without a probe the busy share of the workers decides.
    """

    name: str = "saturation"
    span_seconds: float = 60.0
    recent_seconds: float = 25.0
    mattering_ratio: float = 0.2  # of the SLO, from which a mean wait for a worker is worth a word
    least_requests: int = 100
    noticed_ratio: float = 0.5  # of the SLO, from which waits for a core are worth a word
    busy_ratio: float = 0.9  # without recorded requests: workers that are hardly ever free

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        for plugin_id in window.plugin_ids:
            view = fleet.views.get(plugin_id)
            if view is not None and len(view.trace):
                yield from self._by_requests(view, fleet)
        yield from self._by_busy_share(window, fleet, policies)

    def _by_requests(self, view: PluginView, fleet: Fleet) -> Iterator[Finding]:
        trace = recorded(view.trace, fleet.now - self.span_seconds, fleet.now)
        if len(trace) < self.least_requests or observed_seconds(trace) < self.span_seconds / 2:
            return
        cores = view.pool.cores if view.pool else float(fleet.cores)
        latest = recorded(trace, fleet.now - self.recent_seconds, fleet.now)
        if not (self._waits(latest, view) or cores_are_scarce(trace, cores)):
            return
        lately, shares = shares_of(latest, cores), shares_of(trace, cores, view.pool)
        if lately is None or shares is None:
            return
        offered, since = offered_load(trace), float(trace.arrival[0])
        if shares.bottleneck is Bottleneck.CPU:
            if self._computing_matters(shares, view) and self._computing_matters(lately, view):
                yield _cpu_finding(view, shares, since)
        elif self._wait_matters(lately, view) and (shares.bottleneck is Bottleneck.WORKERS or offered.growing):
            yield _queue_finding(view, lately, offered, since)

    def _waits(self, trace: RequestTrace, view: PluginView) -> bool:
        """Tell, cheaply, whether a wait may matter: most plugins of a fleet need no more than this."""
        waited = float(np.nansum(trace.queue_wait))
        return waited > 0 and waited >= self.mattering_ratio * view.policy.response_time_seconds * len(trace)

    def _wait_matters(self, shares: Shares, view: PluginView) -> bool:
        slo = view.policy.response_time_seconds
        return shares.queue >= QUEUE_SHARE_LIMIT and shares.mean_queue_seconds >= self.mattering_ratio * slo

    def _computing_matters(self, shares: Shares, view: PluginView) -> bool:
        slow = shares.p95_seconds >= self.noticed_ratio * view.policy.response_time_seconds
        return slow or shares.utilisation >= self.busy_ratio

    def _by_busy_share(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        busy = level(window, Metric.BUSY_RATIO)
        for row, plugin_id in enumerate(window.plugin_ids):
            view = fleet.views.get(plugin_id)
            if view is not None and len(view.trace):
                continue
            columns = columns_of(window, max(self.span_seconds / 2, policies.of(plugin_id).sustain_seconds))
            if not known_lately(busy[row : row + 1], columns)[0]:
                continue
            share = float(np.nanmedian(busy[row, -columns:]))
            if share >= self.busy_ratio:
                yield _busy_finding(plugin_id, share, self.busy_ratio, float(window.times[-columns]))


def _queue_finding(view: PluginView, shares: Shares, offered: OfferedLoad, since: float) -> Finding:
    slo = view.policy.response_time_seconds
    over = shares.p95_seconds / slo
    severity = Severity.WARNING if over > 1 or offered.growing else Severity.INFO
    evidence = [
        Message("requests_wait", {"share_ratio": shares.queue, "wait_seconds": shares.mean_queue_seconds}),
        Message("offered_load", {"load_workers": shares.load, "workers": view.pool.workers if view.pool else None}),
    ]
    if offered.growing:
        evidence.append(
            Message(
                "queue_grows",
                {
                    "arrivals_per_second": offered.arrivals_per_second,
                    "served_per_second": offered.completions_per_second,
                },
            )
        )
    return Finding(
        plugin_id=view.plugin.plugin_id,
        metric=Metric.QUEUE_WAIT_SECONDS,
        kind=FindingKind.SATURATION,
        severity=Severity.CRITICAL if over > CRITICAL_RATIO else severity,
        score=min(1.0, 0.5 + shares.queue / 2),
        since=since,
        value=shares.mean_queue_seconds,
        limit=slo,
        evidence=tuple(evidence),
    )


def _cpu_finding(view: PluginView, shares: Shares, since: float) -> Finding:
    breached = shares.p95_seconds > view.policy.response_time_seconds
    return Finding(
        plugin_id=view.plugin.plugin_id,
        metric=Metric.CPU_RATIO,
        kind=FindingKind.SATURATION,
        severity=Severity.WARNING if breached else Severity.INFO,
        score=min(1.0, 0.5 + shares.cpu_wait_of_wall / 2),
        since=since,
        value=shares.utilisation,
        limit=view.policy.cpu_ratio,
        evidence=(
            Message("waits_for_cpu", {"share_ratio": shares.cpu_wait_of_wall, "utilisation_ratio": shares.utilisation}),
        ),
    )


def _busy_finding(plugin_id: str, share: float, limit: float, since: float) -> Finding:
    return Finding(
        plugin_id=plugin_id,
        metric=Metric.BUSY_RATIO,
        kind=FindingKind.SATURATION,
        severity=Severity.WARNING,
        score=min(1.0, share),
        since=since,
        value=share,
        limit=limit,
        evidence=(Message("workers_busy", {"busy_ratio": share}),),
    )
