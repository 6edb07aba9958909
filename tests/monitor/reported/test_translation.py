"""From reports to samples: rates, quantiles, resets, repeats, several processes, and what is not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitor.reported.told import (
    BEGIN,
    STEP,
    counter,
    cpu,
    durations,
    gauge,
    looked,
    times,
    told,
    translation,
    values,
)

from plugin_optimizer.domain import Metric
from plugin_optimizer.monitor.gate import Gate
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.points import Kind, Point


def test_an_example_by_hand() -> None:
    """100 requests in 5 s, 50 s of time in all, 5 of them failed: what is known of them, and nothing else."""
    of = translation()
    assert told(of, durations(BEGIN, 0, 0, 0, 0), durations(BEGIN, 0, 0, 0, 0, failed=True)) == []
    later = told(
        of,
        durations(BEGIN + 5, 15, 80, 0, 0, total=45.0),
        durations(BEGIN + 5, 0, 0, 5, 0, total=5.0, failed=True),
        slots=20,
    )
    found = values(later)
    assert found[Metric.REQUESTS] == 100
    assert found[Metric.THROUGHPUT_PER_SECOND] == pytest.approx(20.0)
    assert found[Metric.RESPONSE_TIME_SECONDS] == pytest.approx(0.5)
    assert found[Metric.RESPONSE_TIME_P95_SECONDS] == pytest.approx(0.5)
    assert found[Metric.RESPONSE_TIME_P99_SECONDS] == pytest.approx(0.9)
    assert found[Metric.BUSY_RATIO] == pytest.approx(0.5)
    assert {sample.at for sample in later} == {BEGIN + 5}
    assert Metric.QUEUE_WAIT_SECONDS not in found


def test_errors_are_told_by_the_status_that_the_duration_names() -> None:
    """Only series that name a status say how many failed; a series that is new counts from zero."""
    of = translation()
    told(of, durations(BEGIN, 0, 0, 0, 0, failed=False))
    found = values(
        told(of, durations(BEGIN + 5, 98, 0, 0, 0, failed=False), durations(BEGIN + 5, 2, 0, 0, 0, failed=True))
    )
    assert found[Metric.ERROR_RATIO] == pytest.approx(0.02)
    assert found[Metric.REQUESTS] == 100


def test_a_counter_without_durations_gives_traffic_and_errors() -> None:
    """No response time is made up where nobody measured one."""
    of = translation()
    told(of, counter(BEGIN, 10, failed=False), counter(BEGIN, 1, failed=True))
    found = values(told(of, counter(BEGIN + 5, 40, failed=False), counter(BEGIN + 5, 11, failed=True)))
    assert found == {
        Metric.REQUESTS: 40,
        Metric.THROUGHPUT_PER_SECOND: pytest.approx(8.0),
        Metric.ERROR_RATIO: pytest.approx(0.25),
    }


def test_no_requests_are_a_count_of_zero_and_no_duration() -> None:
    """Standing counters say that nobody asked; they say nothing of how long it would have taken."""
    of = translation()
    told(of, durations(BEGIN, 5, 5, 0, 0, total=2.0))
    found = values(told(of, durations(BEGIN + 5, 5, 5, 0, 0, total=2.0)))
    assert found == {Metric.REQUESTS: 0, Metric.THROUGHPUT_PER_SECOND: 0}


def test_a_report_of_a_longer_time_covers_each_of_our_looks() -> None:
    """Every 15 s, with looks every 5: three samples of the same rate, whose counts come to the whole."""
    of = translation()
    told(of, counter(BEGIN, 0))
    found = told(of, counter(BEGIN + 15, 100))
    assert times(found, Metric.THROUGHPUT_PER_SECOND) == [5, 10, 15]
    assert [s.value for s in found if s.metric is Metric.REQUESTS] == [33, 33, 34]
    assert {round(s.value, 6) for s in found if s.metric is Metric.THROUGHPUT_PER_SECOND} == {round(100 / 15, 6)}


@pytest.mark.parametrize("process_starts_anew", ["value", "start"])
def test_a_process_that_began_anew_gives_no_rate_across_that(process_starts_anew: str) -> None:
    """What it counted before it died is not known: a hole, and no negative or too small rate. Afterwards it goes on."""
    of = translation()
    told(of, durations(BEGIN, 100, 0, 0, 0, total=5.0), cpu(BEGIN, 50.0))
    fresh = (3, 0, 0, 0) if process_starts_anew == "value" else (300, 0, 0, 0)
    start = BEGIN + 2 if process_starts_anew == "start" else 0.0
    samples, refusals = looked(of, durations(BEGIN + 5, *fresh, total=9.0, start=start), cpu(BEGIN + 5, 60.0))
    assert samples == []
    assert {(r.metric, r.reason) for r in refusals} == {("request_duration", "reset")}
    found = values(
        told(of, durations(BEGIN + 10, fresh[0] + 50, 0, 0, 0, total=11.5, start=start), cpu(BEGIN + 10, 65.0))
    )
    assert found[Metric.REQUESTS] == 50
    assert found[Metric.RESPONSE_TIME_SECONDS] == pytest.approx(0.05)
    assert found[Metric.CPU_CORES] == pytest.approx(1.0)


@given(st.lists(st.tuples(st.integers(0, 500), st.booleans()), min_size=2, max_size=30))
def test_counts_are_never_invented(turns: list[tuple[int, bool]]) -> None:
    """With any sequence of traffic and restarts: no sample is negative, and all together never count more than there was;
    without restarts they count every request after the first look exactly once.
    """
    of, held, whole, kept = translation(), 0, 0, 0.0
    for number, (requests, restarts) in enumerate(turns):
        held = requests if restarts else held + requests
        whole += requests if number else 0
        samples, _ = looked(of, counter(BEGIN + STEP * number, held))
        assert all(sample.value >= 0 for sample in samples)
        kept += sum(sample.value for sample in samples if sample.metric is Metric.REQUESTS)
    assert kept <= whole
    if not any(restarts for _, restarts in turns[1:]):
        assert kept == whole


def test_what_comes_twice_counts_once() -> None:
    """A repeated report is refused as a duplicate, an older one as back-dated; neither changes the figures."""
    of = translation()
    told(of, counter(BEGIN, 0))
    assert values(told(of, counter(BEGIN + 5, 50)))[Metric.REQUESTS] == 50
    samples, refusals = looked(of, counter(BEGIN + 5, 50), counter(BEGIN + 2, 20), now=BEGIN + 10)
    assert samples == []
    assert {(r.reason, r.count) for r in refusals} == {("duplicate", 1), ("back_dated", 1)}
    assert values(told(of, counter(BEGIN + 10, 80)))[Metric.REQUESTS] == 30


def test_a_gauge_sent_twice_is_not_added_up() -> None:
    """A retried request must not double the memory."""
    of = translation()
    told(of, gauge(BEGIN, 100e6))
    assert values(told(of, gauge(BEGIN + 5, 100e6), gauge(BEGIN + 5, 100e6)))[Metric.MEMORY_BYTES] == 100e6


def test_processes_are_added_up_and_never_by_halves() -> None:
    """Two processes report at different moments: no level is told before both have one, then always that of both."""
    of = translation()
    assert told(of, gauge(BEGIN, 100e6, "a"), cpu(BEGIN, 0.0, "a"), counter(BEGIN, 0, process="a")) == []
    assert told(of, gauge(BEGIN + 2, 50e6, "b"), cpu(BEGIN + 2, 0.0, "b"), counter(BEGIN + 2, 0, process="b")) == []
    first = told(of, gauge(BEGIN + 5, 100e6, "a"), cpu(BEGIN + 5, 5.0, "a"), counter(BEGIN + 5, 10, process="a"))
    assert set(values(first)) == {Metric.REQUESTS}
    both = values(told(of, gauge(BEGIN + 7, 50e6, "b"), cpu(BEGIN + 7, 2.5, "b"), counter(BEGIN + 7, 20, process="b")))
    assert both[Metric.MEMORY_BYTES] == 150e6
    assert both[Metric.CPU_CORES] == pytest.approx(1.5)
    assert both[Metric.THROUGHPUT_PER_SECOND] == pytest.approx(6.0)
    assert both[Metric.REQUESTS] == 20


def test_a_process_that_fell_silent_is_left_out() -> None:
    """A minute after its last report it counts no more."""
    of = translation()
    for at in (0, 5):
        told(of, gauge(BEGIN + at, 100e6, "a"), gauge(BEGIN + at, 50e6, "b"))
    for at in (10, 30, 50):
        assert values(told(of, gauge(BEGIN + at, 100e6, "a")))[Metric.MEMORY_BYTES] == 150e6
    assert values(told(of, gauge(BEGIN + 70, 100e6, "a")))[Metric.MEMORY_BYTES] == 100e6


def test_delta_reports_need_no_past() -> None:
    """Each says how much came in since its own start; the first throughput waits until all processes were heard."""
    of = translation()
    point = counter(BEGIN + 5, 30, kind=Kind.DELTA)
    first = values(told(of, Point(*(getattr(point, f) for f in point.__struct_fields__[:7]), start=BEGIN)))
    assert first == {Metric.REQUESTS: 30}


def test_the_first_of_several_names_that_brings_data_is_believed() -> None:
    """An instrumentation that sends the old and the new name counts each request once."""
    of = translation()
    old = "http_request_duration_seconds"

    def both(at: float, count: float) -> tuple[Point, Point]:
        new = durations(at, count, 0, 0, 0, total=count * 0.05)
        return new, Point(
            "request_duration", old, "x", "a", Kind.CUMULATIVE, at, count, 0.0, None, (1.0,), (count, 0.0)
        )

    told(of, *both(BEGIN, 0))
    found = values(told(of, *both(BEGIN + 5, 40)))
    assert found[Metric.REQUESTS] == 40
    assert found[Metric.RESPONSE_TIME_SECONDS] == pytest.approx(0.05)


def test_names_of_ones_own_come_first() -> None:
    """What the configuration maps is believed before what is well known."""
    of = translation(shop_latency_ms="request_duration")

    def both(at: float, count: float) -> tuple[Point, Point]:
        own = Point("request_duration", "shop_latency_ms", "x", "a", Kind.CUMULATIVE, at, count, counts=(count,))
        return own, durations(at, count * 2, 0, 0, 0)

    told(of, *both(BEGIN, 0))
    assert values(told(of, *both(BEGIN + 5, 10)))[Metric.REQUESTS] == 10


def test_series_beyond_the_limit_are_refused_and_counted() -> None:
    """A flood of labels is held back before anything is remembered, and gives no figures by and by either."""
    of = translation(MetricsIn(series_of_metric=10))
    flood = [counter(BEGIN, 5, series=f"user{n}") for n in range(1_000)]
    assert looked(of, *flood)[1][0].count == 990
    again = [counter(BEGIN + 5, 6, series=f"user{n}") for n in range(1_000)]
    samples, refusals = looked(of, *again)
    assert values(samples)[Metric.REQUESTS] == 10
    assert [(r.reason, r.count) for r in refusals] == [("series_limit", 990)]
    assert len(of.increases.last) == 10


def test_all_plugins_share_one_limit_of_series() -> None:
    """One plugin's flood leaves no more room than the whole may take, and gives it back when its series are forgotten."""
    of = translation()
    of.increases.budget.most = 3
    looked(of, *[counter(BEGIN, 5, series=f"user{n}") for n in range(10)])
    assert of.increases.budget.held == 3
    looked(of, counter(BEGIN + 4_000, 1, series="fresh"))
    looked(of, counter(BEGIN + 4_100, 1, series="fresh"))
    assert of.increases.budget.held == 1


def test_a_figure_of_our_own_is_taken_as_it_is() -> None:
    """Pushed under our names: at its own time, held over the time since the push before, never longer than a minute or so."""
    of = translation()

    def push(at: float, value: float) -> Point:
        return Point("cpu_ratio", "cpu_ratio", "", "", Kind.GAUGE, BEGIN + at, value)

    assert times(told(of, push(0, 0.5)), Metric.CPU_RATIO) == [0]
    assert times(told(of, push(15, 0.6)), Metric.CPU_RATIO) == [5, 10, 15]
    assert times(told(of, push(400, 0.7)), Metric.CPU_RATIO) == [400]


def test_late_and_repeated_figures_meet_the_gate() -> None:
    """What is older than what was told, or the same again, is refused there with its reason."""
    of, gate = translation(), Gate()

    def push(at: float, value: float) -> Point:
        return Point("cpu_ratio", "cpu_ratio", "", "", Kind.GAUGE, BEGIN + at, value)

    reasons = []
    for points in ([push(0, 0.5)], [push(10, 0.5)], [push(10, 0.5)], [push(4, 0.5)]):
        _, refused = gate.admit(told(of, *points), BEGIN + 11)
        reasons += [refusal.reason for refusal in refused]
    assert reasons == ["duplicate", "back_dated"]


def test_it_is_up_while_it_reports_and_unknown_afterwards() -> None:
    """Silence is no zero: when reports stop, `up` stops, too."""
    of = translation()

    def up(now: float, *points: Point) -> list[float]:
        return [s.value for s in of.samples(list(points), BEGIN + now, None, None)[0] if s.metric is Metric.UP]

    assert up(0) == []
    assert up(5, gauge(BEGIN + 5, 1e6)) == [1.0]
    assert up(30) == [1.0]
    assert up(40) == []
    assert [s.value for s in of.down(BEGIN + 45)] == [0.0]


def test_any_order_of_reports_gives_the_same_counts() -> None:
    """Reports that arrive together are read in the order of their times."""
    points = [counter(BEGIN + at, value) for at, value in ((0, 0), (5, 10), (10, 30), (15, 60))]
    ahead, back = translation(), translation()
    assert told(ahead, *points) == told(back, *reversed(points))


@given(st.data())
def test_no_report_whatever_makes_it_raise(data: st.DataObject) -> None:
    """Any mixture of kinds, times and numbers that passed the border: samples with finite numbers, or none."""
    of = translation()
    times_ = st.floats(BEGIN - 3_600, BEGIN + 30)
    numbers = st.floats(0, 1e15)
    counts = st.lists(numbers, min_size=4, max_size=4).map(tuple)
    point = st.one_of(
        st.builds(counter, times_, numbers, st.sampled_from([None, True, False]), st.sampled_from("ab")),
        st.builds(lambda at, c, t: durations(at, *c, total=t), times_, counts, numbers),
        st.builds(gauge, times_, numbers, st.sampled_from("ab")),
        st.builds(cpu, times_, numbers),
    )
    for turn in range(3):
        samples, _ = looked(of, *data.draw(st.lists(point, max_size=12)), now=BEGIN + turn)
        assert all(sample.value == sample.value and abs(sample.value) < float("inf") for sample in samples)


def test_a_flood_of_gauges_is_held_back_too() -> None:
    """Labels that explode on a gauge cost no more than those of a counter."""
    of = translation(MetricsIn(series_of_metric=10))
    samples, refusals = looked(of, *[gauge(BEGIN, 1.0, f"p{n}") for n in range(1_000)])
    assert [(r.metric, r.reason, r.count) for r in refusals] == [("memory_bytes", "series_limit", 990)]
    assert sum(len(processes) for processes in of.levels.told.values()) == 10
    assert samples == []


def test_reports_that_come_faster_than_our_looks_are_one_rate() -> None:
    """Five reports a look, and a last one a moment after them: what they come to over the whole time, not what the last said."""
    of = translation()
    told(of, counter(BEGIN, 0), cpu(BEGIN, 0.0))
    each_second = [p for n in range(1, 6) for p in (counter(BEGIN + n, 20 * n), cpu(BEGIN + n, 0.5 * n))]
    found = values(told(of, *each_second, counter(BEGIN + 5.02, 100), cpu(BEGIN + 5.02, 2.5)))
    assert found[Metric.REQUESTS] == 100
    assert found[Metric.THROUGHPUT_PER_SECOND] == pytest.approx(20.0, rel=0.01)
    assert found[Metric.CPU_CORES] == pytest.approx(0.5, rel=0.01)
    later = values(told(of, counter(BEGIN + 5.1, 100), cpu(BEGIN + 5.1, 2.5)))
    assert Metric.CPU_CORES not in later
