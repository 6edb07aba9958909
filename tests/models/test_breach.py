"""A broken promise is certain the sooner the worse it is, and chance does not break it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import RequestTrace
from plugin_optimizer.models.breach import ALARM, BLOCK_SECONDS, LATE, breach

NOW, SLO = 1_000.0, 1.0


def requests(late: np.ndarray, seconds: float, per_second: float = 10.0) -> RequestTrace:
    """Return requests completed evenly over the last `seconds`, those that are late three times the SLO long."""
    count = int(seconds * per_second)
    ends = NOW - seconds + (np.arange(count, dtype=np.float64) + 0.5) / per_second
    wall = np.where(np.resize(late, count), 3 * SLO, 0.1)
    zero, none = np.zeros(count), np.zeros(count, dtype=np.int64)
    return RequestTrace.merge(RequestTrace(ends - wall, zero, wall, zero, zero, none + 200, none, none, none))


def first_seen(share: float) -> float:
    """Return after how many seconds a breach with that share of late requests is certain, inf if it never is."""
    pattern = np.arange(20) < round(20 * share)
    np.random.default_rng(0).shuffle(pattern)
    for blocks in range(1, 41):
        if breach(requests(pattern, blocks * BLOCK_SECONDS), SLO, 0.0, NOW) is not None:
            return blocks * BLOCK_SECONDS
    return float("inf")


def test_the_worse_the_sooner() -> None:
    """Every request late: 15 s. Half of them: 37.5 s. A tenth: never by this test."""
    assert first_seen(1.0) == np.ceil(ALARM / LATE) * BLOCK_SECONDS == 15.0
    assert 30.0 <= first_seen(0.5) <= 45.0
    assert 15.0 < first_seen(0.75) < first_seen(0.5)
    assert first_seen(0.1) == float("inf")


def test_the_onset_is_where_it_began() -> None:
    """A minute in time, then twenty seconds late: since then, to a block, and only those requests count."""
    trace = RequestTrace.merge(_moved(requests(np.array([False]), 60.0), -20.0), requests(np.array([True]), 20.0))
    found = breach(trace, SLO, 0.0, NOW)
    assert found is not None
    assert found.since == pytest.approx(NOW - 20.0, abs=BLOCK_SECONDS)
    assert (found.requests, found.late_ratio) == (200, 1.0)


def test_a_burst_that_passed_is_none() -> None:
    """Ten seconds late, and in time again: never certain."""
    trace = RequestTrace.merge(_moved(requests(np.array([True]), 10.0), -10.0), requests(np.array([False]), 10.0))
    assert breach(trace, SLO, 0.0, NOW) is None
    assert breach(trace, SLO, 0.0, NOW - 10.0) is None


def test_what_lies_before_the_beginning_does_not_count() -> None:
    """Requests served while workers start are left out."""
    trace = requests(np.array([True]), 20.0)
    assert breach(trace, SLO, NOW - 20.0, NOW) is not None
    assert breach(trace, SLO, NOW - 10.0, NOW) is None


@given(st.integers(0, 10_000))
def test_chance_within_the_promise_is_no_breach(seed: int) -> None:
    """Five minutes with one late request in twenty, at any rate."""
    rng = np.random.default_rng(seed)
    late = rng.random(3_000) < 0.05
    assert breach(requests(late, 300.0, float(rng.uniform(0.5, 10.0))), SLO, 0.0, NOW) is None


def test_few_requests_say_little() -> None:
    """Three late requests in twenty seconds are no certainty, and no request is none at all."""
    assert breach(requests(np.array([True]), 20.0, 0.15), SLO, 0.0, NOW) is None
    assert breach(RequestTrace.empty(), SLO, 0.0, NOW) is None


def _moved(trace: RequestTrace, seconds: float) -> RequestTrace:
    return replace(trace, arrival=trace.arrival + seconds)
