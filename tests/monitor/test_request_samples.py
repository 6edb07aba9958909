"""From requests to samples: one example by hand, and what must hold for any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import Metric, RequestTrace, Sample
from plugin_optimizer.monitor.request_samples import samples_of_statsd, samples_of_trace
from plugin_optimizer.monitor.statsd import StatsdBatch

Row = tuple[float, float, float, int]


def trace_of(*rows: Row) -> RequestTrace:
    """Build a trace from (arrival, queue wait, wall, status)."""
    arrival, wait, wall, status = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    none = np.zeros(len(rows), dtype=np.int64)
    return RequestTrace(arrival, wait, wall, wall / 2, wall * 0, status.astype(np.int64), none, none, none)


def by_metric(samples: list[Sample]) -> dict[Metric, float]:
    assert {sample.plugin_id for sample in samples} <= {"orders"}
    return {sample.metric: sample.value for sample in samples}


def test_an_example_by_hand() -> None:
    """Two requests end in [10, 20): 1 s of wait + 3 s, and 0 + 1 s with a 503. Two slots, 4 of 20 s busy."""
    trace = trace_of((10, 1, 3, 200), (15, 0, 1, 503), (4, 0, 1, 500), (19.5, 0, 1, 200))
    samples = samples_of_trace("orders", trace, 10, 20, 2)
    values = by_metric(samples)
    assert {sample.at for sample in samples} == {20}
    assert values[Metric.REQUESTS] == 2
    assert values[Metric.THROUGHPUT_PER_SECOND] == 0.2
    assert values[Metric.RESPONSE_TIME_SECONDS] == 2.5
    assert values[Metric.RESPONSE_TIME_P50_SECONDS] == 2.5
    assert values[Metric.RESPONSE_TIME_P95_SECONDS] == pytest.approx(3.85)
    assert values[Metric.SERVICE_TIME_SECONDS] == 2
    assert values[Metric.QUEUE_WAIT_SECONDS] == 0.5
    assert values[Metric.ERROR_RATIO] == 0.5
    assert values[Metric.BUSY_RATIO] == pytest.approx((3 + 1 + 0.5) / 20)


def test_no_request_is_a_count_of_zero_and_nothing_else() -> None:
    """Silence is not a response time of 0."""
    for trace in (RequestTrace.empty(), trace_of((4, 0, 1, 200))):
        assert by_metric(samples_of_trace("orders", trace, 10, 20, 2)) == {
            Metric.REQUESTS: 0,
            Metric.THROUGHPUT_PER_SECOND: 0,
        }


def test_an_unknown_wait_is_missing_and_not_zero() -> None:
    """With no known wait there is no sample; with some known, their mean."""
    unknown = trace_of((10, np.nan, 1, 200))
    assert Metric.QUEUE_WAIT_SECONDS not in by_metric(samples_of_trace("orders", unknown, 10, 20, 1))
    some = trace_of((10, np.nan, 1, 200), (11, 0.5, 1, 200))
    assert by_metric(samples_of_trace("orders", some, 10, 20, 1))[Metric.QUEUE_WAIT_SECONDS] == 0.5


def test_without_a_known_number_of_slots_busy_is_unknown() -> None:
    """Nothing is guessed."""
    assert Metric.BUSY_RATIO not in by_metric(samples_of_trace("orders", trace_of((10, 0, 1, 200)), 10, 20, None))


def test_late_records_are_waited_for() -> None:
    """With a lag, the interval lies earlier and the samples are still dated its end."""
    trace = trace_of((9.2, 0, 0.4, 200), (19.3, 0, 0.4, 200))
    samples = samples_of_trace("orders", trace, 10, 20, 1, lag_seconds=0.5)
    assert by_metric(samples)[Metric.REQUESTS] == 1
    assert samples[0].at == 20


rows = st.tuples(
    st.floats(0, 100), st.one_of(st.just(float("nan")), st.floats(0, 10)), st.floats(0, 20), st.sampled_from([200, 500])
)


@given(st.lists(rows, min_size=1, max_size=40), st.integers(1, 4))
def test_intervals_that_touch_count_each_request_once(found: list[Row], slots: int) -> None:
    """Over consecutive intervals the counts add up, ratios stay within 0…1 and percentiles in order."""
    trace, total = trace_of(*found), 0.0
    for begin in range(0, 140, 7):
        values = by_metric(samples_of_trace("orders", trace, begin, begin + 7, slots))
        total += values[Metric.REQUESTS]
        assert 0 <= values.get(Metric.BUSY_RATIO, 0) <= 1
        assert 0 <= values.get(Metric.ERROR_RATIO, 0) <= 1
        if values[Metric.REQUESTS]:
            assert (
                values[Metric.RESPONSE_TIME_P50_SECONDS]
                <= values[Metric.RESPONSE_TIME_P95_SECONDS]
                <= values[Metric.RESPONSE_TIME_P99_SECONDS]
            )
    assert total == len(found)


def test_statsd_gives_the_same_figures_without_the_wait() -> None:
    """Ten requests in 10 s of 0.5 s on one slot, one of them a 502."""
    batch = StatsdBatch(np.full(10, 0.5), {200: 9, 502: 1}, 0, 10)
    values = by_metric(samples_of_statsd("orders", batch, 0, 10, 1))
    assert values[Metric.REQUESTS] == 10
    assert values[Metric.THROUGHPUT_PER_SECOND] == 1
    assert values[Metric.RESPONSE_TIME_P95_SECONDS] == 0.5
    assert values[Metric.ERROR_RATIO] == 0.1
    assert values[Metric.BUSY_RATIO] == 0.5
    assert Metric.QUEUE_WAIT_SECONDS not in values


def test_durations_that_were_not_kept_still_count_as_work() -> None:
    """The busy share follows the requests, not the durations kept."""
    batch = StatsdBatch(np.full(5, 0.5), {200: 10}, 5, 10)
    assert by_metric(samples_of_statsd("orders", batch, 0, 10, 1))[Metric.BUSY_RATIO] == 0.5


def test_a_silent_server_has_a_count_of_zero() -> None:
    """An empty batch says that nothing was served."""
    assert by_metric(samples_of_statsd("orders", StatsdBatch.empty(), 0, 10, 1)) == {
        Metric.REQUESTS: 0,
        Metric.THROUGHPUT_PER_SECOND: 0,
    }
