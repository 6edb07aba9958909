"""The replay tells what another number of workers would have done."""

import time

import numpy as np
import pytest
from backoffice import START, poisson, record
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import CpuQuota, InvalidValue, Pool, RequestTrace
from plugin_optimizer.models.fifo import begins
from plugin_optimizer.models.replay import Budget, Method, fit_replay, replay_fifo, replay_server, replay_split

ZERO3 = np.zeros(3)
gaps = st.lists(st.floats(0, 5), min_size=1, max_size=40)
services = st.lists(st.floats(0.001, 5), min_size=40, max_size=40)


def requests(between: list[float], service: list[float]) -> tuple[np.ndarray, np.ndarray]:
    return np.cumsum(between), np.array(service[: len(between)])


def test_one_slot_serves_in_turn_two_serve_at_once() -> None:
    """Worked by hand: arrivals 0, 1, 2 of 2 s each."""
    arrival, service = np.array([0.0, 1.0, 2.0]), np.full(3, 2.0)
    assert replay_fifo(arrival, service, 1).tolist() == [2, 3, 4]
    assert replay_fifo(arrival, service, 2).tolist() == [2, 2, 2]


def test_slots_that_are_taken_at_the_start_are_waited_for() -> None:
    """Worked by hand: both slots taken until 3 and 5; with one slot the one that is free last is left."""
    arrival, service = np.array([0.0, 0.0]), np.ones(2)
    assert replay_fifo(arrival, service, 2, free_at=(3.0, 5.0)).tolist() == [4, 5]
    assert replay_fifo(arrival, service, 1, free_at=(3.0, 5.0)).tolist() == [6, 7]
    run = replay_server(arrival, np.zeros(2), service, 2, 1.0, free_at=(3.0, 5.0))
    assert run.sojourn.tolist() == pytest.approx([4, 5])


def test_no_slot_is_refused() -> None:
    """The error says what a server has at least."""
    with pytest.raises(InvalidValue, match="at least 1 slot"):
        replay_fifo(ZERO3, ZERO3, 0)
    with pytest.raises(InvalidValue, match="at least 1 slot"):
        replay_server(ZERO3, ZERO3, ZERO3, 0, 1.0)


def test_two_requests_share_one_core() -> None:
    """Worked by hand: 1 s of CPU each at once; sharing both end at 2, one after the other at 1 and 2."""
    both = np.zeros(2), np.ones(2), np.zeros(2)
    assert replay_server(*both, 2, 1.0).sojourn.tolist() == pytest.approx([2, 2])
    assert replay_server(*both, 1, 1.0).sojourn.tolist() == pytest.approx([1, 2])
    assert replay_server(*both, 2, 2.0).sojourn.tolist() == pytest.approx([1, 1])


def test_a_budget_stops_the_clock_until_it_is_refilled() -> None:
    """Worked by hand: 0.05 s of CPU per 0.1 s, a request of 0.1 s: runs, waits, runs, ends at 0.15."""
    run = replay_server(np.zeros(1), np.array([0.1]), np.zeros(1), 1, 2.0, budget=Budget(0.05))
    assert run.sojourn.tolist() == pytest.approx([0.15])


def test_time_off_the_cpu_overlaps() -> None:
    """Worked by hand, 0.5 s CPU, 1 s I/O, 0.5 s CPU on one core: half a second apart they never meet (2 s each);
    at once they share the core for 1 s, wait for 1 s, share it for 1 s again (3 s each).
    """
    run = replay_server(np.array([0.0, 0.5]), np.ones(2), np.ones(2), 2, 1.0)
    assert run.sojourn.tolist() == pytest.approx([2.0, 2.0])
    assert replay_server(np.zeros(2), np.ones(2), np.ones(2), 2, 1.0).sojourn.tolist() == pytest.approx([3.0, 3.0])
    assert run.wait.tolist() == [0, 0]


@given(gaps, services, st.integers(1, 6))
@settings(deadline=None)
def test_more_slots_never_lengthen_a_wait(between: list[float], service: list[float], slots: int) -> None:
    """Without CPU limits every single request is served no later with one slot more."""
    arrival, seconds = requests(between, service)
    fewer, more = replay_fifo(arrival, seconds, slots), replay_fifo(arrival, seconds, slots + 1)
    assert (more <= fewer + 1e-9).all()
    assert (more >= seconds - 1e-9).all()


@given(gaps, services, st.floats(0, 20))
@settings(deadline=None)
def test_one_slot_without_a_loop_is_one_slot_with_one(between: list[float], service: list[float], taken: float) -> None:
    """The closed form for a single slot says what the heap says, also where the slot is taken at first."""
    arrival, seconds = requests(between, service)
    offsets = arrival - arrival[0]
    looped = begins(offsets, seconds, [taken]) + seconds - offsets
    assert replay_fifo(arrival, seconds, 1, free_at=(arrival[0] + taken,)) == pytest.approx(looped, abs=1e-9)


@given(gaps, services, st.integers(1, 6), st.floats(0.1, 10))
@settings(deadline=None)
def test_scaling_all_times_scales_all_sojourns(
    between: list[float], service: list[float], slots: int, factor: float
) -> None:
    """Seconds or minutes: the queue does not know."""
    arrival, seconds = requests(between, service)
    assert replay_fifo(arrival * factor, seconds * factor, slots) == pytest.approx(
        replay_fifo(arrival, seconds, slots) * factor, rel=1e-6, abs=1e-9
    )


@given(gaps, services, st.integers(1, 6))
@settings(deadline=None)
def test_without_cpu_the_full_model_is_fifo(between: list[float], service: list[float], slots: int) -> None:
    """Requests that only wait on I/O share nothing but slots."""
    arrival, seconds = requests(between, service)
    run = replay_server(arrival, np.zeros(len(arrival)), seconds, slots, 1.0)
    assert run.sojourn == pytest.approx(replay_fifo(arrival, seconds, slots), abs=1e-6)


@given(gaps, services, st.integers(1, 5), st.floats(0.3, 4))
@settings(deadline=None)
def test_work_is_conserved(between: list[float], service: list[float], slots: int, cores: float) -> None:
    """No request ends before its own work is done, and the last not before all work can be done."""
    arrival, cpu = requests(between, service)
    off = cpu[::-1].copy()
    run = replay_server(arrival, cpu, off, slots, cores)
    assert (run.sojourn >= run.wait + cpu + off - 1e-6).all()
    speed = min(cores, slots)
    assert float((arrival + run.sojourn).max()) >= float(arrival[0]) + float(cpu.sum()) / speed - 1e-6


def test_a_random_split_waits_longer_than_one_queue() -> None:
    """Worked example of the topology table: one queue beats a queue per process at the same slots."""
    rng = np.random.default_rng(3)
    arrival, service = poisson(rng, 35.0, 60.0), rng.exponential(0.105, 4000)
    service = service[: len(arrival)]
    shared = np.quantile(replay_fifo(arrival, service, 6), 0.95)
    split = np.quantile(replay_split(arrival, service, 6, 1, rng), 0.95)
    assert split > 1.8 * shared


def recorded(
    seed: int, workers: int, rate: float, seconds: float = 120.0
) -> tuple[RequestTrace, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    arrival = poisson(rng, rate, seconds)
    wall = rng.gamma(4.0, 0.130 / 4, len(arrival))
    return record(arrival, wall, workers), arrival, wall


@pytest.mark.parametrize("seed", range(6))
def test_the_prediction_is_what_happens_to_the_same_requests(seed: int) -> None:
    """p95 of the same requests under more workers: within 5 %, by another simulator with overhead and ticks."""
    trace, arrival, wall = recorded(seed, 2, 13.0)
    replay = fit_replay(trace, Pool("sync", 2, cores=2.0))
    assert replay.method is Method.FIFO
    assert replay.valid
    for workers in (3, 4, 5):
        happened = np.quantile(record(arrival, wall, workers).sojourn, 0.95)
        assert replay.forecast(workers).p95_seconds == pytest.approx(happened, rel=0.05)


def test_intervals_hold_about_as_often_as_they_say() -> None:
    """80 % intervals of p95 hold 70-97 % of 60 future stretches (new arrivals, new services)."""
    held = []
    for seed in range(30):
        trace, _, _ = recorded(seed, 2, 12.0)
        replay = fit_replay(trace, Pool("sync", 2, cores=2.0))
        for workers in (3, 4):
            forecast = replay.forecast(workers)
            future, _, _ = recorded(seed + 1000, workers, 12.0)
            held.append(forecast.low_seconds <= np.quantile(future.sojourn, 0.95) <= forecast.high_seconds)
    assert 0.70 <= np.mean(held) <= 0.97


def test_a_trace_that_does_not_fit_its_pool_is_not_planned_with() -> None:
    """Requests that waited although workers were free were not served by such a pool."""
    trace, _, _ = recorded(1, 2, 13.0)
    assert not fit_replay(trace, Pool("sync", 4, cores=2.0)).valid
    assert not fit_replay(trace, Pool("gthread", 2, threads=2, cores=2.0)).valid
    assert not fit_replay(RequestTrace.empty(), Pool("sync", 2)).valid


def test_an_unseen_queue_is_not_planned_with() -> None:
    """Where the wait cannot be known (Unix sockets), nothing can be said about queues."""
    trace, _, _ = recorded(1, 2, 13.0)
    columns = {name: getattr(trace, name) for name in RequestTrace.__slots__}
    blind = RequestTrace(**{**columns, "queue_wait": np.full(len(trace), np.nan)})
    replay = fit_replay(blind, Pool("sync", 2, cores=2.0))
    assert not replay.queue_known
    assert not replay.valid


def test_more_load_waits_longer() -> None:
    """Dividing the gaps by 1.2 raises mean and p95; the requests are the same."""
    trace, _, _ = recorded(2, 2, 11.0)
    replay = fit_replay(trace, Pool("sync", 2, cores=2.0))
    usual, busy = replay.figures(3), replay.figures(3, 1.2)
    assert busy > usual
    assert len(replay.sojourns(3)) == len(trace)


def test_a_quota_makes_more_workers_useless_in_the_model_too() -> None:
    """Half a core, 20 ms of CPU, 20 requests a second: p95 with 8 workers is no better than with 2."""
    rng = np.random.default_rng(5)
    arrival = poisson(rng, 20.0, 90.0)
    n = len(arrival)
    cpu, off = np.full(n, 0.02), np.full(n, 0.002)
    run = replay_server(arrival, cpu, off, 2, 2.0, budget=Budget(0.05, 0.1, 0.03))
    wall, none = run.sojourn - run.wait, np.zeros(n, dtype=np.int64)
    trace = RequestTrace(arrival, run.wait, wall, cpu, np.maximum(0, wall - cpu - off), none + 200, none, none, none)
    replay = fit_replay(trace, Pool("sync", 2, cores=0.5, quota=CpuQuota(0.05, 0.1, 2.0)))
    assert replay.method is Method.SERVER
    assert replay.valid
    assert replay.figures(8)[1] >= replay.figures(2)[1]


def test_forty_thousand_requests_take_fifty_milliseconds() -> None:
    """Of CPU, the best of five runs: what neighbours on the machine take away is not counted."""
    rng = np.random.default_rng(0)
    arrival, service = np.cumsum(rng.exponential(1 / 14, 40_000)), rng.exponential(0.13, 40_000)

    def once() -> float:
        began = time.process_time()
        replay_fifo(arrival, service, 4)
        return time.process_time() - began

    assert min(once() for _ in range(5)) <= 0.050


def test_the_clock_of_the_trace_does_not_matter() -> None:
    """Unix times of today or seconds from zero give the same sojourns."""
    trace, _, _ = recorded(4, 2, 12.0)
    assert replay_fifo(trace.arrival, trace.wall, 3) == pytest.approx(
        replay_fifo(trace.arrival - START, trace.wall, 3), abs=1e-5
    )
