"""What a change would have saved: worked by hand, and by property."""

import numpy as np
import pytest
from hindsight.history import BUSY, END, FLEET, HEALTHY, OVERLOAD, SLO, T0, Service, set_to
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Message, RequestTrace, SeenSettings
from plugin_optimizer.hindsight.estimate import STRETCH_SECONDS, _slow_minutes, cost, estimate
from plugin_optimizer.hindsight.judged import would_be_kept
from plugin_optimizer.hindsight.replayed import Replayed, replay_stretch
from plugin_optimizer.hindsight.report import Estimate
from tests.knowledge.proposals import advice, proposal

BUSY_TRACE = FLEET[0].requests()


def trace_of(plugin_id: str, begin: float, end: float) -> RequestTrace:
    return BUSY_TRACE.between(begin, end) if plugin_id == "orders" else RequestTrace.empty()


def two_workers(_: str, at: float) -> SeenSettings:
    return set_to(at, 2)


def estimated(begin: float, end: float, after: int = 3) -> Estimate:
    found = estimate(proposal(after=after), begin, end, SLO, trace_of, two_workers)
    assert isinstance(found, Estimate), found
    return found


def test_slow_minutes_by_hand() -> None:
    """Three minutes: one within the objective, one beyond it, one with too few requests to say."""
    arrival = np.array([0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 120, 121], dtype=float)
    sojourn = np.array([0.1] * 5 + [0.9] * 5 + [9.0] * 2)
    assert _slow_minutes(arrival, sojourn, 0.5) == 1.0
    assert _slow_minutes(arrival, sojourn, 0.05) == 2.0


@given(st.integers(2, 8))
@settings(max_examples=7)
def test_more_workers_never_make_a_queue_slower(workers: int) -> None:
    """As many as ran tell what happened, within the error of the model; each further one is as fast or faster."""
    begin, end = OVERLOAD[0], OVERLOAD[0] + 240.0
    same = replay_stretch(trace_of("orders", begin, end), set_to(begin, 2), 2, 2)
    more = replay_stretch(trace_of("orders", begin, end), set_to(begin, 2), 2, workers)
    assert isinstance(same, Replayed)
    assert isinstance(more, Replayed)
    assert float(same.replayed.mean()) == pytest.approx(float(same.recorded.mean()), rel=0.05)
    assert float(more.replayed.mean()) <= float(same.replayed.mean()) * 1.001


def test_no_more_minutes_are_saved_than_there_were() -> None:
    """Avoided minutes lie between none and all; the interval holds the expected figure."""
    found = estimated(*OVERLOAD)
    assert 0 <= found.slow_minutes[1] <= found.slow_minutes[0] <= (OVERLOAD[1] - OVERLOAD[0]) / 60
    assert found.slow_range[0] <= found.slow_minutes[1] <= found.slow_range[1]
    assert found.stretches == found.replayed == 2
    assert found.p95_range[0] <= found.p95_seconds[1] <= found.p95_range[1]


def test_a_long_time_is_sampled_and_scaled() -> None:
    """At most 24 stretches are replayed, spread over all of it; minutes count for those in between as well."""
    days = Service("orders", ((8 * 60, BUSY, 2),), seed=4).requests()
    found = estimate(proposal(), T0, T0 + 8 * 3600.0, SLO, lambda _, a, b: days.between(a, b), two_workers)
    assert isinstance(found, Estimate)
    assert found.stretches == 8 * 3600 / STRETCH_SECONDS
    assert found.replayed == 24
    whole = _slow_minutes(days.arrival, days.sojourn, SLO)
    assert found.slow_minutes[0] == pytest.approx(whole, rel=0.35)


@pytest.mark.parametrize(
    ("made", "seen", "code"),
    [
        (advice(), two_workers, "replay_advice"),
        (proposal(knob="timeout"), two_workers, "replay_no_model"),
        (proposal(plugin_id="menu"), two_workers, "replay_not_recorded"),
        (proposal(), lambda *_: None, "replay_settings_unknown"),
        (proposal(before=4, after=5), two_workers, "replay_other_workers"),
    ],
)
def test_what_cannot_be_estimated_says_why(made: object, seen: object, code: str) -> None:
    """Never a figure without the requests it rests on."""
    found = estimate(made, *OVERLOAD, SLO, trace_of, seen)  # type: ignore[arg-type]
    assert isinstance(found, Message)
    assert found.code == code


def test_too_few_requests_say_nothing() -> None:
    """Fifty at least."""
    found = estimate(proposal(), T0, T0 + 2.0, SLO, trace_of, two_workers)
    assert isinstance(found, Message)
    assert found.code == "replay_few_requests"


def test_workers_cost_hours() -> None:
    """Two more for half an hour: one worker-hour. Other knobs cost nothing that is known."""
    found = cost(proposal(before=2, after=4), T0, T0 + 1800.0)
    assert found is not None
    assert (found.hours, found.worker_hours, found.memory_bytes) == (0.5, 1.0, None)
    less = cost(proposal(before=4, after=2), T0, T0 + 1800.0)
    assert less is not None
    assert less.worker_hours == -1.0
    assert cost(proposal(knob="timeout"), T0, END) is None


def test_a_change_is_kept_where_requests_would_have_waited_less() -> None:
    """In the overload a third worker proves itself; where hardly anything waits there is nothing for it to prove."""
    change = proposal(after=3).change
    assert change is not None
    busy = trace_of("orders", OVERLOAD[0] + 60.0, OVERLOAD[0] + 360.0)
    calm = HEALTHY.requests().between(T0, T0 + 600.0)
    assert would_be_kept(change, busy, set_to(T0, 2)) is True
    assert would_be_kept(change, calm, set_to(T0, 2)) is False
    assert would_be_kept(change, RequestTrace.empty(), set_to(T0, 2)) is None
