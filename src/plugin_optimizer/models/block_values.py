"""What requests of one stretch of time say of a metric, on the scale on which two stretches are compared."""

from math import log, nan

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric, RequestTrace

F64 = NDArray[np.float64]

SERVER_ERROR = 500
QUANTILES = {
    Metric.RESPONSE_TIME_P50_SECONDS: 0.50,
    Metric.RESPONSE_TIME_P95_SECONDS: 0.95,
    Metric.RESPONSE_TIME_P99_SECONDS: 0.99,
}
FROM_REQUESTS = frozenset(
    {
        *QUANTILES,
        Metric.RESPONSE_TIME_SECONDS,
        Metric.QUEUE_WAIT_SECONDS,
        Metric.SERVICE_TIME_SECONDS,
        Metric.ERROR_RATIO,
    }
)
# What a block should hold so that its figure is worth something (facts on verification, section 2); with half of
# that, or 20, it is still one.
PLANNED_REQUESTS = {Metric.RESPONSE_TIME_P95_SECONDS: 100, Metric.RESPONSE_TIME_P99_SECONDS: 400}
USUAL_PLANNED_REQUESTS = 50
LEAST_REQUESTS = 20
LEAST_SHARE_OF_LEVEL = 0.01  # a value of zero counts as this share of the level, so that it has a logarithm


def planned_requests(metric: Metric) -> int:
    """Return how many requests a block should have."""
    return PLANNED_REQUESTS.get(metric, USUAL_PLANNED_REQUESTS)


def least_requests(metric: Metric) -> int:
    """Return with how many requests a block still counts (means and errors 20, p95 50, p99 200)."""
    return PLANNED_REQUESTS[metric] // 2 if metric in PLANNED_REQUESTS else LEAST_REQUESTS


def log_value(metric: Metric, trace: RequestTrace, level: float) -> float:
    """Return the logarithm of a metric over these requests; NaN without any. `metric` is one of FROM_REQUESTS.

    Error ratios count half an error more, so that none has a logarithm too; all else counts at least as
    LEAST_SHARE_OF_LEVEL of `level`, the metric over all requests that are compared (0 where that is 0).
    """
    if not len(trace):
        return nan
    value = request_value(metric, trace)
    if metric is Metric.ERROR_RATIO:
        return log((value * len(trace) + 0.5) / (len(trace) + 1))
    return log(max(value, LEAST_SHARE_OF_LEVEL * level)) if level > 0 else 0.0


def request_value(metric: Metric, trace: RequestTrace) -> float:
    """Return a metric over these requests (seconds, or a share); NaN without any."""
    if not len(trace):
        return nan
    if metric is Metric.ERROR_RATIO:
        return float((trace.status >= SERVER_ERROR).mean())
    if metric is Metric.SERVICE_TIME_SECONDS:
        return float(trace.wall.mean())
    if metric is Metric.QUEUE_WAIT_SECONDS:
        return float(np.nan_to_num(trace.queue_wait).mean())
    if metric in QUANTILES:
        return float(np.quantile(trace.sojourn, QUANTILES[metric]))
    return float(trace.sojourn.mean())
