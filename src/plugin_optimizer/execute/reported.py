"""The plain figure that stands in a verdict beside its statistics."""

import math

import numpy as np

from ..domain import Metric, RequestTrace
from ..models.block_values import QUANTILES


def reported_metric(metric: Metric) -> Metric:
    """Return the metric people are told about: the mean decides soonest, but promises are made on p95."""
    return Metric.RESPONSE_TIME_P95_SECONDS if metric is Metric.RESPONSE_TIME_SECONDS else metric


def latency_figure(metric: Metric, trace: RequestTrace) -> float:
    """Return a latency metric over all requests of a trace (seconds; NaN without any)."""
    if len(trace) == 0:
        return math.nan
    if metric is Metric.QUEUE_WAIT_SECONDS:
        return float(np.nan_to_num(trace.queue_wait).mean())
    return float(np.quantile(trace.sojourn, QUANTILES[metric]))
