"""At which second the limits of an execution lie, whose they are, and what a tick asks for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from plugin_optimizer.contracts import MOST_OPEN_EXECUTIONS
from plugin_optimizer.domain import (
    Execution,
    ExecutionState,
    Message,
    Plugin,
    Policies,
    Policy,
    Proposal,
    Risk,
    SuggestionType,
)
from plugin_optimizer.execute.executor import DEADMAN_MARGIN_SECONDS
from plugin_optimizer.execute.pace import JUDGE_SECONDS
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from ..simulator.store import RememberingStore, open_in_memory
from .test_executor import ORDERS, Stage
from .test_what_the_judge_is_given import VERIFYING, Judge, led, stage, watched

__all__ = ["stage"]
State = ExecutionState
SETTLING = frozenset({State.SETTLING})


def test_the_judge_is_asked_again_after_exactly_its_pause(stage: Stage) -> None:
    """Not a hundredth of a second earlier; a second after it was asked is too early as well."""
    judge = Judge()
    executor = watched(stage, judge)
    led(stage, executor, stage.approve(2, 3), VERIFYING)
    begun = stage.now
    asked = []
    for seconds in (0.0, 0.0, 0.5, 1.0, JUDGE_SECONDS - 0.01, JUDGE_SECONDS, JUDGE_SECONDS + 0.5, 2 * JUDGE_SECONDS):
        executor.tick(begun + seconds)
        asked.append(len(judge.given))
    assert asked == [1, 1, 1, 1, 1, 2, 2, 3]


def test_the_time_to_judge_ends_when_it_is_full(stage: Stage) -> None:
    """A verdict at the last moment before is waited for, at the full time the old state comes back."""
    executor = watched(stage)
    execution = led(stage, executor, stage.approve(2, 3), VERIFYING)
    begun, seconds = stage.now, stage.policy.verify_seconds
    for elapsed, state in ((seconds - 0.01, State.VERIFYING), (seconds, State.RB_INTENT)):
        executor.pace.judged_at.clear()
        executor.tick(begun + elapsed)
        assert stage.state.execution(execution.id).state is state


def test_the_time_to_settle_ends_when_it_is_full(stage: Stage) -> None:
    """Without a trace that shows a drained queue the policy's time passes in full."""
    stage.policy = replace(stage.policy, settle_seconds=8.0)
    executor = watched(stage)
    execution = led(stage, executor, stage.approve(2, 3), SETTLING)
    assert execution.applied_at is not None
    for elapsed, state in ((0.0, State.SETTLING), (7.99, State.SETTLING), (8.0, State.VERIFYING)):
        executor.tick(execution.applied_at + elapsed)
        assert stage.state.execution(execution.id).state is state
    assert stage.state.execution(execution.id).verifying_at == execution.applied_at + 8.0


@pytest.mark.parametrize("state", [State.CLAIMED, State.INTENT, State.APPLYING, State.VERIFYING])
def test_the_dead_man_has_come_a_moment_after_his_time_and_not_at_it(stage: Stage, state: ExecutionState) -> None:
    """What has not begun is not begun any more, what has begun goes back; to the second it is still in time."""
    stage.policy = replace(stage.policy, verify_seconds=30.0)
    stage.simulated.lag_looks = 10_000
    executor = watched(stage)
    if state is State.VERIFYING:
        stage.simulated.lag_looks = 0
    execution = led(stage, executor, stage.approve(2, 3), frozenset({state}))
    assert execution.deadman_at is not None
    stage.policy = replace(stage.policy, verify_seconds=10_000.0)
    executor = watched(stage)  # the next engine: it goes by the record
    executor.patience.tick([execution], execution.deadman_at, execution.deadman_at)
    assert not executor._overdue(execution)
    executor.tick(execution.deadman_at + 0.5)
    ended = stage.state.execution(execution.id)
    begun = state in {State.APPLYING, State.VERIFYING}
    assert ended.state is (State.RB_INTENT if begun else State.ABORTED)
    assert ended.reason == Message("deadman" if begun else "waited_too_long", {})


def test_a_tick_asks_for_all_that_is_open_and_nothing_else() -> None:
    """However many: a page of the usual length would starve the oldest."""
    asked: list[tuple[bool, int]] = []

    class Asked(RememberingStore):
        def executions(
            self, plugin_id: str | None = None, open_only: bool = False, limit: int = 500, after: str | None = None
        ) -> Sequence[Execution]:
            asked.append((open_only, limit))
            return super().executions(plugin_id, open_only, limit, after)

    opened = open_in_memory(lambda *_: None)
    assert isinstance(opened, RememberingStore)
    store: SqlStateStore = Asked(opened.faulty)
    simulated = SimulatedPlugin(ORDERS, {})
    Stage(store, simulated, SimulatedTouchpoint({"orders": simulated})).executor().tick(1_000.0)
    assert asked == [(True, MOST_OPEN_EXECUTIONS)]
    store.close()


def test_steady_seconds_count_where_they_are_given_and_wall_time_where_not(stage: Stage) -> None:
    """A wall clock that jumps by an hour settles nothing; without a steady one it is all there is."""
    executor = watched(stage)
    execution = stage.approve(2, 3)
    steady = 0.0
    while stage.state.execution(execution.id).state is not State.SETTLING and steady < 400.0:
        executor.tick(stage.now, steady)
        steady += 0.25
    executor.tick(stage.now, steady)
    executor.tick(stage.now + 3_600.0, steady + 0.25)
    assert stage.state.execution(execution.id).state is State.SETTLING
    assert executor.patience.last_tick == steady + 0.25
    executor.tick(stage.now)
    assert executor.patience.last_tick == stage.now


def test_policies_are_those_of_the_plugin_that_is_changed(stage: Stage) -> None:
    """The dead man's time and the time to judge are its own, not those of everybody."""
    executor = watched(stage)
    own = Policy(settle_seconds=20.0, verify_seconds=100.0)
    executor.policies = lambda: Policies(stage.policy, {"orders": own})
    claimed = led(stage, executor, stage.approve(2, 3), frozenset({State.CLAIMED}))
    assert claimed.deadman_at == claimed.updated_at + 20.0 + 100.0 + DEADMAN_MARGIN_SECONDS


def test_what_another_plugin_lacks_names_it(stage: Stage) -> None:
    """A plugin that is no longer known leaves its execution where it is, and the others go on."""
    proposal = Proposal(
        "mail", SuggestionType.INCREASE_WORKERS, Message("increase_workers", {}),
        replace(stage.approve(2, 3).change, plugin_id="mail"), None, Risk.LOW, 0.9,
    )  # fmt: skip
    suggestion = stage.state.offer(proposal, stage.now, stage.now + 100.0)
    unknown = stage.state.approve(suggestion.id, None, "admin", None, stage.now)[0]
    assert Plugin("mail", "simulated") not in [plugin for plugin, _, _ in stage.state.plugins()]
    executor = stage.executor()
    assert executor.tick(stage.now) == 2
    states = {e.change.plugin_id: e.state for e in stage.state.executions()}
    assert states == {"orders": State.CLAIMED, "mail": State.QUEUED}
    assert stage.state.execution(unknown.id) == unknown
