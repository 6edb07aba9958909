"""One absolute step, observe, next step: forward, back, and when the world does not play along."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Plugin,
    Purpose,
    SuggestionType,
)
from plugin_optimizer.execute import apply
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
ORDERS = Plugin("orders", "simulated")


def world(workers: int, *, lag_looks: int = 0) -> tuple[SimulatedTouchpoint, SimulatedPlugin]:
    knob = Knob("workers", workers, 1, 32, kind="workers")
    simulated = SimulatedPlugin(ORDERS, {"workers": knob}, lag_looks=lag_looks)
    return SimulatedTouchpoint({"orders": simulated}), simulated


def execution(before: int, after: int, *, undoing: bool = False) -> Execution:
    return Execution(
        id="ex_1",
        suggestion_id="sg_1",
        suggestion_type=SuggestionType.INCREASE_WORKERS,
        description=Message("increase_workers", {}),
        change=Change("orders", "workers", before, after, GOAL),
        state=ExecutionState.RB_APPLYING if undoing else ExecutionState.APPLYING,
        fence=1,
        approved_by="admin",
        created_at=0.0,
        updated_at=0.0,
        undoing=undoing,
    )


def drive(touchpoint: SimulatedTouchpoint, running: Execution, *, ticks: int = 200) -> Execution:
    """Tick four times a second until the execution leaves its turning state."""
    turning = running.state
    for tick in range(ticks):
        running, effect = apply.next_state(touchpoint, ORDERS, running, tick * 0.25)
        if running.state is not turning:
            return running
        if effect is not None:
            running = replace(running, updated_at=tick * 0.25)  # as its durable announcement does
            apply.take(LocalActuator(), touchpoint, effect, running)
    raise AssertionError("it never got anywhere")


@pytest.mark.parametrize(("before", "after", "undoing"), [(2, 5, False), (8, 2, False), (2, 5, True)])
def test_the_knob_arrives_exactly_and_never_overshoots(before: int, after: int, undoing: bool) -> None:
    """Each step is seen before the next one is ordered, so there are as many effects as steps."""
    start, target = (after, before) if undoing else (before, after)
    touchpoint, simulated = world(start, lag_looks=3)
    done = drive(touchpoint, execution(before, after, undoing=undoing))
    assert done.state is (ExecutionState.ROLLED_BACK if undoing else ExecutionState.APPLIED)
    assert simulated.knobs["workers"].value == target
    assert len(simulated.effects) == abs(start - target)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 6))
def test_any_way_and_any_lag_takes_one_effect_per_step(before: int, after: int, lag_looks: int) -> None:
    """However late a step shows, it is never ordered twice."""
    touchpoint, simulated = world(before, lag_looks=lag_looks)
    done = drive(touchpoint, execution(before, after))
    assert done.state is ExecutionState.APPLIED
    assert len(simulated.effects) == abs(before - after)


def test_a_step_that_never_shows_is_unknown_not_failed() -> None:
    """Nothing is repeated blindly: after eight seconds the fate is unknown and observation decides."""
    touchpoint, simulated = world(2, lag_looks=10_000)
    assert drive(touchpoint, execution(2, 4)).state is ExecutionState.UNKNOWN
    assert len(simulated.effects) == 1


def test_a_crash_after_the_step_was_announced_loses_nothing() -> None:
    """The record says 'from 2'; the look says 2 (it did not happen) or 3 (it did): both go on rightly."""
    for really_happened in (False, True):
        touchpoint, simulated = world(3 if really_happened else 2)
        announced, _ = apply.next_state(world(2)[0], ORDERS, execution(2, 4), 0.0)
        late = replace(announced, updated_at=0.0)
        resumed = late
        for tick in range(400):
            now = 60.0 + tick * 0.25
            if resumed.state is ExecutionState.UNKNOWN:
                resumed = apply.resolve_unknown(touchpoint, ORDERS, resumed, now)
                continue
            if resumed.state is ExecutionState.APPLIED:
                break
            resumed, effect = apply.next_state(touchpoint, ORDERS, resumed, now)
            if effect is not None:
                apply.take(LocalActuator(), touchpoint, effect, resumed)
        assert resumed.state is ExecutionState.APPLIED
        assert simulated.knobs["workers"].value == 4
        assert len(simulated.effects) == (1 if really_happened else 2)


def test_a_value_outside_the_way_is_somebody_elses() -> None:
    """We turn from 2 to 4 and find 9: hands off."""
    touchpoint, simulated = world(9)
    assert drive(touchpoint, execution(2, 4)).state is ExecutionState.FOREIGN
    assert simulated.effects == []


def test_a_plugin_that_dies_under_our_hands_is_gone() -> None:
    """No more effects are ordered on something that is not there."""
    touchpoint, simulated = world(2)
    simulated.gone = True
    assert drive(touchpoint, execution(2, 4)).state is ExecutionState.GONE
    assert simulated.effects == []


def test_what_stays_undone_is_aborted_after_three_tries() -> None:
    """Unknown, observed standing still, tried again, at last given up: nothing happened, and that is said."""
    touchpoint, simulated = world(2, lag_looks=10_000)
    running = execution(2, 4)
    now = 0.0
    for _ in range(2_000):
        now += 0.25
        if running.state is ExecutionState.UNKNOWN:
            running = apply.resolve_unknown(touchpoint, ORDERS, running, now)
        elif running.state is ExecutionState.APPLYING:
            before = running
            running, effect = apply.next_state(touchpoint, ORDERS, running, now)
            if running.state is not before.state:
                running = replace(running, updated_at=now)
            if effect is not None:
                running = replace(running, updated_at=now)
                apply.take(LocalActuator(), touchpoint, effect, running)
        else:
            break
    assert running.state is ExecutionState.ABORTED
    assert len(simulated.effects) == apply.TRIES


def test_a_refusal_says_why() -> None:
    """A touchpoint that declines is quoted."""
    touchpoint, simulated = world(2)
    simulated.refusing = True
    running, effect = apply.next_state(touchpoint, ORDERS, execution(2, 4), 0.0)
    assert effect is not None
    refusal = apply.take(LocalActuator(), touchpoint, effect, running)
    assert refusal is not None
    assert refusal.code == "touchpoint_refused"
