"""Memory grows with time or requests, not with load."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Finding, FindingKind, Fleet, MemoryTrend, Message, Metric, Policies, Severity, Window
from ..models.growth import Growth, measure_growth
from ..models.series import memory_limit_bytes, until

F64 = NDArray[np.float64]

SOON_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class LeakDetector:
    """Finds plugins whose workers grow steadily since their start, still grow, and not because of more load.

    A restart resets the clock. What `models.growth` asks for is calibrated on autocorrelated noise; a leak that
    is hidden in noise larger than its growth within the window is looked for in the hours of a day, where those are kept
    (`models.day_trend`).
    """

    name: str = "leak"
    least_seconds: float = 60.0
    least_growth_bytes: float = 1_000_000.0  # since the clock began, per worker
    least_growth_ratio: float = 0.03
    least_day_ratio: float = 0.05  # of the level, over the hours of a day

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
        found = {window.plugin_ids[row] for row in np.flatnonzero(growth.steady & large)}
        for plugin_id in window.plugin_ids:
            view = fleet.views.get(plugin_id)
            if plugin_id not in found and view is not None and view.memory_trend is not None:
                yield from self._by_hours(plugin_id, view.memory_trend, fleet.now)

    def _by_hours(self, plugin_id: str, trend: MemoryTrend, now: float) -> Iterator[Finding]:
        """Yield what grows too slowly for a window of minutes, and shows over the hours of a day."""
        least = max(self.least_growth_bytes, self.least_day_ratio * trend.level_bytes)
        if trend.until > now or not trend.rises or trend.rise_bytes < least:
            return
        lasting = trend.until - trend.since
        told = {"growth_bytes_per_second": trend.rise_bytes / lasting, "lasting_seconds": lasting}
        yield Finding(
            plugin_id,
            Metric.MEMORY_BYTES,
            FindingKind.LEAK,
            Severity.INFO,  # no limit is near: the breach detector says where one is
            0.5,
            trend.since,
            trend.level_bytes,
            trend.level_bytes,
            (Message("memory_grows", told),),
        )


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
