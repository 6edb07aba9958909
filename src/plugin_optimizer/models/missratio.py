"""What a cache of another size would have hit, computed from the keys that were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Keys = NDArray[np.uint64]
COLD = np.iinfo(np.int64).max  # the distance of a first access: no cache is large enough


@dataclass(frozen=True, slots=True)
class MissRatioCurve:
    """Hits of an LRU cache by size, over the second half of one or several recorded streams.

    The first half of each stream only warms the model up: it decides what would be in the cache, and is not
    counted. A key that appears for the first time in the second half is certainly a miss for every size up to
    `exact_up_to` (that many other keys were touched since the recording began); for larger caches it may have
    been kept from before the recording, so `hit_ratio` is a lower bound there and `hit_ratio_ceiling` the upper one.
    """

    distances: I64  # of the counted accesses, ascending; COLD last
    distinct: int  # different keys in the largest stream
    exact_up_to: int

    @property
    def accesses(self) -> int:
        return len(self.distances)

    def hit_ratio(self, size: int) -> float:
        """Return the share of accesses that a cache of `size` entries answers: 0…1, NaN without any access."""
        if not self.accesses:
            return float("nan")
        return float(np.searchsorted(self.distances, size, side="right")) / self.accesses

    def hit_ratio_ceiling(self, size: int) -> float:
        """Return the hit ratio if every first access beyond `exact_up_to` had been kept from before."""
        if size <= self.exact_up_to or not self.accesses:
            return self.hit_ratio(size)
        cold = self.accesses - int(np.searchsorted(self.distances, COLD, side="left"))
        return self.hit_ratio(size) + cold / self.accesses


def miss_ratio_curve(streams: Sequence[Keys]) -> MissRatioCurve:
    """Return one curve for several processes, each with its own cache and its own stream of keys."""
    counted, distinct, exact = [np.empty(0, dtype=np.int64)], 0, None
    for keys in streams:
        half = len(keys) // 2
        counted.append(stack_distances(keys)[half:])
        distinct = max(distinct, len(np.unique(keys)))
        warm = len(np.unique(keys[:half]))
        exact = warm if exact is None else min(exact, warm)
    return MissRatioCurve(np.sort(np.concatenate(counted)), distinct, exact or 0)


def stack_distances(keys: Keys) -> I64:
    """Return for each access how many different keys were touched since its key was, itself included: [n].

    1 is "the same key again"; a first access is COLD. An LRU cache of size c hits exactly where the result <= c.
    Source: Mattson, Gecsei, Slutz, Traiger, Evaluation techniques for storage hierarchies (1970);
    d_i = (i − prev_i) − #{reuses j < i with prev_j > prev_i}, counted for all i at once.
    """
    distances = np.full(len(keys), COLD, dtype=np.int64)
    previous = _previous(keys)
    reuses = np.flatnonzero(previous >= 0)
    if len(reuses):
        distances[reuses] = reuses - previous[reuses] - _larger_before(previous[reuses])
    return distances


def _previous(keys: Keys) -> I64:
    """Return the position of the access before with the same key, −1 where there is none: [n]."""
    previous = np.full(len(keys), -1, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    same = keys[order][1:] == keys[order][:-1]
    previous[order[1:][same]] = order[:-1][same]
    return previous


def _larger_before(values: I64) -> I64:
    """Return for each of n different values how many larger ones stand before it: [n].

    Walks the bits of the ranks from the highest: within a block of equal higher bits, in order of time, an element
    whose bit is 0 stands behind as many larger ones as there were 1s before it; then the block is split in two.
    """
    count = len(values)
    bits = max(1, int(count - 1).bit_length())
    rank = np.arange(1 << bits, dtype=np.int64)  # what pads to a power of two is larger and stands behind
    rank[:count] = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    larger = np.zeros(1 << bits, dtype=np.int64)
    order = np.arange(1 << bits, dtype=np.int64)
    for bit in range(bits - 1, -1, -1):
        blocks = order.reshape(-1, 2 << bit)
        ones = (rank[blocks] >> bit) & 1
        before = np.cumsum(ones, axis=1) - ones
        zero = ones == 0
        larger[blocks[zero]] += before[zero]
        order = np.take_along_axis(blocks, np.argsort(ones, axis=1, kind="stable"), axis=1).ravel()
    return larger[:count]
