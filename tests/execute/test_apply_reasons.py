"""How a look is answered: the whole record afterwards, to the second and with the reason that people read."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from plugin_optimizer.domain import ExecutionState, Knob, Message, NotFound, Plugin, Step, UnderWay, Value
from plugin_optimizer.execute import apply
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .test_apply import ORDERS, execution, world

State = ExecutionState
LATER = 1_000.0


def unseen() -> SimulatedTouchpoint:
    touchpoint, simulated = world(2)
    simulated.unreadable = True
    return touchpoint


def without_the_knob() -> SimulatedTouchpoint:
    return SimulatedTouchpoint({"orders": SimulatedPlugin(ORDERS, {})})


def gone() -> SimulatedTouchpoint:
    touchpoint, simulated = world(2)
    simulated.gone = True
    return touchpoint


@pytest.mark.parametrize("touchpoint", [unseen(), without_the_knob()])
def test_what_cannot_be_seen_is_unknown_after_eight_seconds(touchpoint: SimulatedTouchpoint) -> None:
    """Up to the eighth second nothing is concluded."""
    asked = replace(execution(2, 4), updated_at=LATER)
    assert apply.next_state(touchpoint, ORDERS, asked, LATER + 7.9) == (asked, None)
    lost, effect = apply.next_state(touchpoint, ORDERS, asked, LATER + 8.0)
    assert (lost, effect) == (replace(asked, state=State.UNKNOWN, reason=lost.reason), None)
    assert lost.reason is not None
    assert lost.reason.code == "unobservable"
    assert "orders" in str(lost.reason.params["detail"])


@pytest.mark.parametrize("touchpoint", [unseen(), without_the_knob()])
def test_what_stays_out_of_sight_is_for_a_person_after_half_a_minute(touchpoint: SimulatedTouchpoint) -> None:
    """Never repeated blindly, never forgotten."""
    asked = replace(execution(2, 4), state=State.UNKNOWN, updated_at=LATER)
    waits = apply.resolve_unknown(touchpoint, ORDERS, asked, LATER + 29.9)
    assert waits == replace(asked, reason=waits.reason)
    assert waits.reason is not None
    assert waits.reason.code == "unobservable"
    given_up = replace(waits, state=State.NEEDS_OPERATOR)
    assert apply.resolve_unknown(touchpoint, ORDERS, waits, LATER + 30.0) == given_up


class Slow(SimulatedTouchpoint):
    """Says of each look that what was ordered goes on."""

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        raise UnderWay(f"{plugin.plugin_id} is still stopping")


@pytest.mark.parametrize("undoing", [False, True])
def test_what_is_seen_to_be_under_way_is_waited_for_and_ordered_once(undoing: bool) -> None:
    """Ten minutes instead of eight seconds, with the words of whoever is at it; then a person, and never a success."""
    touchpoint = Slow({})
    asked = replace(execution(2, 4, undoing=undoing), updated_at=LATER)
    waits, effect = apply.next_state(touchpoint, ORDERS, asked, LATER + 1.0)
    said = Message("under_way", {"detail": "orders is still stopping"})
    assert (waits, effect) == (asked if undoing else replace(asked, reason=said), None)
    assert apply.next_state(touchpoint, ORDERS, waits, LATER + 599.0) == (waits, None)
    lost, effect = apply.next_state(touchpoint, ORDERS, waits, LATER + 600.0)
    assert (lost, effect) == (replace(waits, state=State.UNKNOWN, reason=said), None)
    assert apply.resolve_unknown(touchpoint, ORDERS, lost, LATER + 29.0) == lost
    ended = apply.resolve_unknown(touchpoint, ORDERS, lost, LATER + 30.0)
    assert ended == replace(lost, state=State.NEEDS_OPERATOR)
    with pytest.raises(UnderWay):
        apply.standing(touchpoint, ORDERS, asked)


@pytest.mark.parametrize("touchpoint", [unseen(), without_the_knob(), Slow({})])
def test_what_was_gone_and_cannot_be_read_does_not_stay_open_for_ever(touchpoint: SimulatedTouchpoint) -> None:
    """It is neither there nor gone: half a minute, then a person."""
    asked = replace(execution(2, 4), state=State.GONE, updated_at=LATER, reason=Message("plugin_gone", {}))
    waits = apply.come_back(touchpoint, ORDERS, asked, LATER + 29.0)
    assert waits.state is State.GONE
    assert apply.come_back(touchpoint, ORDERS, waits, LATER + 30.0).state is State.NEEDS_OPERATOR


def test_a_plugin_that_is_gone_is_said_to_be_gone() -> None:
    """While turning, while unknown, and while it is judged."""
    asked = execution(2, 4)
    lost = replace(asked, state=State.GONE, reason=Message("plugin_gone", {}))
    assert apply.next_state(gone(), ORDERS, asked, 1.0) == (lost, None)
    assert apply.resolve_unknown(gone(), ORDERS, asked, 1.0) == lost
    assert apply.standing(gone(), ORDERS, asked) == lost


def test_a_step_is_announced_with_the_value_it_starts_from() -> None:
    """The record names value and time; the effect goes to the target in force."""
    touchpoint, _ = world(2)
    announced, effect = apply.next_state(touchpoint, ORDERS, execution(2, 4), 3.0)
    assert announced == replace(execution(2, 4), observed=2, step=Step(seen=2, at=3.0))
    assert effect == apply.Effect(ORDERS, "workers", 4)
    back = execution(2, 4, undoing=True)
    assert apply.next_state(world(4)[0], ORDERS, back, 3.0)[1] == apply.Effect(ORDERS, "workers", 2)


def test_a_step_still_to_come_is_awaited_for_eight_seconds() -> None:
    """Then its fate is unknown, with the value that stood still."""
    asked = replace(execution(2, 4), step=Step(2, LATER), updated_at=LATER, observed=2)
    assert apply.next_state(world(2)[0], ORDERS, asked, LATER + 7.9) == (asked, None)
    unknown = replace(asked, state=State.UNKNOWN, reason=Message("step_not_seen", {"knob": "workers", "value": 2}))
    assert apply.next_state(world(2)[0], ORDERS, asked, LATER + 8.0) == (unknown, None)


@pytest.mark.parametrize(
    ("value", "step", "tries", "undoing", "applied_at", "ordered", "foreign"),
    [
        (3, None, 0, False, None, False, True),  # before our first step only an end can be ours
        (3, Step(2, 0.0), 0, False, None, True, False),
        (3, None, 1, False, None, True, False),
        (3, None, 0, True, None, True, False),  # the way back may begin in the middle
        (
            3,
            None,
            0,
            True,
            None,
            False,
            True,
        ),  # where nothing was ordered on the way there, or an end was seen, it may not
        (3, None, 0, True, 5.0, False, True),
        (1, Step(2, 0.0), 0, False, None, True, True),
        (5, Step(2, 0.0), 1, True, None, True, True),
        (2, None, 0, True, 5.0, True, False),
        (4, None, 0, False, None, False, False),
    ],
)
def test_what_is_not_ours_is_left_alone(
    value: int, step: Step | None, tries: int, undoing: bool, applied_at: float | None, ordered: bool, foreign: bool
) -> None:
    """From 2 to 4: which values may be our own doing, and which somebody else's."""
    way = execution(2, 4, undoing=undoing)
    asked = replace(way, step=step, tries=tries, applied_at=applied_at, ordered=ordered)
    found, effect = apply.next_state(world(value)[0], ORDERS, asked, 1.0)
    assert (found.state is State.FOREIGN) is foreign
    assert not (foreign and effect)
    if foreign:
        assert found.reason == Message("foreign_value", {"knob": "workers", "value": value})
        assert found.observed == value


@pytest.mark.parametrize(
    ("before", "after", "value", "expected"),
    [
        (2, 4, 2, True), (2, 4, 4, True), (2, 4, 1, False), (2, 4, 5, False), (4, 2, 3, True), (4, 2, 5, False),
        ("lru", "lfu", "lru", True), ("lru", "lfu", "lfu", True), ("lru", "lfu", "lqu", False), ("lru", 4, 3, False),
        (2, "lfu", 3, False), (2, 4, "3", False),
    ],
)  # fmt: skip
def test_the_way_is_what_lies_between_the_ends(before: Value, after: Value, value: Value, expected: bool) -> None:
    """Ends included; words have nothing between them."""
    asked = execution(2, 4)
    asked = replace(asked, change=replace(asked.change, before=before, after=after))
    assert apply.on_the_way(value, asked) is expected


@pytest.mark.parametrize("undoing", [False, True])
def test_an_unknown_fate_is_resolved_by_looking(undoing: bool) -> None:
    """At the target it has arrived; elsewhere a value must stand still for ten seconds before it is tried again."""
    target, start, way = (2, 4, State.RB_APPLYING) if undoing else (4, 2, State.APPLYING)
    asked = replace(execution(2, 4, undoing=undoing), state=State.UNKNOWN, updated_at=LATER, step=Step(start, LATER))
    done = replace(asked, state=State.ROLLED_BACK if undoing else State.APPLIED, step=None, observed=target)
    assert apply.resolve_unknown(world(target)[0], ORDERS, asked, LATER) == done
    waiting = replace(asked, observed=start)
    assert apply.resolve_unknown(world(start)[0], ORDERS, asked, LATER + 9.9) == waiting
    again = replace(waiting, state=way, reason=Message("trying_again", {}), step=None, tries=1)
    assert apply.resolve_unknown(world(start)[0], ORDERS, asked, LATER + 10.0) == again
    foreign = replace(
        asked, observed=9, state=State.FOREIGN, reason=Message("foreign_value", {"knob": "workers", "value": 9})
    )
    assert apply.resolve_unknown(world(9)[0], ORDERS, asked, LATER + 10.0) == foreign


def test_a_step_ordered_from_the_target_itself_is_awaited_before_arrival_is_believed() -> None:
    """The way turned round while a step was still to come: it must be given its time."""
    asked = replace(
        execution(2, 4, undoing=True), state=State.UNKNOWN, updated_at=LATER, step=Step(2, LATER), observed=2
    )
    assert apply.resolve_unknown(world(2)[0], ORDERS, asked, LATER + 9.9) == asked
    assert apply.resolve_unknown(world(2)[0], ORDERS, asked, LATER + 10.0).state is State.ROLLED_BACK


@pytest.mark.parametrize(
    ("value", "undoing", "expected"),
    [
        (2, False, {"state": State.ABORTED, "reason": Message("nothing_happened", {})}),
        (
            3,
            False,
            {
                "state": State.RB_INTENT,
                "reason": Message("only_part_happened", {"knob": "workers", "value": 3}),
                "undoing": True,
                "step": None,
            },
        ),
        (4, True, {"state": State.NEEDS_OPERATOR, "reason": Message("rollback_failed", {})}),
    ],
)
def test_after_three_tries_it_is_given_up_and_said_why(value: int, undoing: bool, expected: dict[str, object]) -> None:
    """Nothing happened, only a part did (which is undone), or the way back failed (a person is asked)."""
    asked = replace(
        execution(2, 4, undoing=undoing), state=State.UNKNOWN, step=Step(value, 0.0), observed=value, tries=2
    )
    found = apply.resolve_unknown(world(value)[0], ORDERS, asked, LATER)
    assert found == replace(asked, **expected)  # type: ignore[arg-type]
    once_more = apply.resolve_unknown(world(value)[0], ORDERS, replace(asked, tries=1), LATER)
    assert (once_more.state, once_more.tries) == (State.RB_APPLYING if undoing else State.APPLYING, 2)


def test_only_what_was_changed_is_judged() -> None:
    """It still runs; a restart lost it; somebody else set another value."""
    asked = execution(2, 4)
    assert apply.standing(world(4)[0], ORDERS, asked) is asked
    lost = replace(asked, state=State.RB_INTENT, reason=Message("value_lost", {}), undoing=True)
    assert apply.standing(world(2)[0], ORDERS, asked) == lost
    foreign = replace(asked, state=State.FOREIGN, reason=Message("foreign_value", {"knob": "workers", "value": 3}))
    assert apply.standing(world(3)[0], ORDERS, asked) == foreign


def test_a_knob_that_is_no_more_is_named() -> None:
    """With its plugin."""
    with pytest.raises(NotFound, match=r"^orders has no knob 'threads' any more$"):
        apply.observe(world(2)[0], ORDERS, replace(execution(2, 4).change, knob="threads"))


def test_a_refused_step_is_told_apart_from_one_that_came_too_late() -> None:
    """A lower fence, a declining touchpoint and a bad value give a reason; lost sight and a moved value do not."""
    touchpoint, simulated = world(2)
    actuator, announced = LocalActuator(), replace(execution(2, 4), step=Step(2, 0.0))
    effect = apply.Effect(ORDERS, "workers", 4)
    assert apply.take(actuator, touchpoint, effect, announced) is None
    late = apply.take(actuator, touchpoint, effect, announced)
    assert late is not None
    assert late.code == "fence_refused"
    assert "too late" in str(late.params["detail"])
    moved = replace(announced, fence=2, step=Step(9, 0.0))
    assert apply.take(actuator, touchpoint, effect, moved) is None
    simulated.refusing = True
    declined = apply.take(actuator, touchpoint, effect, replace(announced, fence=3, step=Step(3, 0.0)))
    assert declined == Message("touchpoint_refused", {"detail": "orders refuses"})
    simulated.refusing, simulated.unreadable = False, True
    assert apply.take(actuator, touchpoint, effect, replace(announced, fence=4, step=Step(3, 0.0))) is None
    assert simulated.effects == [("workers", 4)]


@pytest.mark.parametrize("undoing", [False, True])
def test_only_the_way_back_is_taken_under_the_emergency_stop(undoing: bool) -> None:
    """The stop is asked last of all, where the effect is made."""
    touchpoint, simulated = world(4 if undoing else 2)
    announced = execution(2, 4, undoing=undoing)
    effect = apply.Effect(ORDERS, "workers", announced.target)
    assert apply.take(LocalActuator(stopped=lambda: True), touchpoint, effect, announced) is None
    assert len(simulated.effects) == int(undoing)
