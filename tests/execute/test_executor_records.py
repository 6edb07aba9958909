"""What an execution's record says at each of its ends, to the second, and what the log says of one that failed."""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    FINAL,
    Execution,
    ExecutionState,
    Knob,
    Message,
    Metric,
    Outcome,
    PluginStatus,
    Policy,
    Refused,
    Stale,
    Window,
)
from plugin_optimizer.execute.executor import ACTOR, DEADMAN_MARGIN_SECONDS, Executor
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .test_executor import ORDERS, Stage

State = ExecutionState


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = open_state(tmp_path / "state.db")
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")})
    stage = Stage(state, simulated, SimulatedTouchpoint({"orders": simulated}))
    stage.policy = Policy(settle_seconds=10.0, verify_seconds=60.0, cooldown_seconds=0.0)
    yield stage
    state.close()


def told(stage: Stage, execution: Execution) -> list[str]:
    """The reasons on record, in order, each once."""
    return list(dict.fromkeys(said.code for _, _, _, said in stage.state.steps(execution.id) if said))


def down(_execution: Execution, now: float) -> Sight:
    """The service was up, and is down since."""
    times = np.asarray(now - 5.0 * np.arange(36)[::-1], dtype=np.float64)
    up, none = np.ones((1, 36), dtype=np.float32), np.zeros((1, 36), dtype=np.float32)
    before = Observation(Window(("orders",), times, 5.0, {Metric.UP: up, Metric.REQUESTS: 50 * up}))
    since = Observation(Window(("orders",), times, 5.0, {Metric.UP: none, Metric.REQUESTS: none}))
    return Sight(before, since, since, None)


def test_every_moment_is_on_record(stage: Stage) -> None:
    """The dead man's time from the claim; when it was applied, when it was judged, when it ended, by whom."""
    execution = stage.approve()
    claim = stage.run(execution, until=frozenset({State.CLAIMED}))
    assert claim.deadman_at == claim.updated_at + 10.0 + 60.0 + DEADMAN_MARGIN_SECONDS == 1_370.0
    settling = stage.run(execution, until=frozenset({State.SETTLING}))
    assert settling.applied_at == settling.updated_at
    assert settling.tries == 0
    judged = stage.run(execution, until=frozenset({State.VERIFYING}))
    assert judged.verifying_at == judged.updated_at == settling.updated_at + 10.0
    done = stage.run(execution)
    assert (done.reason, done.persisted, done.finished_at) == (Message("kept", {}), True, done.updated_at)
    assert done.verdict is not None
    assert (done.verdict.outcome, done.step, done.undoing) == (Outcome.BETTER, None, False)
    assert {actor for _, _, actor, _ in stage.state.steps(execution.id)} == {"admin", ACTOR}
    (desired,) = stage.state.desired()
    assert (desired.plugin_id, desired.knob, desired.value, desired.execution_id) == ("orders", "workers", 4, done.id)
    assert (desired.at, desired.incarnation) == (done.updated_at, "0")


@pytest.mark.parametrize(("outcome", "reason"), [(Outcome.WORSE, "did_not_help"), (Outcome.SAME, "did_not_help")])
def test_what_goes_back_says_that_it_did_not_help_and_keeps_its_verdict(
    stage: Stage, outcome: Outcome, reason: str
) -> None:
    """The verdict is on record beside the reason."""
    stage.judge.outcome = outcome
    done = stage.run(stage.approve())
    assert (done.state, done.reason) == (State.ROLLED_BACK, Message(reason, {}))
    assert done.verdict is not None
    assert (done.verdict.outcome, done.undoing, done.persisted, done.tries) == (outcome, True, False, 0)


@pytest.mark.parametrize("until", [State.SETTLING, State.VERIFYING])
def test_a_service_that_broke_is_sent_back_by_its_guard(stage: Stage, until: ExecutionState) -> None:
    """While it settles and while it is judged, with the guard's verdict; the judge is not asked."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({until}))
    asked, executor = stage.judge.asked, stage.executor()
    executor.sight = down
    while stage.state.execution(execution.id).state not in FINAL and stage.now < 1_400.0:
        executor.tick(stage.now)
        stage.now += 0.25
    done = stage.state.execution(execution.id)
    assert (done.state, done.reason) == (State.ROLLED_BACK, Message("guard_tripped", {}))
    assert done.verdict is not None
    assert (done.verdict.method, done.verdict.outcome) == ("guard", Outcome.WORSE)
    assert stage.judge.asked == asked


@pytest.mark.parametrize("until", [State.APPLYING, State.VERIFYING])
def test_what_nobody_judged_in_time_says_so(stage: Stage, until: ExecutionState) -> None:
    """Turning, or judged without an end: the dead man."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({until}))
    stage.policy = replace(stage.policy, verify_seconds=1e6)  # the policy was changed while it ran
    assert execution.deadman_at is not None
    stage.now = execution.deadman_at + 1.0
    done = stage.run(execution)
    assert (done.state, done.reason) == (State.ROLLED_BACK, Message("deadman", {}))
    assert stage.workers == 2


def test_the_stop_is_named_where_it_stopped(stage: Stage) -> None:
    """Before the claim it aborts, on the way it sends back."""
    stage.stopped = True
    waiting = stage.run(stage.approve())
    assert (waiting.state, waiting.reason) == (State.ABORTED, Message("emergency_stop", {}))
    stage.stopped = False
    execution = stage.run(stage.approve(), until=frozenset({State.APPLYING}))
    stage.stopped = True
    done = stage.run(execution)
    assert (done.state, done.reason) == (State.ROLLED_BACK, Message("emergency_stop", {}))


def test_a_refused_step_is_quoted_until_it_is_looked_into(stage: Stage) -> None:
    """The touchpoint declines: its words are on record, and after three tries that nothing happened."""
    stage.simulated.refusing = True
    done = stage.run(stage.approve())
    assert (done.state, done.reason) == (State.ABORTED, Message("nothing_happened", {}))
    refusals = [said for _, _, _, said in stage.state.steps(done.id) if said and said.code == "touchpoint_refused"]
    assert refusals == [Message("touchpoint_refused", {"detail": "orders refuses"})] * 3
    assert "trying_again" in told(stage, done)


def test_a_foreign_value_is_named_and_no_longer_kept(stage: Stage) -> None:
    """Nothing is desired of that knob any more, or keeping would overwrite it."""
    stage.judge.outcome = Outcome.BETTER
    stage.run(stage.approve())
    assert [d.value for d in stage.state.desired()] == [4]
    execution = stage.run(stage.approve(4, 5), until=frozenset({State.APPLYING}))
    stage.simulated.knobs["workers"] = replace(stage.simulated.knobs["workers"], value=9)
    done = stage.run(execution)
    assert (done.state, done.reason, done.observed) == (
        State.NEEDS_OPERATOR, Message("foreign_value", {"knob": "workers", "value": 9}), 9,
    )  # fmt: skip
    assert stage.state.desired() == []
    (released,) = stage.state.audit(action="value.released")
    assert released.detail["reason"] == {"code": "foreign_value", "params": {"knob": "workers", "value": 9}}


def test_a_tick_says_how_many_are_open(stage: Stage) -> None:
    """None, one, and none again when it has ended."""
    assert stage.executor().tick(stage.now) == 0
    execution = stage.approve()
    assert stage.executor().tick(stage.now) == 1
    stage.run(execution)
    assert stage.executor().tick(stage.now) == 0


def test_what_was_judged_is_forgotten_with_its_execution(stage: Stage) -> None:
    """A time of judgement is kept for what is open and for nothing else."""
    executor = stage.executor()
    executor.pace.judged_at["ex_gone"] = 1.0
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.approve()
    while stage.state.execution(execution.id).state is not State.VERIFYING and stage.now < 1_400.0:
        executor.tick(stage.now)
        stage.now += 0.25
    executor.tick(stage.now)
    assert executor.pace.judged_at == {execution.id: stage.now}
    stage.now += 0.25
    executor.tick(stage.now)
    assert executor.pace.judged_at == {execution.id: stage.now - 0.25}


def test_a_clock_that_was_set_back_does_not_stop_the_judge(stage: Stage) -> None:
    """A judgement in the future counts for nothing."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({State.VERIFYING}))
    asked, executor = stage.judge.asked, stage.executor()
    executor.pace.judged_at[execution.id] = stage.now + 3_600.0
    executor.tick(stage.now)
    assert stage.judge.asked == asked + 1
    executor.pace.judged_at[execution.id] = -math.inf
    executor.tick(stage.now)
    assert stage.judge.asked == asked + 2


@dataclass(slots=True)
class Failing:
    """Fails with `error` wherever something is asked of it."""

    error: Exception

    def __call__(self, *_: object) -> NoReturn:
        raise self.error


@pytest.mark.parametrize(
    ("error", "level", "words"),
    [
        (Stale("moved"), logging.INFO, "execution {} was moved on by somebody else"),
        (Refused("no room"), logging.WARNING, "execution {}: no room"),
        (ZeroDivisionError("a fault"), logging.ERROR, "execution {}"),
    ],
)
def test_an_execution_that_fails_is_logged_by_its_name_and_keeps_nobody_up(
    stage: Stage, caplog: pytest.LogCaptureFixture, error: Exception, level: int, words: str
) -> None:
    """A race is information, what we raise is a warning with its words, a fault has its traceback; the next one goes on."""
    caplog.set_level(logging.INFO, "plugin_optimizer.execute.executor")
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({State.SETTLING}))
    other = replace(ORDERS, plugin_id="mail")
    stage.state.save_plugin(other, PluginStatus.ACTIVE, 0.0)
    stage.touchpoint.plugins["mail"] = replace(stage.simulated, plugin=other, knobs=dict(stage.simulated.knobs))
    proposal = stage.state.suggestion(execution.suggestion_id).proposal
    assert proposal.change is not None
    beside = replace(proposal, plugin_id="mail", change=replace(proposal.change, plugin_id="mail", before=4, after=5))
    suggestion = stage.state.offer(beside, stage.now, stage.now + 100.0)
    second = stage.state.approve(suggestion.id, None, "admin", None, stage.now)[0]
    executor: Executor = stage.executor()
    executor.sight = Failing(error)
    assert executor.tick(stage.now) == 2
    (record,) = [r for r in caplog.records if r.name == "plugin_optimizer.execute.executor"]
    assert (record.levelno, record.getMessage()) == (level, words.format(execution.id))
    assert bool(record.exc_info) is (level == logging.ERROR)
    assert stage.state.execution(second.id).state is State.CLAIMED
    assert stage.state.execution(execution.id).state is State.SETTLING
