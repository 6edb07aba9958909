"""A limit of its control group stops a plugin, or has its processes killed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Window
from ..models.series import F64, columns_of, known_lately, level, until


@dataclass(frozen=True, slots=True)
class LimitsDetector:
    """Finds plugins whose CPU limit was used up in `throttled_ratio` of its periods or more, over `span_seconds` (or
    the policy's `sustain_seconds`, where that is longer) and still at the last two looks; and those of which the kernel killed a process for memory within `kill_seconds`.

    Source of the quarter: kubernetes-mixin, alert CPUThrottlingHigh (`cpuThrottlingPercent: 25`).
    """

    name: str = "limits"
    throttled_ratio: float = 0.25
    span_seconds: float = 60.0
    kill_seconds: float = 600.0

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        if len(window.times):
            yield from self._throttled(window, policies)
            yield from self._killed(window)

    def _throttled(self, window: Window, policies: Policies) -> Iterator[Finding]:
        ratios, stopped = level(window, Metric.THROTTLED_RATIO), level(window, Metric.THROTTLED_CORES)
        for row in np.flatnonzero((ratios >= self.throttled_ratio).any(axis=1)):
            plugin_id = window.plugin_ids[row]
            columns = columns_of(window, max(self.span_seconds, policies.of(plugin_id).sustain_seconds))
            last = ratios[row, -columns:]
            if (
                not known_lately(ratios[row : row + 1], columns)[0]
                or np.nanmin(ratios[row, -2:]) < self.throttled_ratio
            ):
                continue
            ratio = float(np.nanmedian(last))
            if ratio < self.throttled_ratio:
                continue
            cores = stopped[row, -columns:]
            told = {"share_ratio": ratio, "cores": float(np.nanmean(cores)) if not np.isnan(cores).all() else None}
            yield Finding(
                plugin_id, Metric.THROTTLED_RATIO, FindingKind.SATURATION, Severity.WARNING, min(1.0, 0.5 + ratio / 2),
                self._since(window, ratios[row]), ratio, self.throttled_ratio, (Message("throttled_by_limit", told),),
            )  # fmt: skip

    def _since(self, window: Window, ratios: F64) -> float:
        """Return the first time after which it was never known to be below the bar."""
        below = np.flatnonzero(ratios < self.throttled_ratio)
        known = np.flatnonzero(~np.isnan(ratios))
        first = known[known > below[-1]][0] if len(below) else known[0]
        return float(window.times[first])

    def _killed(self, window: Window) -> Iterator[Finding]:
        columns = columns_of(window, self.kill_seconds)
        kills = window.series(Metric.OOM_KILLS)[:, -columns:]
        for row in np.flatnonzero(np.nansum(kills, axis=1) > 0):
            count = float(np.nansum(kills[row]))
            first = float(window.times[-columns:][np.flatnonzero(kills[row] > 0)[0]])
            said = Message("killed_for_memory", {"processes": round(count), "span_seconds": self.kill_seconds})
            yield Finding(
                window.plugin_ids[row], Metric.OOM_KILLS, FindingKind.THRESHOLD, Severity.CRITICAL, 1.0, first, count, 0.0, (said,)
            )  # fmt: skip
