"""A cache server would answer more with more room, or fails writes because its policy finds nothing to evict."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..domain import CacheServer, Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Window
from ..models.cache_room import refuses_writes
from ..models.ghost_curve import at_entries
from ..models.series import lately


@dataclass(frozen=True, slots=True)
class CacheServerDetector:
    """Finds caches that more room would serve better by `gain_points` of hit ratio, and those that refuse what is written."""

    name: str = "cache_server"
    gain_points: float = 0.05

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        del policies
        for plugin_id in window.plugin_ids:
            view = fleet.views.get(plugin_id)
            if view is not None and view.server is not None and not view.server.is_queue:
                yield from self._of(plugin_id, view.server, window, fleet.now)

    def _of(self, plugin_id: str, server: CacheServer, window: Window, now: float) -> Iterator[Finding]:
        errors = lately(window, plugin_id, Metric.ERROR_RATIO)
        if refuses_writes(server, errors):
            said = Message(
                "cache_refuses_writes",
                {"policy": server.policy, "error_ratio": errors, "expiring_ratio": server.expiring_ratio},
            )
            yield Finding(
                plugin_id, Metric.ERROR_RATIO, FindingKind.CACHE, Severity.CRITICAL, 0.9, now, errors, 0.0, (said,)
            )
            return
        if not server.curve or server.hit_ratio is None:
            return
        present = at_entries(server.curve, server.entries).low
        reachable = at_entries(server.curve, server.curve[-1].entries).low
        if reachable - present < self.gain_points:
            return
        said = Message(
            "cache_server_too_small",
            {"memory_bytes": server.limit_bytes, "hit_ratio": present, "reachable_ratio": reachable},
        )
        yield Finding(
            plugin_id, Metric.CACHE_HIT_RATIO, FindingKind.CACHE, Severity.WARNING, min(1.0, 0.5 + reachable - present),
            now, present, reachable, (said,),
        )  # fmt: skip
