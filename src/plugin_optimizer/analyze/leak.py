"""Memory grows with time or requests, not with load."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Window
from ..models.growth import Growth, measure_growth
from ..models.series import memory_limit_bytes, until

F64 = NDArray[np.float64]

SOON_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class LeakDetector:
    """Finds plugins whose workers grow steadily since their start, still grow, and not because of more load.

    A restart resets the clock. What `models.growth` asks for is calibrated on autocorrelated noise; a leak that
    is hidden in noise larger than its growth within the window stays unseen.
    """

    name: str = "leak"
    least_seconds: float = 60.0
    least_growth_bytes: float = 1_000_000.0  # since the clock began, per worker
    least_growth_ratio: float = 0.03

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        if len(window.times) * window.step_seconds < self.least_seconds:
            return
        del policies
        growth = measure_growth(window, self.least_seconds)
        large = growth.gained_bytes >= np.maximum(
            self.least_growth_bytes, self.least_growth_ratio * (growth.level_bytes - growth.gained_bytes)
        )
        for row in np.flatnonzero(growth.steady & large):
            plugin_id = window.plugin_ids[row]
            yield _finding(plugin_id, growth, int(row), memory_limit_bytes(window, fleet, plugin_id))


def _finding(plugin_id: str, growth: Growth, row: int, limit: float) -> Finding:
    left = growth.seconds_to(row, limit)
    evidence = [
        Message(
            "memory_grows",
            {"growth_bytes_per_second": float(growth.slope[row]), "lasting_seconds": growth.seconds(row)},
        )
    ]
    if growth.bytes_per_request[row] > 0:
        evidence.append(Message("memory_per_request", {"growth_bytes": float(growth.bytes_per_request[row])}))
    if left is not None:
        expected, low, high = left
        params = {"time_seconds": expected, "low_seconds": low, "high_seconds": high, "limit_bytes": limit}
        evidence.append(Message("memory_limit_reached", params))
    soon = left is not None and left[0] < SOON_SECONDS
    return Finding(
        plugin_id=plugin_id,
        metric=Metric.MEMORY_BYTES,
        kind=FindingKind.LEAK,
        severity=Severity.CRITICAL if soon else Severity.WARNING,
        score=float(np.clip(growth.certainty[row], 0.5, 1.0)),
        since=float(growth.since[row]),
        value=float(growth.total_bytes[row]),
        limit=limit if np.isfinite(limit) else float(growth.total_bytes[row]),
        evidence=tuple(evidence),
    )
