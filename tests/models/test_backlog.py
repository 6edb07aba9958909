"""What was in the system when a stretch of requests begins is read off the requests themselves."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import RequestTrace
from plugin_optimizer.models.backlog import shared_out, taken_at_start
from plugin_optimizer.models.fifo import replay_fifo


def requests(arrival: Sequence[float], wait: Sequence[float], wall: Sequence[float]) -> RequestTrace:
    zero, none = np.zeros(len(arrival)), np.zeros(len(arrival), dtype=np.int64)
    return RequestTrace(
        np.array(arrival, dtype=float),
        np.array(wait, dtype=float),
        np.array(wall, dtype=float),
        zero,
        zero,
        none,
        none,
        none,
        none,
    )


def test_an_example_worked_by_hand() -> None:
    """Two slots: the first request begins at 3, ends at 4 and hands its slot on; the third takes the other at 6."""
    trace = requests([0, 1, 2, 3], [3, 3, 4, 4], [1, 5, 5, 5])
    assert taken_at_start(trace, 2) == (3, 6)


def test_an_idle_service_has_nothing_taken() -> None:
    """Nobody waits: every slot was free, used or not."""
    assert taken_at_start(requests([0, 1, 2], [0, 0, 0], [0.5, 0.5, 0.5]), 4) == ()


def test_a_worker_that_starts_late_is_taken_until_it_serves() -> None:
    """One of two workers serves alone until 8, when the other begins."""
    trace = requests([0, 1, 2, 3, 4], [0, 2, 4, 5, 7], [3, 3, 3, 9, 9])
    assert taken_at_start(trace, 2) == (8,)


def test_delays_of_the_listener_take_no_slots() -> None:
    """A wait of 20 ms with most slots free is no line: no slot ended at that moment."""
    trace = requests([0, 1, 2, 3], [0, 0.02, 0, 0.02], [0.5, 0.5, 0.5, 0.5])
    assert taken_at_start(trace, 8) == ()


@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(20, 150))
@settings(max_examples=60, deadline=None)
def test_a_replay_goes_on_where_the_stretch_begins(seed: int, slots: int, cut: int) -> None:
    """Cut anywhere out of a busy time, the rest replays to the very same sojourns."""
    rng = np.random.default_rng(seed)
    arrival = np.cumsum(rng.exponential(0.1 / slots / 1.05, 400)) + 1_000.0
    wall = 0.02 + rng.exponential(0.08, 400)
    sojourn = replay_fifo(arrival, wall, slots, free_at=[1_003.0] * slots)
    trace = requests(arrival.tolist(), (sojourn - wall).tolist(), wall.tolist()).where(np.arange(400) >= cut)
    again = replay_fifo(trace.arrival, trace.wall, slots, free_at=taken_at_start(trace, slots))
    # Two slots that come free within a tick of the clock may be mistaken for one another.
    assert again == pytest.approx(trace.sojourn, abs=0.05)
    assert again.mean() == pytest.approx(trace.sojourn.mean(), rel=0.02, abs=0.01)


def test_the_line_is_shared_and_those_in_service_stay() -> None:
    """Two slots free in 3 and 4 s: 6 s of line over three slots, and one request with 1 s to go."""
    assert shared_out((103, 104), 100, 2, 3) == pytest.approx((102, 102, 103))
    assert shared_out((104,), 100, 2, 3) == pytest.approx((104,))
    assert shared_out((103, 104), 100, 2, 1) == pytest.approx((107,))
    assert shared_out((103, 104), 100, 2, 2) == pytest.approx((103, 104))
    assert shared_out((), 100, 2, 4) == ()


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=6), st.integers(0, 3), st.integers(1, 9))
def test_no_work_is_lost_or_made(left: list[float], idle: int, slots: int) -> None:
    """However many slots share it, the sum of work is the same."""
    shared = shared_out([100 + seconds for seconds in left], 100, len(left) + idle, slots)
    assert sum(at - 100 for at in shared) == pytest.approx(sum(left), rel=1e-6)
    assert len(shared) <= slots


def test_unknown_waits_are_no_evidence() -> None:
    """Requests whose queue wait nobody saw take no slot for granted."""
    trace = requests([0, 1], [0, 0], [0.5, 0.5])
    assert taken_at_start(replace(trace, queue_wait=np.full(2, np.nan)), 2) == ()
