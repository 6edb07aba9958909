"""What requests of one stretch of time say of a metric."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from plugin_optimizer.domain import Metric, RequestTrace
from plugin_optimizer.models.block_values import (
    FROM_REQUESTS,
    least_requests,
    log_value,
    planned_requests,
    request_value,
)


def trace(waits: list[float], walls: list[float], statuses: list[int]) -> RequestTrace:
    count = len(waits)
    zero, none = np.zeros(count), np.zeros(count, dtype=np.int64)
    return RequestTrace(
        np.arange(count, dtype=float),
        np.array(waits),
        np.array(walls),
        zero,
        zero,
        np.array(statuses),
        none,
        none,
        none,
    )


FOUR = trace([0.0, 0.1, 0.2, 0.1], [0.1, 0.1, 0.1, 0.5], [200, 500, 200, 404])


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        (Metric.RESPONSE_TIME_SECONDS, 0.3),
        (Metric.RESPONSE_TIME_P50_SECONDS, 0.25),
        (Metric.QUEUE_WAIT_SECONDS, 0.1),
        (Metric.SERVICE_TIME_SECONDS, 0.2),
        (Metric.ERROR_RATIO, 0.25),
    ],
)
def test_each_metric_by_hand(metric: Metric, value: float) -> None:
    """Sojourns of 0.1, 0.2, 0.3 and 0.6 s; one server error, a 404 is none."""
    assert request_value(metric, FOUR) == pytest.approx(value)


@pytest.mark.parametrize("metric", sorted(FROM_REQUESTS))
def test_no_requests_say_nothing(metric: Metric) -> None:
    """Missing is NaN, never zero."""
    assert np.isnan(request_value(metric, RequestTrace.empty()))
    assert np.isnan(log_value(metric, RequestTrace.empty(), 1.0))


def test_no_errors_are_half_an_error() -> None:
    """None of four: 0.5 of 5. One of a thousand is told from two, however small the share."""
    assert log_value(Metric.ERROR_RATIO, replace(FOUR, status=FOUR.status * 0 + 200), 0.0) == pytest.approx(log(0.1))
    many = trace([0.0] * 1000, [0.1] * 1000, [500, *[200] * 999])
    more = trace([0.0] * 1000, [0.1] * 1000, [500, 500, *[200] * 998])
    assert log_value(Metric.ERROR_RATIO, more, 0.0) - log_value(Metric.ERROR_RATIO, many, 0.0) == pytest.approx(
        log(2.5 / 1.5)
    )


def test_no_wait_counts_as_a_hundredth_of_the_level() -> None:
    """And where nobody waits at all, all stretches are the same."""
    still = replace(FOUR, queue_wait=FOUR.queue_wait * 0)
    assert log_value(Metric.QUEUE_WAIT_SECONDS, still, 0.2) == pytest.approx(log(0.002))
    assert log_value(Metric.QUEUE_WAIT_SECONDS, still, 0.0) == 0.0


def test_quantiles_need_more_requests_than_means() -> None:
    """Planned for 50, 100 and 400; counted from 20, 50 and 200."""
    metrics = (Metric.RESPONSE_TIME_SECONDS, Metric.RESPONSE_TIME_P95_SECONDS, Metric.RESPONSE_TIME_P99_SECONDS)
    assert [planned_requests(metric) for metric in metrics] == [50, 100, 400]
    assert [least_requests(metric) for metric in metrics] == [20, 50, 200]
