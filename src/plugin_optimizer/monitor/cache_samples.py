"""The hit ratio of a plugin's caches since the last look, from counters that only grow."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain import CacheTrace, Metric, Sample

Counters = tuple[int, int]


@dataclass(slots=True)
class CacheCounters:
    """Remembers hits and misses by plugin, process and cache, so that each access is counted once.

    `resets` says of how many counters of a plugin the last look found less than the one before.
    """

    seen: dict[str, dict[tuple[int, str], Counters]] = field(default_factory=dict)
    resets: dict[str, int] = field(default_factory=dict)

    def sample(self, plugin_id: str, caches: Iterable[CacheTrace], now: float) -> list[Sample]:
        """Return the hit ratio over all caches and worker processes since the last look.

        Empty on the first look and where nothing was accessed. A counter that fell was begun anew (a process with a
        recycled pid): nothing is computed across that; it counts again from the next look on.
        """
        before, self.resets[plugin_id] = self.seen.get(plugin_id), 0
        present = {(cache.pid, cache.name): (cache.hits, cache.misses) for cache in caches}
        self.seen[plugin_id] = present
        if before is None:
            return []
        hits = misses = 0
        for key, (hit, missed) in present.items():
            old_hit, old_missed = before.get(key, (0, 0))
            if hit < old_hit or missed < old_missed:
                self.resets[plugin_id] += 1
                continue
            hits, misses = hits + hit - old_hit, misses + missed - old_missed
        if hits + misses == 0:
            return []
        return [Sample(plugin_id, Metric.CACHE_HIT_RATIO, now, hits / (hits + misses))]
