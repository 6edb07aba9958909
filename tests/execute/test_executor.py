"""The whole life of an execution, on a real state store, a simulated plugin and a judge that says what we tell it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    FINAL,
    Change,
    Conflict,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Mode,
    Outcome,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
    Pool,
    Proposal,
    Purpose,
    Risk,
    SuggestionState,
    SuggestionType,
    Verdict,
    Window,
)
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

ORDERS = Plugin("orders", "simulated")
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
State = ExecutionState


@dataclass
class ToldJudge:
    """Says `outcome` whenever it is asked."""

    outcome: Outcome = Outcome.BETTER
    asked: int = 0

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        self.asked += 1
        return Verdict(self.outcome, change_goal.metric, 0.5, 0.4, 0.6, 2.0, 1.0, 8, 500, "told")


def sight(execution: Execution, now: float) -> Sight:
    times = now - 5.0 * np.arange(36)[::-1]
    up = {Metric.UP: np.ones((1, 36), dtype=np.float32), Metric.REQUESTS: np.full((1, 36), 50, dtype=np.float32)}
    seen = Observation(Window(("orders",), times, 5.0, up))
    return Sight(seen, seen, seen, None)


@dataclass
class Stage:
    """A store, a plugin, an executor, and a clock that we turn."""

    state: SqlStateStore
    simulated: SimulatedPlugin
    touchpoint: SimulatedTouchpoint
    judge: ToldJudge = field(default_factory=ToldJudge)
    policy: Policy = field(default_factory=lambda: Policy(settle_seconds=10.0, verify_seconds=60.0))
    stopped: bool = False
    now: float = 1_000.0

    def executor(self) -> Executor:
        return Executor(
            state=self.state,
            touchpoints={"simulated": self.touchpoint},
            verifier=self.judge,
            policies=lambda: Policies(self.policy),
            sight=sight,
            stopped=lambda: self.stopped,
        )

    def approve(self, before: int = 2, after: int = 4) -> Execution:
        proposal = Proposal(
            "orders",
            SuggestionType.INCREASE_WORKERS,
            Message("increase_workers", {"from_workers": before, "to_workers": after}),
            Change("orders", "workers", before, after, GOAL),
            None,
            Risk.LOW,
            0.9,
        )
        suggestion = self.state.offer(proposal, self.now, self.now + 3_600.0)
        return self.state.approve(suggestion.id, None, "admin", None, self.now)[0]

    def run(self, execution: Execution, *, until: frozenset[State] = FINAL, seconds: float = 400.0) -> Execution:
        """Tick four times a second (of our clock) until it is in one of the states."""
        executor, end = self.executor(), self.now + seconds
        while self.now < end:
            executor.tick(self.now)
            self.now += 0.25
            present = self.state.execution(execution.id)
            if present.state in until:
                return present
        raise AssertionError(f"it stayed {self.state.execution(execution.id).state}")

    @property
    def workers(self) -> object:
        return self.simulated.knobs["workers"].value

    def states(self, execution: Execution) -> list[str]:
        return [state for state, _, _, _ in self.state.steps(execution.id)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = open_state(tmp_path / "state.db")
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")}, lag_looks=1)
    yield Stage(state, simulated, SimulatedTouchpoint({"orders": simulated}))
    state.close()


def test_what_helps_is_kept_made_to_last_and_remembered(stage: Stage) -> None:
    """Every state in order, two effects for two steps, the value persisted and desired."""
    done = stage.run(stage.approve())
    assert done.state is State.SUCCEEDED
    assert stage.workers == 4
    assert len(stage.simulated.effects) == 2
    assert stage.simulated.kept == {"workers": 4}
    assert [(d.knob, d.value) for d in stage.state.desired()] == [("workers", 4)]
    wanted = ["queued", "claimed", "intent", "applying", "applied", "settling", "verifying", "succeeded"]
    assert [s for i, s in enumerate(stage.states(done)) if i == 0 or s != stage.states(done)[i - 1]] == wanted
    assert stage.state.suggestion(done.suggestion_id).state is SuggestionState.EXECUTED


@pytest.mark.parametrize("outcome", [Outcome.WORSE, Outcome.SAME])
def test_what_harms_or_does_nothing_is_undone(stage: Stage, outcome: Outcome) -> None:
    """An improvement that did not improve goes back, exactly."""
    stage.judge.outcome = outcome
    done = stage.run(stage.approve())
    assert done.state is State.ROLLED_BACK
    assert stage.workers == 2
    assert stage.simulated.kept == {}
    assert stage.state.desired() == []


def test_what_cannot_be_told_is_undone_at_the_limit(stage: Stage) -> None:
    """The default is the old state."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    done = stage.run(stage.approve())
    assert done.state is State.ROLLED_BACK
    assert done.finished_at is not None
    assert done.verifying_at is not None
    assert done.finished_at - done.verifying_at >= stage.policy.verify_seconds


def test_nothing_is_touched_when_the_world_is_not_what_was_approved(stage: Stage) -> None:
    """Approved from 2, found at 3: aborted before any effect."""
    execution = stage.approve()
    stage.simulated.knobs["workers"] = replace(stage.simulated.knobs["workers"], value=3)
    done = stage.run(execution)
    assert done.state is State.ABORTED
    assert done.reason is not None
    assert done.reason.code == "value_moved"
    assert stage.simulated.effects == []


def test_a_dry_run_goes_through_every_check_and_stops_before_the_effect(stage: Stage) -> None:
    """It says what it would have done."""
    stage.policy = replace(stage.policy, mode=Mode.DRY_RUN)
    done = stage.run(stage.approve())
    assert done.state is State.ABORTED
    assert done.reason is not None
    assert done.reason.code == "dry_run"
    assert stage.simulated.effects == []


def test_bounds_of_the_policy_bind_whoever_approves(stage: Stage) -> None:
    """An administrator's click does not get past max_workers."""
    stage.policy = replace(stage.policy, max_workers=3)
    done = stage.run(stage.approve())
    assert done.state is State.ABORTED
    assert stage.simulated.effects == []


def test_the_emergency_stop_ends_what_has_begun_and_begins_nothing(stage: Stage) -> None:
    """Stopped between two steps: the way back is taken; stopped before: nothing happens."""
    execution = stage.approve()
    begun = stage.run(execution, until=frozenset({State.APPLYING}))
    executor = stage.executor()
    while not stage.simulated.effects and stage.now < 1_400.0:
        executor.tick(stage.now)
        stage.now += 0.25
    stage.stopped = True
    done = stage.run(begun)
    assert done.state is State.ROLLED_BACK
    assert stage.workers == 2


def test_an_execution_nobody_judged_is_undone_by_the_dead_man(stage: Stage) -> None:
    """The engine slept through its deadline: whoever wakes first goes back."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({State.VERIFYING}))
    assert execution.deadman_at is not None
    stage.now = execution.deadman_at + 3_600.0
    done = stage.run(execution)
    assert done.state is State.ROLLED_BACK
    assert stage.workers == 2


def test_a_kept_change_can_be_rolled_back_by_a_person_later(stage: Stage) -> None:
    """Back to the value before, in what runs and in what was made to last."""
    done = stage.run(stage.approve())
    stage.state.ask_rollback(done.id, "admin", stage.now)
    back = stage.run(done, until=frozenset({State.ROLLED_BACK}))
    assert back.state is State.ROLLED_BACK
    assert stage.workers == 2
    assert stage.simulated.kept == {"workers": 2}
    assert stage.state.desired() == []


def test_a_value_somebody_else_set_meanwhile_is_never_overwritten(stage: Stage) -> None:
    """While it is judged, a person sets 9: hands off, and a person is asked."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({State.VERIFYING}))
    effects = len(stage.simulated.effects)
    stage.simulated.knobs["workers"] = replace(stage.simulated.knobs["workers"], value=9)
    done = stage.run(execution)
    assert done.state is State.NEEDS_OPERATOR
    assert stage.workers == 9
    assert len(stage.simulated.effects) == effects


def test_a_plugin_that_never_comes_back_is_left_to_a_person(stage: Stage) -> None:
    """Gone while it was changed: waited for, then handed over; nothing is signalled meanwhile."""
    execution = stage.run(stage.approve(), until=frozenset({State.APPLYING}))
    stage.simulated.gone = True
    done = stage.run(execution)
    assert done.state is State.NEEDS_OPERATOR


def test_one_change_of_a_plugin_at_a_time(stage: Stage) -> None:
    """A second approval while the first is under way is refused, and says why."""
    stage.approve()
    with pytest.raises(Conflict) as refusal:
        stage.approve(2, 1)
    assert refusal.value.code == "in_flight"


@pytest.mark.parametrize("tick", range(0, 60, 3))
def test_an_executor_that_dies_at_any_moment_is_continued_by_the_next(stage: Stage, tick: int) -> None:
    """Whatever was on record when the first one died, the second brings it to the same end, without a double step."""
    execution = stage.approve()
    first = stage.executor()
    for _ in range(tick):
        first.tick(stage.now)
        stage.now += 0.25
    done = stage.run(execution)
    assert done.state is State.SUCCEEDED
    assert stage.workers == 4
    assert len(stage.simulated.effects) == 2


def test_the_oldest_execution_is_not_starved_by_newer_ones(stage: Stage) -> None:
    """Five hundred and more are open after it, on plugins that nobody finds; it still gets its turn."""
    oldest = stage.approve()
    for number in range(505):
        name = f"other-{number}"
        proposal = Proposal(
            name, SuggestionType.INCREASE_WORKERS, Message("increase_workers", {}), Change(name, "workers", 2, 4, GOAL), None,
            Risk.LOW, 0.9,
        )  # fmt: skip
        suggestion = stage.state.offer(proposal, stage.now + 1, stage.now + 3_600.0)
        stage.state.approve(suggestion.id, None, "admin", None, stage.now + 1)
    stage.executor().tick(stage.now + 2)
    assert stage.state.execution(oldest.id).state is State.CLAIMED


def test_a_verdict_that_stays_the_same_is_asked_for_every_five_seconds(stage: Stage) -> None:
    """Not at each of the four ticks of a second: a look at the whole trace costs computing time."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({State.VERIFYING}))
    asked = stage.judge.asked
    executor = stage.executor()
    for _ in range(81):
        executor.tick(stage.now)
        stage.now += 0.25
    assert stage.state.execution(execution.id).state is State.VERIFYING
    assert stage.judge.asked - asked == 5


@pytest.mark.parametrize("outcome", ["the look", "the judge"])
def test_a_judgement_that_always_fails_does_not_outlive_the_dead_man(stage: Stage, outcome: str) -> None:
    """Whatever goes wrong with looking or judging, the change is undone when its time is over."""

    def fails(*_: object) -> NoReturn:
        raise RuntimeError("no figures")

    executor = stage.executor()
    if outcome == "the look":
        executor.sight = fails
    else:
        stage.judge.verify = fails  # type: ignore[method-assign]
    execution = stage.approve()
    for _ in range(4 * 600):
        executor.tick(stage.now)
        stage.now += 0.25
    undone = stage.state.execution(execution.id)
    assert (undone.state, stage.workers) == (State.ROLLED_BACK, 2)
    assert undone.reason is not None
    assert undone.reason.code == "deadman"
