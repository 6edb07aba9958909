"""Slots behind one queue, threads of one interpreter, and a queue for each process."""

import numpy as np
import pytest
from backoffice import poisson
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue, Pool, RequestTrace
from plugin_optimizer.models.dealt import replay_dealt
from plugin_optimizer.models.fifo import replay_fifo
from plugin_optimizer.models.replay import Method, fit_replay
from plugin_optimizer.models.server import Budget, replay_server
from plugin_optimizer.models.topology import models_topology, queue_per_process, usable_cores
from tests.models.plain_server import serve_plainly

TICK = 1 / 128
ticks = st.lists(st.integers(0, 24).map(lambda count: count * TICK), min_size=25, max_size=25)
homes = st.lists(st.integers(0, 2), min_size=1, max_size=25)
limits = st.none() | st.builds(Budget, st.sampled_from([4 * TICK, 16 * TICK]), st.just(16 * TICK), st.just(5 * TICK))


def test_each_process_serves_only_what_it_was_dealt() -> None:
    """Worked by hand: three requests of 1 s of I/O at once, two of them dealt to process 0: 1, 2 and 1 s."""
    three, home = np.zeros(3), np.array([0, 0, 1])
    assert replay_dealt(three, three, np.ones(3), home, 1, 2.0).tolist() == [1, 2, 1]
    assert replay_dealt(three, np.ones(3), three, home, 1, 1.0).tolist() == pytest.approx([2, 3, 2])
    assert replay_dealt(three[:0], three[:0], three[:0], home[:0], 1, 1.0).tolist() == []
    with pytest.raises(InvalidValue, match="at least 1 slot"):
        replay_dealt(three, three, three, home, 0, 1.0)


@given(ticks, ticks, ticks, homes, st.integers(1, 3), st.sampled_from([0.5, 1.0, 2.0]), limits)
@settings(deadline=None, max_examples=50)
def test_dealt_requests_end_when_the_plain_server_ends_them(
    gaps: list[float],
    cpu: list[float],
    off_cpu: list[float],
    home: list[int],
    slots: int,
    cores: float,
    budget: Budget | None,
) -> None:
    """A queue for each of three processes, cores shared by all, with and without a quota."""
    count = len(home)
    arrival = np.cumsum([0.0, *gaps])[:count]
    columns = (arrival, np.array(cpu[:count]), np.array(off_cpu[:count]))
    sojourn = replay_dealt(*columns, np.array(home), slots, cores, budget=budget)
    plain = serve_plainly(arrival.tolist(), cpu[:count], off_cpu[:count], slots, cores, budget, home=home)
    assert sojourn == pytest.approx(plain[1], abs=1e-6)


def test_one_process_is_one_queue() -> None:
    """Everything dealt to the same process: what the model of one queue says."""
    rng = np.random.default_rng(1)
    arrival, cpu = np.cumsum(rng.exponential(0.05, 400)), rng.exponential(0.04, 400)
    dealt = replay_dealt(arrival, cpu, cpu, np.zeros(400, dtype=np.int64), 3, 1.0)
    assert dealt == pytest.approx(replay_server(arrival, cpu, cpu, 3, 1.0).sojourn, abs=1e-6)


def test_threads_of_one_process_share_one_core() -> None:
    """The interpreter's lock: a process computes on one core, however many the host has."""
    threads = Pool("gthread", 1, threads=4, cores=8.0)
    assert usable_cores(threads, 1) == 1.0
    assert usable_cores(threads, 3) == 3.0
    assert usable_cores(Pool("sync", 4, cores=8.0), 4) == 8.0
    assert models_topology(threads)
    assert not models_topology(Pool("gthread", 2, threads=4))
    assert not models_topology(Pool("gevent", 2))


def test_several_processes_have_a_queue_each_with_threads_or_reuse_port() -> None:
    """One process has one queue, and sync workers stand behind one."""
    assert queue_per_process(Pool("sync", 2, reuse_port=True), 3)
    assert queue_per_process(Pool("gthread", 1, threads=4), 2)
    assert not queue_per_process(Pool("gthread", 1, threads=4), 1)
    assert not queue_per_process(Pool("sync", 2), 3)


def threaded(rate: float, seconds: float = 90.0) -> tuple[RequestTrace, float, float]:
    """Record requests of 12 ms CPU and 40 ms I/O in six threads of one process, by the plain server."""
    rng = np.random.default_rng(8)
    arrival = poisson(rng, rate, seconds)
    count = len(arrival)
    cpu, off_cpu = np.full(count, 0.012), rng.exponential(0.04, count)
    wait, sojourn = serve_plainly((arrival - arrival[0]).tolist(), cpu.tolist(), off_cpu.tolist(), 6, 1.0)
    wall, none = np.array(sojourn) - np.array(wait), np.zeros(count, dtype=np.int64)
    # Waits for the lock are sleep to the kernel: no run delay.
    trace = RequestTrace(arrival, np.array(wait), wall, cpu, np.zeros(count), none + 200, none, none, none)
    return trace, float(off_cpu.mean()), float(np.quantile(sojourn, 0.95))


def test_waits_for_the_interpreters_lock_are_not_counted_twice() -> None:
    """They are recorded as time off the CPU and made again by the model: what is left of them is the real I/O."""
    trace, off_cpu, p95 = threaded(45.0)
    replay = fit_replay(trace, Pool("gthread", 1, threads=6, cores=2.0))
    assert replay.method is Method.SERVER
    assert replay.valid
    assert float(trace.off_cpu.mean()) > 1.1 * off_cpu
    assert float(replay.off_cpu.mean()) == pytest.approx(off_cpu, rel=0.05)
    assert float(np.quantile(replay.runs(1), 0.95)) * replay.p95_ratio == pytest.approx(p95, rel=0.05)


def test_dealt_requests_that_compute_share_the_cores_in_the_fitted_model() -> None:
    """`reuse_port` with CPU scarce: neither the cores nor the unequal queues are forgotten."""
    rng = np.random.default_rng(2)
    arrival = poisson(rng, 30.0, 60.0)
    count = len(arrival)
    cpu, off_cpu = np.full(count, 0.04), np.full(count, 0.02)
    sojourn = replay_dealt(arrival, cpu, off_cpu, rng.integers(4, size=count), 1, 2.0)
    none = np.zeros(count, dtype=np.int64)
    wall = np.minimum(sojourn, cpu + off_cpu)
    trace = RequestTrace(arrival, sojourn - wall, wall, cpu, np.zeros(count), none + 200, none, none, none)
    replay = fit_replay(trace, Pool("sync", 4, cores=2.0, reuse_port=True))
    assert replay.method is Method.SERVER
    alone = np.quantile(replay_fifo(arrival, cpu + off_cpu, 4), 0.95)
    assert float(np.quantile(replay.runs(4), 0.95)) > 1.3 * alone
    assert float(np.quantile(replay.runs(4), 0.95)) == pytest.approx(float(np.quantile(sojourn, 0.95)), rel=0.15)
