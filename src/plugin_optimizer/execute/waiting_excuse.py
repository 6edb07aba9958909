"""Whether requests merely wait: each takes as long inside as before the change, and as many are inside at a time.

Then the service does what it always did, and what is waited for is a crowd, or a few giants in front: no change of a
setting made that. A setting that makes requests slower shows in what they take inside, one that lets fewer in at a time
shows in how many are inside while others wait.
"""

import math

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace

F64 = NDArray[np.float64]

LEAST_REQUESTS = 20
LITTLE_SLOWER, SLOWER = 1.10, 1.5  # times inside, over all since the change and over the last stretch
SURE_ERRORS = 2.0  # standard errors by which a mean time inside may lie beyond that
BLOCK_SECONDS = 15.0  # service levels wander: neighbours are not independent
CROWDED_SHARE = 0.9  # not the most: a sensor that ticks sees two at once where one follows another


def merely_waiting(before: RequestTrace, after: RequestTrace, last: RequestTrace) -> bool:
    """Tell so of the requests of `last`, the end of those `after` the change; False where queue waits are not known."""
    waits = np.concatenate([trace.queue_wait for trace in (before, after, last)])
    if min(len(before), len(last)) < LEAST_REQUESTS or bool(np.isnan(waits).any()):
        return False
    return (
        _as_fast(before, after, LITTLE_SLOWER)
        and _as_fast(before, last, SLOWER)
        and _inside(after, last) >= _inside(before, before, CROWDED_SHARE)
    )


def _as_fast(before: RequestTrace, after: RequestTrace, slower: float) -> bool:
    """Tell whether requests take not `slower` times as long inside, allowing for how little so many of them say."""
    usual, now = float(before.wall.mean()), float(after.wall.mean())
    error = math.hypot(slower * _error(before), _error(after))
    return now <= slower * usual + SURE_ERRORS * error


def _error(trace: RequestTrace) -> float:
    """Return the standard error of the mean time inside, from sums over blocks (a ratio of two sums: Cochran 1977, 6.13)."""
    index = np.floor((trace.arrival - trace.arrival[0]) / BLOCK_SECONDS).astype(np.int64)
    counts, sums = np.bincount(index), np.bincount(index, weights=trace.wall)
    residuals = sums - float(trace.wall.mean()) * counts
    alone = float(trace.wall.std(ddof=1)) / math.sqrt(len(trace))
    if len(counts) < 2:
        return alone
    return max(alone, math.sqrt(float((residuals**2).sum()) * len(counts) / (len(counts) - 1)) / len(trace))


def _inside(served: RequestTrace, asked: RequestTrace, share: float = 0.5) -> float:
    """Return how many of `served` are inside at half the time of one of `asked`, itself included: the `share` quantile."""
    begins = np.sort(served.arrival + served.queue_wait)
    ends = np.sort(served.end)
    at = asked.end - asked.wall / 2
    inside = np.searchsorted(begins, at, side="right") - np.searchsorted(ends, at, side="right")
    return float(np.quantile(inside, share))
