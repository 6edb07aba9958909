"""A value that is not ours is believed once it has stood, and nothing is done to it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from execute.test_executor import ORDERS, Stage
from hypothesis import example, given, settings
from hypothesis import strategies as st
from simulator.store import open_in_memory

from plugin_optimizer.domain import FINAL, ExecutionState, Knob, Outcome, PluginStatus, Value
from plugin_optimizer.execute.doubt import STANDS_SECONDS
from plugin_optimizer.execute.pace import JUDGE_SECONDS
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

State = ExecutionState
TICK_SECONDS = 0.25
WORKERS = Knob("workers", 2, 1, 16, kind="workers")
DIPS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 11), st.sampled_from([0, 1, 5, 6, 9])), max_size=6)


@contextmanager
def opened() -> Iterator[Stage]:
    state = open_in_memory(lambda *_: None)
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": WORKERS})
    yield Stage(state, simulated, SimulatedTouchpoint({"orders": simulated}))
    state.close()


def shown(stage: Stage, value: Value) -> None:
    knobs = stage.simulated.knobs
    knobs["workers"] = replace(knobs["workers"], value=value)


@given(DIPS)
@example([(37, 11, 0), (57, 11, 0)])  # seen only at two judgements, five seconds apart
@settings(max_examples=60, deadline=None)
def test_a_count_that_dips_for_a_moment_changes_nothing(dips: list[tuple[int, int, int]]) -> None:
    """For less than three seconds at a time none, too few or two generations are seen: two steps, and kept at 4."""
    with opened() as stage:
        execution, executor = stage.approve(), stage.executor()
        odd = {tick + more: value for tick, length, value in dips for more in range(length)}
        for tick in [tick for tick in odd if {tick - n for n in range(12)} <= odd.keys()]:
            del odd[tick]  # dips that touch must not add up to one that stands
        for tick in range(400):
            real = stage.workers
            if tick in odd:
                shown(stage, odd[tick])
            executor.tick(stage.now)
            if tick in odd and stage.workers == odd[tick]:  # otherwise a step has just landed
                shown(stage, real)
            stage.now += TICK_SECONDS
        done = stage.state.execution(execution.id)
        assert (done.state, stage.workers, len(stage.simulated.effects)) == (State.SUCCEEDED, 4, 2)


@pytest.mark.parametrize("until", [State.CLAIMED, State.APPLYING, State.VERIFYING, State.RB_APPLYING])
def test_a_value_that_stands_is_somebody_elses(until: ExecutionState) -> None:
    """After three seconds of looks, in every state in which it is looked at; nothing was done to it."""
    with opened() as stage:
        if until is State.RB_APPLYING:
            stage.judge.outcome = Outcome.WORSE
        execution = stage.run(stage.approve(), until=frozenset({until}))
        effects, begun = len(stage.simulated.effects), stage.now
        shown(stage, 9)
        done = stage.run(execution)
        assert done.state is (State.ABORTED if until is State.CLAIMED else State.NEEDS_OPERATOR)
        assert STANDS_SECONDS <= stage.now - begun <= STANDS_SECONDS + 2 * JUDGE_SECONDS
        assert (stage.workers, len(stage.simulated.effects)) == (9, effects)


def test_a_worker_that_dies_before_the_verdict_does_not_undo_a_change() -> None:
    """The old count is seen for a moment when the change is to be kept: a second look finds it, and it is kept."""
    with opened() as stage:
        stage.judge.outcome = Outcome.INCONCLUSIVE
        execution = stage.run(stage.approve(2, 3), until=frozenset({State.VERIFYING}))
        executor = stage.executor()
        stage.judge.outcome = Outcome.BETTER
        shown(stage, 2)
        executor.tick(stage.now)
        assert stage.state.execution(execution.id).state is State.VERIFYING
        shown(stage, 3)
        assert stage.run(execution).state is State.SUCCEEDED


def test_whoever_takes_over_looks_anew() -> None:
    """Doubts are not on record: each new engine waits its own three seconds, and hands off meanwhile."""
    with opened() as stage:
        execution = stage.run(stage.approve(), until=frozenset({State.APPLYING}))
        shown(stage, 9)
        for _ in range(5):
            executor = stage.executor()
            for _ in range(8):
                executor.tick(stage.now)
                stage.now += TICK_SECONDS
            assert stage.state.execution(execution.id).state is State.APPLYING
        assert stage.run(execution, until=FINAL).state is State.NEEDS_OPERATOR
        assert stage.simulated.effects == []
