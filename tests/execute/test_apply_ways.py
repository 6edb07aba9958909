"""Which way an execution takes when its plugin comes back, and when it is sent back: the whole record afterwards."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import ExecutionState, Message, Metric, Outcome, Step, Unobservable, Verdict
from plugin_optimizer.execute import apply

from .test_apply import ORDERS, execution, world
from .test_apply_reasons import LATER, gone, unseen, without_the_knob

State = ExecutionState
P95 = Metric.RESPONSE_TIME_SECONDS
HARM = Verdict(Outcome.WORSE, P95, 1.5, 1.2, 1.8, 0.2, 0.3, 3, 300, "guard")
EARLIER = Verdict(Outcome.SAME, P95, 1.0, 0.9, 1.1, 0.2, 0.2, 8, 900, "windows")


@pytest.mark.parametrize(("undoing", "way"), [(False, State.APPLYING), (True, State.RB_APPLYING)])
def test_a_plugin_that_came_back_is_turned_on_the_way_it_was_on(undoing: bool, way: ExecutionState) -> None:
    """The step that was under way died with it: a new one is to be announced."""
    lost = replace(execution(2, 4, undoing=undoing), state=State.GONE, step=Step(2, LATER), updated_at=LATER)
    back = apply.come_back(world(3)[0], ORDERS, lost, LATER + 300.0)
    assert back == replace(lost, state=way, step=None)


def test_a_plugin_that_stays_away_is_for_a_person_after_half_a_minute() -> None:
    """Up to the thirtieth second its supervisor may bring it back."""
    lost = replace(execution(2, 4), state=State.GONE, updated_at=LATER)
    assert apply.come_back(gone(), ORDERS, lost, LATER + 29.9) is lost
    given_up = replace(lost, state=State.NEEDS_OPERATOR, reason=Message("plugin_gone", {}))
    assert apply.come_back(gone(), ORDERS, lost, LATER + 30.0) == given_up


def test_nothing_is_concluded_about_a_plugin_that_cannot_be_seen() -> None:
    """Neither that it came back nor that it stays away, nor what runs of what was judged: a person looks."""
    lost = replace(execution(2, 4), state=State.GONE, updated_at=LATER)
    for touchpoint in (unseen(), without_the_knob()):
        ended = apply.come_back(touchpoint, ORDERS, lost, LATER + 300.0)
        assert ended == replace(lost, state=State.NEEDS_OPERATOR, reason=ended.reason)
        assert ended.reason is not None
        assert ended.reason.code == "unobservable"
    with pytest.raises(Unobservable):
        apply.standing(unseen(), ORDERS, lost)


def test_what_is_sent_back_says_why_and_keeps_the_verdict() -> None:
    """A verdict that comes with the order counts; without one that of the record stays."""
    judged = replace(execution(2, 4), state=State.VERIFYING, verdict=EARLIER)
    reason = Message("guard_tripped", {})
    back = replace(judged, state=State.RB_INTENT, undoing=True, reason=reason)
    assert apply.undo(judged, reason) == back
    assert apply.undo(judged, reason, HARM) == replace(back, verdict=HARM)
    unjudged = replace(judged, verdict=None)
    assert apply.undo(unjudged, reason, HARM) == replace(back, verdict=HARM)
    assert apply.undo(unjudged, reason) == replace(back, verdict=None)
