"""When all workers of a pool were new at once: it was deployed, reloaded or restarted, which is not a worker that was recycled."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..domain import SeenSettings

LEAST_WORKERS = 2  # of a single one it cannot be told


@dataclass(frozen=True, slots=True)
class Renewal:
    """At `at` (Unix seconds; seen, so up to a look late) none of the workers of before was left."""

    at: float
    workers: int


def renewals(seen: Iterable[SeenSettings]) -> Iterator[Renewal]:
    """Yield them from how a plugin was set, oldest first."""
    known = [each for each in seen if each.pool is not None and len(each.pool.spawned) >= LEAST_WORKERS]
    for before, after in pairwise(known):
        assert before.pool is not None, "only those with a pool were taken"
        assert after.pool is not None, "ditto"
        if not before.pool.spawned.keys() & after.pool.spawned.keys():
            yield Renewal(after.at, len(after.pool.spawned))
