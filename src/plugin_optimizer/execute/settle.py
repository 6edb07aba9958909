"""When a change has had its time to take hold, so that the judgement may begin."""

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Change, Metric, Policy

LEAST_SECONDS = 5.0
WITHOUT_TRACE_SECONDS = 10.0
MOST_FILL_SECONDS = 3600.0
FILL_FACTOR = 2.0  # what is new comes more slowly the more of it is there
LEAST_COUNTS = 8
LAST_PARTS, STILL_PARTS = 4, 20  # it stands still when the last quarter brought less than a twentieth of the growth …
NOTHING_NEW = 0.01  # … or all of the growth is no more than this share of what is there
CALM_WAIT_SECONDS = 0.05


def longest_seconds(change: Change, policy: Policy) -> float:
    """Return after how long the judgement begins at the latest: the policy's time, or twice the time to fill up to 2 h."""
    return max(policy.settle_seconds, FILL_FACTOR * min(change.goal.fill_seconds, MOST_FILL_SECONDS))


def has_settled(
    change: Change, before: Observation, since: Observation, elapsed_seconds: float, policy: Policy
) -> bool:
    """Tell whether the backlog of the old state is gone (or the policy's time for it is over).

    A queue has drained when the waits of the last 5 s are half of what they were, or negligible
    (facts on drain times: a backlog of 238 needed 25 s where the formula said 15). Caches need the whole
    time: their hit ratio climbs until the number of keys stands still; where that is counted, it is waited for.
    """
    if elapsed_seconds >= longest_seconds(change, policy):
        return True
    if elapsed_seconds < LEAST_SECONDS:
        return False
    if change.goal.metric is Metric.CACHE_HIT_RATIO:
        counts = since.window.of(change.plugin_id, Metric.CACHE_ENTRIES)
        return change.goal.fill_seconds > 0 and stands_still(counts)
    if len(before.trace) == 0 or len(since.trace) == 0:
        return elapsed_seconds >= WITHOUT_TRACE_SECONDS
    last = since.trace.where(since.trace.arrival >= since.trace.arrival[-1] - LEAST_SECONDS)
    waits = last.queue_wait[~np.isnan(last.queue_wait)]
    if len(waits) == 0:
        return elapsed_seconds >= WITHOUT_TRACE_SECONDS
    earlier = before.trace.queue_wait[~np.isnan(before.trace.queue_wait)]
    allowed = max(CALM_WAIT_SECONDS, 0.5 * float(np.mean(earlier)) if len(earlier) else 0.0)
    return float(np.mean(waits)) <= allowed


def stands_still(counts: NDArray[np.float32]) -> bool:
    """Tell whether a count since a change, [T] with NaN for missing, has stopped growing.

    | growth in all        | of it in the last quarter of the time | stands still |
    |----------------------|---------------------------------------|--------------|
    | up to 1 % of the count | any                                 | yes          |
    | more                 | less than a twentieth                 | yes          |
    | more                 | a twentieth or more                   | no           |
    """
    known = counts[~np.isnan(counts)].astype(np.float64)
    if len(known) < LEAST_COUNTS:
        return False
    grown = known[-1] - known[0]
    lately = known[-1] - known[-1 - len(known) // LAST_PARTS]
    return bool(grown <= NOTHING_NEW * known[-1] or lately * STILL_PARTS < grown)
