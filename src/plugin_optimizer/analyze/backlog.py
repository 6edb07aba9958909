"""Tasks wait longer in their queue than they may."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Window
from ..models.series import columns_of, known_lately, level, until
from ..models.task_queue import task_queue

CRITICAL_RATIO = 10.0  # times what a task may wait


@dataclass(frozen=True, slots=True)
class BacklogDetector:
    """Finds queues in which tasks wait longer than the policy's `response_time_seconds`, over its `sustain_seconds` and still
    in the last two looks. Where no wait is known (nothing is worked off) nothing is found: that is no lack of processes.
    """

    name: str = "backlog"

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        waits, lengths = level(window, Metric.QUEUE_WAIT_SECONDS), level(window, Metric.QUEUE_LENGTH)
        for row in np.flatnonzero(~np.isnan(lengths).all(axis=1)):
            policy = policies.of(window.plugin_ids[row])
            columns = columns_of(window, policy.sustain_seconds)
            if not known_lately(waits[row : row + 1], columns)[0]:
                continue
            wait, limit = float(np.nanmedian(waits[row, -columns:])), policy.response_time_seconds
            if min(wait, float(np.nanmin(waits[row, -2:]))) > limit:
                yield self._finding(window, fleet, int(row), wait, limit, float(lengths[row, -columns:][-1]))

    def _finding(self, window: Window, fleet: Fleet, row: int, wait: float, limit: float, waiting: float) -> Finding:
        plugin_id = window.plugin_ids[row]
        evidence = [
            Message("tasks_wait", {"tasks": round(waiting) if np.isfinite(waiting) else None, "wait_seconds": wait})
        ]
        view = fleet.views.get(plugin_id)
        queue = task_queue(view, window) if view is not None else None
        if queue is not None and queue.growing:
            rates = {"arrivals_per_second": queue.arrivals_per_second, "served_per_second": queue.begun_per_second}
            evidence.append(Message("queue_grows", rates))
        waits = window.of(plugin_id, Metric.QUEUE_WAIT_SECONDS)
        within = np.flatnonzero(waits <= limit)
        begun = int(within[-1]) + 1 if len(within) else int(np.flatnonzero(~np.isnan(waits))[0])
        return Finding(
            plugin_id=plugin_id,
            metric=Metric.QUEUE_WAIT_SECONDS,
            kind=FindingKind.SATURATION,
            severity=Severity.CRITICAL if wait > CRITICAL_RATIO * limit else Severity.WARNING,
            score=float(np.clip(wait / (2 * limit), 0.5, 1.0)),
            since=float(window.times[min(begun, len(window.times) - 1)]),
            value=wait,
            limit=limit,
            evidence=tuple(evidence),
        )
