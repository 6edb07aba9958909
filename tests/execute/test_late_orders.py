"""What an order says, and which orders come too late: barred when their record goes on, is lost or is of unknown fate."""

import pytest

from plugin_optimizer.contracts import Touchpoint
from plugin_optimizer.domain import Execution, ExecutionState, Message, Outcome, Stale, Step
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.apply import GONE_SECONDS, SETTLED_READS_SECONDS
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.fences import FencesInMemory, Held
from plugin_optimizer.execute.orders import Fence, Order

from .test_between_look_and_deed import Dies, at, die, stage
from .test_executor import ORDERS, Stage

__all__ = ["stage"]
State = ExecutionState


class Watched:
    """A real actuator that writes down what it was asked; while `held`, nobody can promise anything."""

    def __init__(self) -> None:
        self.real = LocalActuator(FencesInMemory())
        self.barred: list[tuple[str, Fence, bool]] = []
        self.orders: list[Order] = []
        self.held = False

    def turn(self, touchpoint: Touchpoint, order: Order) -> None:
        self.orders.append(order)
        self.real.turn(touchpoint, order)

    def persist(self, touchpoint: Touchpoint, order: Order) -> bool:
        return self.real.persist(touchpoint, order)

    def bar(self, touchpoint: Touchpoint, plugin_id: str, fence: Fence) -> bool:
        if self.held:
            raise Held("process 7 is in the middle of it")
        risen = self.real.bar(touchpoint, plugin_id, fence)
        self.barred.append((plugin_id, fence, risen))
        return risen


def run(stage: Stage, executor: Executor, execution: Execution, until: ExecutionState) -> Execution:
    for _ in range(1_000):
        present = stage.state.execution(execution.id)
        if present.state is until:
            return present
        executor.tick(stage.now)
        stage.now += 0.25
    raise AssertionError(f"it stayed {present.state}: {present.reason}")


def test_a_step_says_what_it_was_decided_on_and_by_which_record(stage: Stage) -> None:
    """The announced fence, the value seen, when; the way back is marked as one."""
    stage.judge.outcome = Outcome.WORSE
    executor, actuator = stage.executor(), Watched()
    executor.actuator = actuator
    execution = stage.approve(2, 3)
    announced: list[Execution] = []
    with at("C09L", lambda: announced.append(stage.state.execution(execution.id))):
        run(stage, executor, execution, State.ROLLED_BACK)
    there, back = actuator.orders
    assert (there.knob, there.to, there.seen, there.back) == ("workers", 3, 2, False)
    assert (back.knob, back.to, back.seen, back.back) == ("workers", 2, 3, True)
    assert there.fence == Fence(announced[0].fence) < back.fence
    assert announced[0].step == Step(2, announced[0].updated_at)


def test_a_step_that_was_announced_and_not_ordered_is_barred_when_the_record_goes_on(stage: Stage) -> None:
    """Its late order is refused; without a step there is nothing to bar."""
    executor, actuator = stage.executor(), Watched()
    executor.actuator = actuator
    execution = run(stage, executor, stage.approve(2, 4), State.APPLYING)
    assert actuator.barred == []
    with at("C09L", die), pytest.raises(Dies):
        run(stage, executor, execution, State.APPLIED)
    announced = stage.state.execution(execution.id)
    assert actuator.barred == []
    stage.stopped = True
    run(stage, executor, execution, State.RB_INTENT)
    assert actuator.barred == [("orders", Fence(announced.fence), True)]
    late = Order(ORDERS, "workers", 4, Fence(announced.fence), seen=2)
    with pytest.raises(Stale):
        actuator.turn(stage.touchpoint, late)
    assert stage.simulated.effects == []


def test_what_is_of_unknown_fate_is_barred_and_waited_for_from_then(stage: Stage) -> None:
    """Ten seconds count from when late orders were shut out, not from when somebody began to wonder."""
    executor, actuator = stage.executor(), Watched()
    executor.actuator = actuator
    stage.simulated.lag_looks = 10_000
    execution = run(stage, executor, stage.approve(2, 3), State.UNKNOWN)
    actuator.held = True
    for _ in range(20):
        executor.tick(stage.now)
        stage.now += 0.25
    held = stage.state.execution(execution.id)
    assert (held.state, held.reason) == (
        State.UNKNOWN, Message("late_order", {"detail": "process 7 is in the middle of it"}),
    )  # fmt: skip
    actuator.held, begun = False, stage.now
    actuator.barred.clear()
    again = run(stage, executor, execution, State.APPLYING)
    assert (again.tries, again.step, again.reason) == (1, None, Message("trying_again", {}))
    assert actuator.barred[0] == ("orders", Fence(held.fence), True)
    assert not any(risen for _, _, risen in actuator.barred[1:])
    assert stage.now - begun >= SETTLED_READS_SECONDS


def test_a_plugin_that_is_gone_has_late_orders_barred_until_it_is_back(stage: Stage) -> None:
    """What comes back must not meet a step of its former life."""
    executor, actuator = stage.executor(), Watched()
    executor.actuator = actuator
    execution = run(stage, executor, stage.approve(2, 3), State.APPLYING)
    stage.simulated.gone = True
    lost = run(stage, executor, execution, State.GONE)
    executor.tick(stage.now)
    assert ("orders", Fence(lost.fence), True) in actuator.barred
    stage.simulated.gone = False
    assert run(stage, executor, execution, State.SUCCEEDED).step is None


def test_a_plugin_that_stays_away_is_given_up_half_a_minute_after_it_went(stage: Stage) -> None:
    """Not earlier, and with that reason."""
    executor = stage.executor()
    execution = run(stage, executor, stage.approve(2, 3), State.APPLYING)
    stage.simulated.gone = True
    lost = run(stage, executor, execution, State.GONE)
    given_up = run(stage, executor, execution, State.NEEDS_OPERATOR)
    assert GONE_SECONDS <= given_up.updated_at - lost.updated_at <= GONE_SECONDS + 1.0  # of our clock
    assert given_up.reason == Message("plugin_gone", {})


def test_nothing_is_kept_while_a_late_order_could_still_come(stage: Stage) -> None:
    """It is waited until nobody can wake who announced it before; only then is the value made to last."""
    executor, actuator = stage.executor(), Watched()
    executor.actuator = actuator
    execution = stage.approve(2, 3)
    run(stage, executor, execution, State.VERIFYING)
    actuator.held = True
    for _ in range(60):
        executor.tick(stage.now)
        stage.now += 0.25
    assert stage.state.execution(execution.id).state is State.VERIFYING
    assert (stage.simulated.kept, stage.state.desired()) == ({}, [])
    actuator.held = False
    assert run(stage, executor, execution, State.SUCCEEDED).persisted
    assert stage.simulated.kept == {"workers": 3}


def test_what_somebody_else_has_barred_a_moment_ago_is_waited_for_as_well(stage: Stage) -> None:
    """The engine that stood in the way wakes, acts, and shuts late orders out itself before we can: its effect is to come."""
    executor, actuator = stage.executor(), Watched()
    executor.actuator = actuator
    stage.simulated.lag_looks = 10_000
    execution = run(stage, executor, stage.approve(2, 3), State.UNKNOWN)
    actuator.held = True
    for _ in range(60):  # longer than what is waited for once late orders are shut out
        executor.tick(stage.now)
        stage.now += 0.25
    held = stage.state.execution(execution.id)
    assert actuator.real.bar(stage.touchpoint, "orders", Fence(held.fence)) is True
    actuator.held, begun = False, stage.now
    actuator.barred.clear()
    run(stage, executor, execution, State.APPLYING)
    assert not any(risen for _, _, risen in actuator.barred)
    assert stage.now - begun >= SETTLED_READS_SECONDS
