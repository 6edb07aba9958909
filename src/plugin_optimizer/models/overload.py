"""What load is really offered while the queue grows: completions then show capacity, not demand."""

from dataclasses import dataclass

import numpy as np

from ..domain import RequestTrace
from .trend import block_medians, theil_sen

LEAST_REQUESTS = 30
GROWING_SLOPE = 0.05  # seconds of queue wait gained per second: 5 % more arrives than is served
MOST_SLOPE = 0.95  # beyond it the formula explodes; the load is then "at least 20 times the capacity"
BLOCKS = 10


@dataclass(frozen=True, slots=True)
class OfferedLoad:
    """Requests per second that arrive and that are completed, and how fast the queue wait grows (s per s)."""

    arrivals_per_second: float
    completions_per_second: float
    slope: float

    @property
    def growing(self) -> bool:
        return self.slope > GROWING_SLOPE


def offered_load(trace: RequestTrace) -> OfferedLoad:
    """Return the load behind a stretch of completed requests; NaN for fewer than 30.

    In a FIFO queue the requests completed by t are those that arrived by t − q(t), so arrivals = completions /
    (1 − dq/dt) with dq/dt the slope of the queue wait over the time of completion. Source: differentiate
    N(t) = A(t − q(t)); `slope` counts only where even the low end of its 80 % interval is above 0.
    """
    if len(trace) < LEAST_REQUESTS:
        return OfferedLoad(float("nan"), float("nan"), 0.0)
    order = np.argsort(trace.end, kind="stable")
    ends = trace.end[order]
    completions = (len(trace) - 1) / max(float(ends[-1] - ends[0]), 1e-9)
    waits = np.nan_to_num(trace.queue_wait[order], nan=0.0)
    moments, levels = block_medians(ends - ends[0], waits[None, :], BLOCKS)
    trend = theil_sen(moments, levels)
    slope = float(trend.slope[0]) if trend.low[0] > 0 else 0.0
    return OfferedLoad(completions / (1.0 - min(max(slope, 0.0), MOST_SLOPE)), completions, slope)


def completed_part(trace: RequestTrace) -> RequestTrace:
    """Cut the trace at the arrival of the request that was completed last.

    Of those that arrived later, the ones still queued are missing: with them the end of the trace would look
    quieter than it was.
    """
    if not len(trace):
        return trace
    return trace.where(trace.arrival <= trace.arrival[int(np.argmax(trace.end))])
