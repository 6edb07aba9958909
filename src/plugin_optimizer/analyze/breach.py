"""A limit will be reached, and when."""

from collections.abc import Iterator, Sequence
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
        dated = [case for plugin_id in window.plugin_ids if (case := _dated(plugin_id, window, fleet)) is not None]
        soon = [case for case in dated if case.low <= 2 * self.soon_seconds]
        chances = dict(zip((case.plugin_id for case in soon), self._chances(soon), strict=True))
        for case in dated:
            if case.expected <= self.ahead_seconds:
                yield self._finding(case, chances.get(case.plugin_id, 0.0))

    def _finding(self, case: "_Dated", chance: float) -> Finding:
        told = {"time_seconds": case.expected, "low_seconds": case.low, "high_seconds": case.high}
        evidence = [Message("memory_limit_reached", {**told, "limit_bytes": case.limit})]
        if chance >= self.likely:
            params = {"chance_ratio": chance, "within_seconds": self.soon_seconds}
            evidence.append(Message("memory_limit_chance", params))
        return Finding(
            case.plugin_id,
            Metric.MEMORY_BYTES,
            FindingKind.BREACH,
            Severity.WARNING if chance >= self.likely else Severity.INFO,
            0.5 + 0.5 * max(chance, 1 - case.expected / self.ahead_seconds),
            case.trend.until,
            case.trend.level_bytes,
            case.limit,
            tuple(evidence),
        )

    def _chances(self, cases: Sequence["_Dated"]) -> Iterator[float]:
        """Yield the chance of each that its limit comes within `soon_seconds`; those of as many minutes are asked at once."""
        ahead = round(self.soon_seconds / MINUTE_SECONDS)
        lengths = [len(case.trend.recent_bytes) for case in cases]
        chances = np.zeros(len(cases))
        for length in set(lengths):
            places = [place for place, own in enumerate(lengths) if own == length]
            past = np.array([cases[place].trend.recent_bytes for place in places], dtype=np.float64)
            chances[places] = limit_chance(past, np.array([cases[place].limit for place in places]), ahead)
        yield from chances.tolist()


@dataclass(frozen=True, slots=True)
class _Dated:
    """A plugin whose limit has a date: seconds from now until it, and the ends of their 80 % interval."""

    plugin_id: str
    trend: MemoryTrend
    limit: float
    expected: float
    low: float
    high: float


def _dated(plugin_id: str, window: Window, fleet: Fleet) -> _Dated | None:
    view = fleet.views.get(plugin_id)
    trend = view.memory_trend if view is not None else None
    if trend is None or trend.until > fleet.now:
        return None
    limit = memory_limit_bytes(window, fleet, plugin_id)
    reached = _reached(trend, limit)
    if reached is None:
        return None
    since = fleet.now - trend.until  # a trend is looked up every ten minutes at most, more rarely in a large fleet
    return _Dated(plugin_id, trend, limit, *(max(0.0, seconds - since) for seconds in reached))


def _reached(trend: MemoryTrend, limit: float) -> tuple[float, float, float] | None:
    """Return the seconds until the limit and the ends of their 80 % interval; None where no date can be named."""
    left = limit - trend.level_bytes
    if not left > 0 or not trend.slope > 0 or trend.slope < SURE_Z * trend.slope_error:
        return None
    reach = Z80 * trend.slope_error
    return left / trend.slope, left / (trend.slope + reach), left / (trend.slope - reach)
