"""A cache that is a server of its own (Redis, memcached): what it holds, and what it would answer with more or less room."""

from dataclasses import dataclass

MOST_QUEUEING = 0.1


@dataclass(frozen=True, slots=True)
class HitPoint:
    """The share of look-ups that a cache of so many entries answers: what is certain, what is expected, what it may come to."""

    entries: int
    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class CacheServer:
    """As it is now. `knob` sizes it, in bytes; `limit_bytes` 0 is "no limit"; `policy` is what it calls its way to evict.

    `curve` is ascending by entries, and empty where `curve_missing` says why (a code). `forbidden` is the code of why nothing
    can be turned here, None where it can. `hit_ratio` was counted over the time the curve stands for, None before any look-up.
    """

    knob: str
    policy: str
    limit_bytes: int
    used_bytes: float
    empty_bytes: float
    entries: int
    entry_bytes: float
    expiring_ratio: float
    queue_ratio: float = 0.0  # commands of queues / all: beyond a tenth it is a broker, of which nothing may be evicted
    forbidden: str | None = None
    curve: tuple[HitPoint, ...] = ()
    curve_missing: str | None = None
    hit_ratio: float | None = None
    known_entries: float = (
        0.0  # up to that size nothing can have been missed; beyond it `low` is certain and `high` is not
    )
    misses_per_second: float = 0.0
    model_error_ratio: float = 0.0  # modelled minus counted, at the present size
    sampled_keys: int = 0
    recorded_seconds: float = 0.0

    @property
    def is_queue(self) -> bool:
        return self.queue_ratio > MOST_QUEUEING

    def entries_of(self, limit_bytes: float) -> float:
        """Return how many of its present entries fit into a limit; 0 where nothing is known of their size."""
        return max(0.0, limit_bytes - self.empty_bytes) / self.entry_bytes if self.entry_bytes > 0 else 0.0

    def bytes_of(self, entries: float) -> float:
        return self.empty_bytes + entries * self.entry_bytes
