"""A cache of another size would be worth it."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Window
from ..models.cachesize import CacheStudy, study_caches


@dataclass(frozen=True, slots=True)
class CacheDetector:
    """Finds caches that another size would serve better by `gain_points`, or that could give back half for free."""

    name: str = "cache"
    gain_points: float = 0.05
    shrink_ratio: float = 0.5
    loss_points: float = 0.005  # a loss below the model's own error is free
    least_saving_bytes: float = 1_000_000.0
    least_accesses: int = 1500  # over all processes; fewer show too little of the rare keys

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        del policies
        for plugin_id in window.plugin_ids:
            view = fleet.views.get(plugin_id)
            for study in study_caches(view) if view is not None else ():
                yield from self._of(plugin_id, study, fleet.now)

    def _of(self, plugin_id: str, study: CacheStudy, now: float) -> Iterator[Finding]:
        if study.recorded < self.least_accesses:
            return
        present, reachable = study.curve.hit_ratio(study.capacity), study.best_hit_ratio
        if reachable - present >= self.gain_points:
            expected = study.expected_hit_ratio(max(study.largest, study.capacity))
            evidence = Message(
                "cache_too_small", {"cache": study.name, "hit_ratio": present, "reachable_ratio": expected}
            )
            score = min(1.0, 0.5 + (reachable - present))
            yield _finding(plugin_id, Severity.WARNING, score, now, present, expected, evidence)
            return
        size = study.free_size(self.loss_points)
        saved = study.saved_bytes(size)
        if size <= study.capacity * (1 - self.shrink_ratio) and saved >= self.least_saving_bytes:
            evidence = Message(
                "cache_too_large",
                {"cache": study.name, "size_entries": study.capacity, "enough_entries": size, "memory_bytes": saved},
            )
            yield _finding(plugin_id, Severity.INFO, 0.5, now, present, reachable, evidence)


def _finding(
    plugin_id: str, severity: Severity, score: float, now: float, value: float, limit: float, evidence: Message
) -> Finding:
    return Finding(
        plugin_id, Metric.CACHE_HIT_RATIO, FindingKind.CACHE, severity, score, now, value, limit, (evidence,)
    )
