"""A restart as a change: it happens once, is seen by looking, is kept by nobody, and cannot be taken back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from execute.rails_cases import NOW, case, code, execution
from execute.test_executor import ORDERS, Stage

from plugin_optimizer.domain import (
    LIFE,
    Change,
    Conflict,
    Direction,
    Disruption,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Outcome,
    PluginStatus,
    Policy,
    Proposal,
    Purpose,
    Reversibility,
    Risk,
    SuggestionType,
    Verdict,
    following,
)
from plugin_optimizer.execute.decision import Decision, decide
from plugin_optimizer.execute.rehearsal import course
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint
from plugin_optimizer.web.views.execution import can_roll_back
from plugin_optimizer.wording import render

State = ExecutionState
GOAL = Goal(Metric.MEMORY_RATIO, Direction.DOWN, Purpose.RENEW)
FIRST = "2026-11-30T20:00:00Z 4f2a91c0"
RESTART = Change("orders", "life", FIRST, following(FIRST), GOAL)
LIFE_KNOB = Knob(
    "life",
    FIRST,
    choices=(FIRST, following(FIRST)),
    disruption=Disruption.RESTART,
    reversibility=Reversibility.IRREVERSIBLE,
    persistent=False,
    kind=LIFE,
)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = open_state(tmp_path / "state.db")
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"life": LIFE_KNOB}, lag_looks=1)
    yield Stage(state, simulated, SimulatedTouchpoint({"orders": simulated}))
    state.close()


def approved(stage: Stage) -> Execution:
    title = Message("restart_leaking", {"memory_bytes": 9e8, "after_bytes": 3e8})
    proposal = Proposal("orders", SuggestionType.RECYCLE_WORKERS, title, RESTART, None, Risk.MEDIUM, 0.8)
    suggestion = stage.state.offer(proposal, stage.now, stage.now + 3_600.0)
    return stage.state.approve(suggestion.id, None, "admin", None, stage.now)[0]


def test_a_restart_that_helps_happens_once_and_nobody_repeats_it(stage: Stage) -> None:
    """One effect; a new life is there; nothing is made to last and nothing desired, so that no later restart is undone or repeated."""
    done = stage.run(approved(stage))
    assert done.state is State.SUCCEEDED
    assert stage.simulated.effects == [("life", following(FIRST))]
    assert stage.simulated.knobs["life"].value == "life 1"
    assert stage.simulated.kept == {}
    assert stage.state.desired() == []


@pytest.mark.parametrize("outcome", [Outcome.WORSE, Outcome.SAME])
def test_a_restart_that_does_not_help_calls_a_person(stage: Stage, outcome: Outcome) -> None:
    """There is no way back: it is not restarted again, and nobody claims to have taken it back."""
    stage.judge.outcome = outcome
    done = stage.run(approved(stage))
    assert done.state is State.NEEDS_OPERATOR
    assert done.reason is not None
    assert done.reason.code == "cannot_be_undone"
    assert len(stage.simulated.effects) == 1
    assert not can_roll_back(done)
    with pytest.raises(Conflict) as refusal:
        stage.state.ask_rollback(done.id, "admin", stage.now)
    assert refusal.value.code == "not_reversible"


def test_a_life_that_ended_by_itself_is_not_ended_again(stage: Stage) -> None:
    """It was restarted by somebody else between the approval and the deed: nothing is ordered."""
    execution = approved(stage)
    stage.simulated.knobs["life"] = replace(LIFE_KNOB, value="another", choices=("another", following("another")))
    done = stage.run(execution)
    assert done.state is State.ABORTED
    assert done.reason is not None
    assert done.reason.code == "value_moved"
    assert stage.simulated.effects == []


def test_the_emergency_stop_before_the_deed_leaves_it_running(stage: Stage) -> None:
    """Stopped before the order: nothing happens to it."""
    execution = stage.run(approved(stage), until=frozenset({State.INTENT, State.APPLYING}))
    stage.stopped = True
    done = stage.run(execution)
    assert done.state in {State.ROLLED_BACK, State.ABORTED}
    assert stage.simulated.effects == []


def test_a_restart_is_found_again_by_looking_after_a_crash(stage: Stage) -> None:
    """The engine died after the order: the next one sees another life and does not order it again."""
    execution = stage.run(approved(stage), until=frozenset({State.APPLYING}))
    executor = stage.executor()
    while not stage.simulated.effects:
        executor.tick(stage.now)
        stage.now += 0.25
    done = stage.run(execution)  # by an executor that remembers nothing
    assert done.state is State.SUCCEEDED
    assert len(stage.simulated.effects) == 1


def test_a_crash_loop_after_it_still_counts_as_the_next_life(stage: Stage) -> None:
    """Any later life is the one that was to follow, not a foreign value: whether it stays well is the judge's business."""
    assert RESTART.known("life 7") == following(FIRST)
    assert RESTART.known(FIRST) == FIRST
    assert Change("orders", "state", "stopped", "running", GOAL).known("else") == "else"


def test_no_more_restarts_in_a_day_than_the_policy_allows_whoever_asks() -> None:
    """One by default; two where it says so; none where it says 0. A day later, and of another plugin, it may be again."""
    before = execution(1, NOW - 3_600.0, RESTART, by="kim")
    assert code(case(RESTART, (before,))) == "rail_restarts"
    assert code(case(RESTART, (before,), policy=Policy(restarts_per_day=2))) is None
    assert code(case(RESTART, (), policy=Policy(restarts_per_day=0))) == "rail_restarts"
    assert code(case(RESTART, (execution(1, NOW - 90_000.0, RESTART),))) is None
    assert code(case(RESTART, (execution(1, NOW - 3_600.0, replace(RESTART, plugin_id="shop")),))) is None


@pytest.mark.parametrize("outcome", [Outcome.SAME, Outcome.WORSE, Outcome.BETTER])
def test_a_fresh_start_is_decided_like_a_change_without_a_way_back(outcome: Outcome) -> None:
    """Better is kept, the rest calls a person; what nobody could judge in time is left to one."""
    verdict = Verdict(outcome, Metric.MEMORY_RATIO, 0.5, 0.4, 0.6, 0.9, 0.4, 8, 0, "windows")
    expected = Decision.KEEP if outcome is Outcome.BETTER else Decision.UNDO
    assert decide(Purpose.RENEW, verdict, 0.5, auto=False) is expected
    open_verdict = replace(verdict, outcome=Outcome.INCONCLUSIVE)
    assert decide(Purpose.RENEW, open_verdict, 1.0, auto=False) is Decision.ASK


def test_a_rehearsal_says_that_there_is_no_way_back() -> None:
    """What a dry run tells beforehand, in both languages."""
    codes = [message.code for message in course(RESTART, LIFE_KNOB, Policy(), None)]
    assert "rehearsal_no_way_back" in codes
    assert "rehearsal_undo" not in codes
    said = Message("rehearsal_no_way_back", {})
    assert render(said, "ko") != render(said, "en")
