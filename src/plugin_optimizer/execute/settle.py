"""When a change has had its time to take hold, so that the judgement may begin."""

import numpy as np

from ..contracts import Observation
from ..domain import Change, Metric, Policy

LEAST_SECONDS = 5.0
WITHOUT_TRACE_SECONDS = 10.0
CALM_WAIT_SECONDS = 0.05


def has_settled(
    change: Change, before: Observation, since: Observation, elapsed_seconds: float, policy: Policy
) -> bool:
    """Tell whether the backlog of the old state is gone (or the policy's time for it is over).

    A queue has drained when the waits of the last 5 s are half of what they were, or negligible
    (facts on drain times: a backlog of 238 needed 25 s where the formula said 15). Caches need the whole
    time: their hit ratio climbs until the number of keys stands still.
    """
    if elapsed_seconds >= policy.settle_seconds:
        return True
    if elapsed_seconds < LEAST_SECONDS or change.goal.metric is Metric.CACHE_HIT_RATIO:
        return False
    if len(before.trace) == 0 or len(since.trace) == 0:
        return elapsed_seconds >= WITHOUT_TRACE_SECONDS
    last = since.trace.where(since.trace.arrival >= since.trace.arrival[-1] - LEAST_SECONDS)
    waits = last.queue_wait[~np.isnan(last.queue_wait)]
    if len(waits) == 0:
        return elapsed_seconds >= WITHOUT_TRACE_SECONDS
    earlier = before.trace.queue_wait[~np.isnan(before.trace.queue_wait)]
    allowed = max(CALM_WAIT_SECONDS, 0.5 * float(np.mean(earlier)) if len(earlier) else 0.0)
    return float(np.mean(waits)) <= allowed
