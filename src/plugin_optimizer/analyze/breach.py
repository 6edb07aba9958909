"""A limit will be reached, and when."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..domain import Finding, FindingKind, Fleet, MemoryTrend, Message, Metric, Policies, Severity, Window
from ..models.limit_chance import limit_chance
from ..models.series import memory_limit_bytes, until
from ..models.time_to_limit import SURE_Z, Z80

MINUTE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class BreachDetector:
    """Finds plugins whose memory will reach its limit within `ahead_seconds`, by its line of the last two hours.

    A date is named only where the slope is three of its own errors above none (`models.time_to_limit`). How likely it is to
    come within `soon_seconds` is asked of more than a line (`models.limit_chance`): a warning from `likely` on, and what is likelier
    goes first. Fails for what levels off below its limit hours from now: a line does not know that it ends.
    """

    name: str = "breach"
    ahead_seconds: float = 86_400.0
    soon_seconds: float = 3_600.0
    likely: float = 0.1

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        del policies
        window = until(window, fleet.now)
        for plugin_id in window.plugin_ids:
            view = fleet.views.get(plugin_id)
            trend = view.memory_trend if view is not None else None
            if trend is None or trend.until > fleet.now:
                continue
            limit = memory_limit_bytes(window, fleet, plugin_id)
            reached = _reached(trend, limit)
            if reached is None or reached[0] > self.ahead_seconds:
                continue
            yield self._finding(plugin_id, trend, limit, *reached)

    def _finding(
        self, plugin_id: str, trend: MemoryTrend, limit: float, expected: float, low: float, high: float
    ) -> Finding:
        told = {"time_seconds": expected, "low_seconds": low, "high_seconds": high, "limit_bytes": limit}
        chance = self._chance(trend, limit, low)
        evidence = [Message("memory_limit_reached", told)]
        if chance >= self.likely:
            params = {"chance_ratio": chance, "within_seconds": self.soon_seconds}
            evidence.append(Message("memory_limit_chance", params))
        return Finding(
            plugin_id,
            Metric.MEMORY_BYTES,
            FindingKind.BREACH,
            Severity.WARNING if chance >= self.likely else Severity.INFO,
            0.5 + 0.5 * max(chance, 1 - expected / self.ahead_seconds),
            trend.until,
            trend.level_bytes,
            limit,
            tuple(evidence),
        )

    def _chance(self, trend: MemoryTrend, limit: float, low: float) -> float:
        """Return the chance that the limit comes within `soon_seconds`; 0 where even the early end is twice as far."""
        if low > 2 * self.soon_seconds:
            return 0.0
        rows = np.array([trend.recent_bytes], dtype=np.float64)
        return float(limit_chance(rows, limit, round(self.soon_seconds / MINUTE_SECONDS))[0])


def _reached(trend: MemoryTrend, limit: float) -> tuple[float, float, float] | None:
    """Return the seconds until the limit and the ends of their 80 % interval; None where no date can be named."""
    left = limit - trend.level_bytes
    if not left > 0 or not trend.slope > 0 or trend.slope < SURE_Z * trend.slope_error:
        return None
    reach = Z80 * trend.slope_error
    return left / trend.slope, left / (trend.slope + reach), left / (trend.slope - reach)
