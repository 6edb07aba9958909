"""What happens between the last look and the deed: who may still act, and what is made to last."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import pytest

from plugin_optimizer.domain import Execution, ExecutionState, Knob, Message, Outcome, PluginStatus
from plugin_optimizer.execute import crashpoints
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from ..simulator.store import open_in_memory
from .test_executor import ORDERS, Stage

State = ExecutionState


class Dies(BaseException):
    """The process ends here."""


@pytest.fixture
def stage() -> Iterator[Stage]:
    store = open_in_memory(lambda *_: None)
    store.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")})
    yield Stage(store, simulated, SimulatedTouchpoint({"orders": simulated}))
    store.close()


@contextmanager
def at(point: str, deed: Callable[[], object]) -> Iterator[None]:
    """Do it once, when the point is passed first."""
    done: list[str] = []

    def passed(name: str) -> None:
        if name == point and not done:
            done.append(name)
            deed()

    with mock.patch.object(crashpoints, "hook", passed):
        yield
    assert done == [point]


def die() -> None:
    raise Dies


def somebody_else_writes(stage: Stage) -> None:
    """Another engine handles the same record: its fence is higher now."""
    (execution,) = stage.state.executions(open_only=True)
    stage.state.advance(execution, execution.state, "another", stage.now)


def show(stage: Stage, value: int) -> None:
    stage.simulated.knobs["workers"] = replace(stage.simulated.knobs["workers"], value=value)


def reasons(stage: Stage, execution: Execution) -> list[str]:
    return [said.code for _, _, _, said in stage.state.steps(execution.id) if said is not None]


@pytest.mark.parametrize("point", ["C09", "C20A"])
def test_who_was_overtaken_after_the_announcement_takes_no_step(stage: Stage, point: str) -> None:
    """The record is another's by then: nothing is ordered on it; who handles it next takes the step, once."""
    stage.judge.outcome = Outcome.WORSE
    execution, taken = stage.approve(2, 3), list[int]()

    def overtaken() -> None:
        taken.append(len(stage.simulated.effects))
        somebody_else_writes(stage)

    executor = stage.executor()
    with at(point, overtaken):
        while not taken and stage.now < 1_400.0:
            executor.tick(stage.now)
            stage.now += 0.25
    assert len(stage.simulated.effects) == taken[0]
    done = stage.run(execution)
    assert (done.state, stage.workers) == (State.ROLLED_BACK, 2)
    assert [to for _, to in stage.simulated.effects] == [3, 2]


def test_who_was_overtaken_before_keeping_makes_nothing_last(stage: Stage) -> None:
    """Announced that the value will last, then another wrote: neither made to last nor called kept on that record."""
    execution = stage.approve(2, 3)
    executor, looked = stage.executor(), list[object]()

    def overtaken() -> None:
        somebody_else_writes(stage)
        looked.append(stage.now)

    with at("C16A", overtaken):
        while not looked and stage.now < 1_400.0:
            executor.tick(stage.now)
            stage.now += 0.25
    assert (stage.simulated.kept, list(stage.state.desired())) == ({}, [])
    assert stage.state.execution(execution.id).state is State.VERIFYING
    assert stage.run(execution).state is State.SUCCEEDED
    assert stage.simulated.kept == {"workers": 3}


@pytest.mark.parametrize(("value", "end"), [(10, State.NEEDS_OPERATOR), (2, State.ROLLED_BACK)])
def test_a_value_that_changed_before_keeping_is_not_made_to_last_over(
    stage: Stage, value: int, end: ExecutionState
) -> None:
    """Somebody else's, or lost by a restart: looked at again when the announcement is on record."""
    execution = stage.approve(2, 3)
    with at("C16A", lambda: show(stage, value)):
        done = stage.run(execution)
    assert (done.state, stage.workers, list(stage.state.desired())) == (end, value, [])
    assert stage.simulated.kept in ({}, {"workers": 2})


def test_the_stop_between_announcement_and_step_undoes_it_at_once(stage: Stage) -> None:
    """It is written on the announced record, with its name; no step is taken."""
    execution = stage.approve(2, 3)

    def stop() -> None:
        stage.stopped = True

    with at("C09", stop):
        undone = stage.run(execution, until=frozenset({State.RB_INTENT}))
    assert (undone.reason, undone.undoing, stage.simulated.effects) == (Message("emergency_stop", {}), True, [])
    assert undone.step is not None
    assert undone.updated_at == undone.step.at  # in the look that had announced it, not in the next one


def test_the_stop_between_the_verdict_and_its_keeping_leaves_the_file_alone(stage: Stage) -> None:
    """On record that it would be made to last; then stopped: it is not, and the record says so in the end."""
    execution = stage.approve(2, 3)
    announced: list[bool] = []

    def stop() -> None:
        announced.append(stage.state.execution(execution.id).persisted)
        stage.stopped = True

    with at("C16A", stop):
        done = stage.run(execution)
    assert announced == [True]
    assert (done.state, done.persisted, stage.simulated.kept) == (State.SUCCEEDED, False, {})
    assert [desired.value for desired in stage.state.desired()] == [3]


def test_where_nothing_can_be_made_to_last_the_record_says_so(stage: Stage) -> None:
    """Kept all the same, and looked after."""
    stage.touchpoint.persistent = False
    done = stage.run(stage.approve(2, 3))
    assert (done.state, done.persisted) == (State.SUCCEEDED, False)
    assert [desired.value for desired in stage.state.desired()] == [3]


def test_what_a_dead_engine_made_to_last_is_on_record_in_spite_of_the_stop(stage: Stage) -> None:
    """It died after the deed; the next one is stopped, and does not forget; the way back takes it back."""
    execution = stage.approve(2, 3)
    with at("C16P", die), pytest.raises(Dies):
        stage.run(execution)
    stage.stopped = True
    done = stage.run(execution)
    assert (done.state, done.persisted, stage.simulated.kept) == (State.SUCCEEDED, True, {"workers": 3})
    stage.state.ask_rollback(done.id, "ann", stage.now)
    begun = stage.run(done, until=frozenset({State.RB_APPLYING}))
    assert (begun.persisted, begun.undoing, begun.finished_at, begun.tries) == (False, True, None, 0)
    assert stage.simulated.kept == {"workers": 2}
    assert stage.run(done, until=frozenset({State.ROLLED_BACK})).persisted is False


def test_what_could_not_be_taken_back_at_first_is_at_the_end(stage: Stage) -> None:
    """The plugin cannot be read when the way back begins: the record still says that the value lasts, until it does not."""
    done = stage.run(stage.approve(2, 3))
    stage.state.ask_rollback(done.id, "ann", stage.now)
    stage.simulated.gone = True
    assert stage.run(done, until=frozenset({State.GONE})).persisted
    assert stage.simulated.kept == {"workers": 3}
    stage.simulated.gone = False
    back = stage.run(done, until=frozenset({State.ROLLED_BACK}))
    assert (back.persisted, stage.simulated.kept) == (False, {"workers": 2})


def test_a_way_back_that_nothing_was_kept_of_makes_nothing_last(stage: Stage) -> None:
    """Neither at its beginning nor at its end; what was kept of an earlier change is desired no more, and says why."""
    first = stage.run(stage.approve(2, 3))
    assert first.persisted
    stage.simulated.kept.clear()
    stage.now += 100.0
    stage.judge.outcome = Outcome.WORSE
    second = stage.run(stage.approve(3, 4))
    assert (second.state, second.persisted, stage.simulated.kept) == (State.ROLLED_BACK, False, {})
    (released,) = stage.state.audit(action="value.released")
    assert released.detail["reason"] == {"code": "rolled_back", "params": {}}
    begun = next(at for name, at, _, _ in stage.state.steps(second.id) if name == "rb_intent")
    assert released.at == begun + 0.25
    assert list(stage.state.desired()) == []
