"""What a saving may cost where people do not feel it, as a comparison of two values in turn shows it."""

import numpy as np

from ..domain import Goal, Message, Metric, Purpose, RequestTrace
from ..domain.comparison import Arm
from ..models.block_values import request_value
from ..models.signed_ranks import shift
from .error_judge import SERVER_ERROR, Failures
from .guards import more_errors
from .judgement import Tolerance
from .slo_margin import MOST_BEYOND, MOST_RISE, SAFE_SHARE
from .switchback_blocks import Pairs
from .window_series import LATENCIES


def tolerance(goal: Goal, pairs: Pairs, alpha: float) -> Tolerance:
    """Return what may be tolerated, from the share of requests beyond 80 % of the objective in each block under the
    value after. None for another purpose, without an objective or requests, or when errors rose.
    """
    traces = pairs.traces(Arm.AFTER)
    if goal.slo is None or goal.purpose is not Purpose.SAVE or goal.metric not in LATENCIES or not traces:
        return Tolerance()
    beyond = np.array([float((trace.sojourn > SAFE_SHARE * goal.slo).mean()) for trace in traces])
    if beyond.mean() > MOST_BEYOND or _errors_rose(pairs):
        return Tolerance()
    p95 = request_value(Metric.RESPONSE_TIME_P95_SECONDS, pairs.trace(Arm.AFTER))
    reason = Message("within_slo_after", {"p95_seconds": round(p95, 4), "slo_seconds": goal.slo})
    sure = shift(beyond, alpha).high <= MOST_BEYOND
    return Tolerance(MOST_RISE, MOST_RISE if sure else 0.0, reason)


def _errors_rose(pairs: Pairs) -> bool:
    before, after = (_failures(pairs.trace(arm)) for arm in Arm)
    return more_errors(before, after) is not None


def _failures(trace: RequestTrace) -> Failures:
    failed = (trace.status >= SERVER_ERROR).astype(np.float64)
    return Failures(failed, np.ones(len(trace)))
