"""What the judge is given to look at, and what follows from its verdict for whom."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Outcome,
    PluginStatus,
    Pool,
    Purpose,
    Verdict,
    Window,
)
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.judgement import LEANS_BETTER
from plugin_optimizer.execute.pace import JUDGE_SECONDS
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.execute.verifier import live_windows
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from ..simulator.store import open_in_memory
from .test_executor import ORDERS, Stage
from .test_verifier_replay import steady_sides

State = ExecutionState
POOLS = (Pool("sync", 2), Pool("sync", 3))
VERIFYING = frozenset({State.VERIFYING})
LOGGER = "plugin_optimizer.execute.executor"
SETTLING = frozenset({State.SETTLING})


def observed(now: float, requests: float, up: float = 1.0) -> Observation:
    times = np.asarray(now - 5.0 * np.arange(36)[::-1], dtype=np.float64)
    ones = np.ones((1, 36), dtype=np.float32)
    series = {
        Metric.UP: up * ones,
        Metric.REQUESTS: requests * ones,
        Metric.RESPONSE_TIME_SECONDS: 0.001 * requests * ones,
    }
    return Observation(Window(("orders",), times, 5.0, series))


@dataclass
class Eyes:
    """Shows something else before the change, since it, and since it settled; remembers when it was asked."""

    asked: list[float] = field(default_factory=list)
    readable: bool = True
    up: float = 1.0

    def __call__(self, execution: Execution, now: float) -> Sight:
        assert execution.id
        self.asked.append(now)
        before, since, after = observed(now, 50), observed(now, 60, self.up), observed(now, 70)
        return Sight(before, since, after, POOLS, self.readable)


def failing(_execution: Execution, _now: float) -> Sight:
    raise RuntimeError("no figures")


@dataclass
class Judge:
    """Says `outcome` with `reasons`; remembers what it was given."""

    outcome: Outcome = Outcome.INCONCLUSIVE
    reasons: tuple[Message, ...] = ()
    given: list[tuple[Goal, str, Observation, Observation, object]] = field(default_factory=list)

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        self.given.append((change_goal, plugin_id, before, after, pools))
        return Verdict(self.outcome, change_goal.metric, 0.5, 0.4, 0.6, 2.0, 1.0, 8, 500, "told", self.reasons)


@pytest.fixture
def stage() -> Iterator[Stage]:
    store = open_in_memory(lambda *_: None)
    store.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")})
    yield Stage(store, simulated, SimulatedTouchpoint({"orders": simulated}))
    store.close()


def watched(stage: Stage, judge: Judge | None = None, eyes: Eyes | None = None) -> Executor:
    executor = stage.executor()
    executor.verifier, executor.sight = judge or Judge(), eyes or Eyes()
    return executor


def led(stage: Stage, executor: Executor, execution: Execution, until: frozenset[ExecutionState]) -> Execution:
    """Tick four times a second until it is in one of the states; the clock shows the last tick."""
    for _ in range(4_000):
        executor.tick(stage.now)
        present = stage.state.execution(execution.id)
        if present.state in until:
            return present
        stage.now += 0.25
    raise AssertionError(f"it stayed {present.state}: {present.reason}")


def approved(stage: Stage, purpose: Purpose, actor: str = "admin") -> Execution:
    goal = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, purpose)
    first = stage.approve(2, 3)
    stage.state.ask_rollback(first.id, "admin", stage.now)
    proposal = stage.state.suggestion(first.suggestion_id).proposal
    assert proposal.change is not None
    proposal = replace(proposal, change=replace(proposal.change, goal=goal))
    suggestion = stage.state.offer(proposal, stage.now, stage.now + 100.0)
    return stage.state.approve(suggestion.id, None, actor, None, stage.now)[0]


def test_the_judge_compares_before_with_what_came_after_settling(stage: Stage) -> None:
    """Not with what came while it settled; for the goal and plugin of the change, with both pools."""
    judge = Judge()
    execution = led(stage, watched(stage, judge), stage.approve(2, 3), VERIFYING)
    executor = watched(stage, judge)
    executor.tick(stage.now)
    ((goal, plugin_id, before, after, pools),) = judge.given
    assert (goal, plugin_id, pools) == (execution.change.goal, "orders", POOLS)
    assert [float(seen.window.series(Metric.REQUESTS)[0, 0]) for seen in (before, after)] == [50.0, 70.0]


def test_people_can_watch_what_the_judge_has_seen(stage: Stage) -> None:
    """The windows on record are those of the same two observations; recorded anew with each verdict."""
    execution = led(stage, watched(stage), stage.approve(2, 3), VERIFYING)
    assert stage.state.windows(execution.id) == []
    watched(stage).tick(stage.now)
    goal, now = execution.change.goal, stage.now
    expected = live_windows(goal, "orders", observed(now, 50), observed(now, 70), POOLS)
    assert list(stage.state.windows(execution.id)) == list(expected) != []
    assert list(expected) != list(live_windows(goal, "orders", observed(now, 50), observed(now, 60), POOLS))


def test_people_can_watch_the_replay_where_requests_are_on_record(stage: Stage) -> None:
    """What they see is what the requests would have taken without the change, not the level before."""
    (before, after), pools = steady_sides(1, 2, 60), (Pool("sync", 1), Pool("sync", 2))
    executor = watched(stage)
    executor.sight = lambda _execution, _now: Sight(before, after, after, pools)
    execution = led(stage, executor, stage.approve(2, 3), VERIFYING)
    executor.tick(stage.now)
    goal = execution.change.goal
    expected = list(live_windows(goal, "orders", before, after, pools))
    assert expected != list(live_windows(goal, "orders", before, after, None))
    assert list(stage.state.windows(execution.id)) == expected != []


@pytest.mark.parametrize("state", [State.SETTLING, State.VERIFYING])
def test_the_guard_looks_at_all_that_came_since_the_change(stage: Stage, state: ExecutionState) -> None:
    """What broke while it settled counts while it is judged; the guard's verdict is on record and nobody else is asked."""
    judge, eyes = Judge(), Eyes()
    executor = watched(stage, judge, eyes)
    execution = led(stage, executor, stage.approve(2, 3), frozenset({state}))
    given, eyes.up = len(judge.given), 0.0
    undone = led(stage, executor, execution, frozenset({State.RB_INTENT}))
    assert (undone.reason, undone.undoing) == (Message("guard_tripped", {}), True)
    assert undone.verdict is not None
    assert undone.verdict.method == "guard"
    assert len(judge.given) == given
    assert eyes.asked[-1] == stage.now


def test_nothing_is_judged_of_what_cannot_be_read_now(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """Its pools are not known: the guards may speak, the judge is not asked, and it is waited; that is no fault."""
    judge, eyes = Judge(Outcome.BETTER), Eyes()
    executor = watched(stage, judge, eyes)
    execution = led(stage, executor, stage.approve(2, 3), VERIFYING)
    eyes.readable = False
    for _ in range(100):
        stage.now += 0.25
        executor.tick(stage.now)
    assert (judge.given, stage.state.execution(execution.id).state) == ([], State.VERIFYING)
    assert stage.state.execution(execution.id).verdict is None
    assert [record.getMessage() for record in caplog.records if record.name == LOGGER] == []
    eyes.readable = True
    assert led(stage, executor, execution, frozenset({State.SUCCEEDED})).verdict is not None


@pytest.mark.parametrize("broken", [False, True])
def test_what_cannot_be_judged_until_the_dead_man_comes_goes_back(
    stage: Stage, caplog: pytest.LogCaptureFixture, broken: bool
) -> None:
    """Unreadable: in silence. A look that fails: named in the log, with its traceback; until then it is only waited."""
    eyes = Eyes()
    executor = watched(stage, Judge(), eyes)
    execution = led(stage, executor, stage.approve(2, 3), VERIFYING)
    assert execution.deadman_at is not None
    eyes.readable = False
    executor.sight = failing if broken else eyes
    for seconds, state in ((0.0, State.VERIFYING), (JUDGE_SECONDS, State.RB_INTENT)):
        caplog.clear()
        executor.tick(execution.deadman_at + seconds)
        assert stage.state.execution(execution.id).state is state
        said = [(record.getMessage(), bool(record.exc_info)) for record in caplog.records if record.name == LOGGER]
        assert said == ([(f"execution {execution.id}", True)] if broken else [])
    undone = stage.state.execution(execution.id)
    assert (undone.reason, undone.undoing) == (Message("deadman", {}), True)


@pytest.mark.parametrize(
    ("purpose", "actor", "reasons", "state", "reason"),
    [
        (Purpose.REPAIR, "admin", "load_changed", State.SUCCEEDED, "kept_ask_person"),
        (Purpose.REPAIR, "policy", "load_changed", State.ROLLED_BACK, "did_not_help"),
        (Purpose.REPAIR, "policy", LEANS_BETTER, State.SUCCEEDED, "kept_ask_person"),
        (Purpose.IMPROVE, "admin", "load_changed", State.ROLLED_BACK, "did_not_help"),
    ],
)
def test_what_nobody_could_judge_is_decided_by_its_purpose_and_who_approved_it(
    stage: Stage, purpose: Purpose, actor: str, reasons: str, state: ExecutionState, reason: str
) -> None:
    """At the limit, not before: a repair that a person approved stays and is asked about, one without a person goes back."""
    judge = Judge(reasons=(Message(reasons, {}),))
    executor = watched(stage, judge)
    execution = led(stage, executor, approved(stage, purpose, actor), VERIFYING)
    begun = stage.now
    done = led(stage, executor, execution, frozenset({State.SUCCEEDED, State.ROLLED_BACK}))
    assert (done.state, done.reason, done.approved_by) == (state, Message(reason, {}), actor)
    assert done.verdict is not None
    assert done.verdict.reasons == judge.reasons
    assert stage.now - begun >= stage.policy.verify_seconds


def test_a_saving_that_changes_nothing_is_kept(stage: Stage) -> None:
    """The same with less is what was wanted; an improvement that changes nothing is not."""
    execution = approved(stage, Purpose.SAVE)
    done = led(stage, watched(stage, Judge(Outcome.SAME)), execution, frozenset({State.SUCCEEDED, State.ROLLED_BACK}))
    assert (done.state, done.reason) == (State.SUCCEEDED, Message("kept", {}))
