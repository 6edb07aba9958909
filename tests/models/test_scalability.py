"""The Universal Scalability Law tells a pool that scales from one that does not."""

import numpy as np
import pytest
from backoffice import poisson, record
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import RequestTrace
from plugin_optimizer.models.scalability import Scalability, fit_scalability, levels, observed_scalability

LEVELS = np.arange(1.0, 9.0)


def test_the_law_by_hand() -> None:
    """γ 10, σ 0.2, κ 0.05: at 1 10 a second, at 2 20/1.3, at 4 40/2.2; the peak at √(0.8/0.05) = 4."""
    law = Scalability(10.0, 0.2, 0.05)
    assert law.throughput(np.array([1.0, 2.0, 4.0])) == pytest.approx([10.0, 20 / 1.3, 40 / 2.2])
    assert law.peak == pytest.approx(4.0)
    assert law.throughput(np.array([4.0])) > law.throughput(np.array([5.0]))
    assert Scalability(10.0, 0.2, 0.0).peak == float("inf")
    assert Scalability(10.0, 1.0, 0.1).peak == 1.0


@given(st.floats(0.5, 500), st.floats(0, 0.95), st.floats(0, 0.3))
@settings(deadline=None, max_examples=50)
def test_the_law_is_found_again(rate: float, contention: float, coherency: float) -> None:
    """Levels that follow the law exactly give its parameters."""
    law = fit_scalability(LEVELS, Scalability(rate, contention, coherency).throughput(LEVELS))
    assert law is not None
    assert law.rate == pytest.approx(rate, rel=1e-4)
    assert law.contention == pytest.approx(contention, abs=1e-4)
    assert law.coherency == pytest.approx(coherency, abs=1e-4)


def test_a_quota_reads_as_serial() -> None:
    """The same throughput with 1, 2, 4, 8 and 16 workers (measured): all of it serial, no use in more."""
    law = fit_scalability(np.array([1.0, 2.0, 4.0, 8.0, 16.0]), np.array([23.85, 23.9, 23.9, 23.85, 23.8]))
    assert law is not None
    assert law.contention == pytest.approx(1.0, abs=0.02)


def test_better_than_linear_is_linear() -> None:
    """Noise that looks superlinear makes no negative contention."""
    law = fit_scalability(LEVELS, 10.0 * LEVELS**1.05)
    assert law is not None
    assert law.contention == law.coherency == 0.0


def test_three_levels_are_too_few() -> None:
    """Three parameters go through any three points; levels nobody completed at say nothing."""
    assert fit_scalability(LEVELS[:3], LEVELS[:3]) is None
    assert fit_scalability(LEVELS, np.where(LEVELS < 4, LEVELS, 0.0)) is None
    assert observed_scalability(RequestTrace.empty()) is None


def test_levels_by_hand() -> None:
    """Inside from 0 to 2 and from 1 to 3: one, two and one of them for a second each, one leaves out of each level."""
    none = np.zeros(2, dtype=np.int64)
    wall, zero = np.array([2.0, 2.0]), np.zeros(2)
    trace = RequestTrace(np.array([0.0, 1.0]), zero, wall, zero, zero, none, none, none, none)
    concurrency, seconds, completions = levels(trace)
    assert concurrency.tolist() == [0, 1, 2]
    assert seconds.tolist() == [0, 2, 1]
    assert completions.tolist() == [0, 1, 1]


def test_a_trace_shows_whether_its_pool_scales() -> None:
    """Waits on I/O scale; behind a lock everybody takes as much longer as there are others inside."""
    rng = np.random.default_rng(3)
    arrival = poisson(rng, 40.0, 120.0)
    free = observed_scalability(record(arrival, rng.exponential(0.1, len(arrival)), 8))
    assert free is not None
    assert free.contention < 0.1
    locked = observed_scalability(behind_a_lock(rng))
    assert locked is not None
    assert locked.contention > 0.8


def behind_a_lock(rng: np.random.Generator) -> RequestTrace:
    """Return requests that all hold one lock for all of their 50 ms, in eight workers."""
    arrival = poisson(rng, 17.0, 120.0)
    seconds = rng.exponential(0.05, len(arrival))
    end = np.empty(len(arrival))
    free = 0.0
    for i, (at, need) in enumerate(zip(arrival, seconds, strict=True)):
        end[i] = free = max(free, at) + need
    none, zero = np.zeros(len(arrival), dtype=np.int64), np.zeros(len(arrival))
    return RequestTrace(arrival, zero, end - arrival, zero, zero, none, none, none, none)
