"""What the judge cannot tell is found out by both values in turn, each turned like any other; any trouble ends it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from plugin_optimizer.domain import (
    FINAL,
    Arm,
    Comparison,
    Execution,
    ExecutionState,
    Knob,
    Message,
    Outcome,
    PluginStatus,
    Policy,
    Verdict,
)
from plugin_optimizer.execute import turns
from plugin_optimizer.execute.executor import DEADMAN_MARGIN_SECONDS, Executor
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.execute.turns import SLACK, SLACK_SECONDS
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from ..simulator.store import open_in_memory
from .test_executor import ORDERS, Stage

State = ExecutionState
PLAN = next(plan for plan in (Comparison(seed, 6, 8.0, 1.5) for seed in range(99)) if plan.order[-1] is Arm.BEFORE)
WHY_NOT = Message("switchback_off", {})


@dataclass
class Told:
    """A referee that plans what it is told, says `outcome`, and finds broken what it is told."""

    planned: Comparison | Message | None = PLAN
    outcome: Outcome = Outcome.BETTER
    breaks: Message | None = None
    asked: list[Knob | None] = field(default_factory=list)

    def plan(
        self, execution: Execution, sight: Sight, knob: Knob | None, policy: Policy
    ) -> Comparison | Message | None:
        assert (execution.state, sight.readable, policy.verify_seconds) == (State.VERIFYING, True, 60.0)
        self.asked.append(knob)
        return self.planned

    def broken(self, execution: Execution, sight: Sight, now: float) -> Message | None:
        assert (execution.state, sight.readable) == (State.COMPARING, True)
        return self.breaks if now else None

    def judge(self, execution: Execution, sight: Sight) -> Verdict:
        assert (execution.state, sight.readable) == (State.COMPARING, True)
        assert (execution.observed, execution.step) == (execution.change.after, None)  # in force again
        metric = execution.change.goal.metric
        return Verdict(self.outcome, metric, 0.5, 0.4, 0.6, 2.0, 1.0, 6, 500, "switchback")


@pytest.fixture
def stage() -> Iterator[Stage]:
    store = open_in_memory(lambda *_: None)
    store.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")}, lag_looks=1)
    made = Stage(store, simulated, SimulatedTouchpoint({"orders": simulated}))
    made.judge.outcome = Outcome.INCONCLUSIVE
    yield made
    store.close()


def refereed(stage: Stage, told: Told) -> Executor:
    executor = stage.executor()
    executor.referee = told
    return executor


def led(stage: Stage, executor: Executor, execution: Execution, *until: State) -> Execution:
    """Tick four times a second until it is in one of the states."""
    for _ in range(4_000):
        executor.tick(stage.now)
        present = stage.state.execution(execution.id)
        if present.state in until:
            return present
        stage.now += 0.25
    raise AssertionError(f"it stayed {present.state}: {present.reason}")


def comparing(stage: Stage, told: Told, blocks: int = 1) -> tuple[Executor, Execution]:
    """Return the engine and the execution once so many blocks are over and the next one is under way."""
    executor, execution = refereed(stage, told), stage.approve(2, 4)
    led(stage, executor, execution, State.COMPARING)
    for _ in range(4_000):
        present = stage.state.execution(execution.id)
        assert present.comparison is not None
        if len(present.comparison.blocks) >= blocks and present.comparison.began is not None:
            return executor, present
        executor.tick(stage.now)
        stage.now += 0.25
    raise AssertionError("no block ended")


def test_both_values_take_turns_in_the_order_of_the_seed(stage: Stage) -> None:
    """Block by block; each turn is an announced step; what is better is kept with the new value in force."""
    executor, execution = refereed(stage, Told()), stage.approve(2, 4)
    seen: list[tuple[int, object]] = []
    while (present := stage.state.execution(execution.id)).state not in FINAL:
        if present.state is State.COMPARING and present.comparison is not None and present.comparison.began is not None:
            seen.append((len(present.comparison.blocks), stage.workers))
        executor.tick(stage.now)
        stage.now += 0.25
    assert present.state is State.SUCCEEDED
    comparison = present.comparison
    assert comparison is not None
    assert tuple(block.arm for block in comparison.blocks) == comparison.order == PLAN.order
    in_force = {Arm.BEFORE: 2, Arm.AFTER: 4}
    assert {(number, in_force[arm]) for number, arm in enumerate(PLAN.order)} == set(seen)
    assert all(8.0 <= block.ended - block.began <= 8.5 for block in comparison.blocks)
    assert (stage.workers, stage.simulated.kept) == (4, {"workers": 4})
    assert present.verdict is not None
    assert present.verdict.method == "switchback"


def test_every_turn_was_on_record_before_it_was_made(stage: Stage) -> None:
    """As many steps in the course of the execution as effects on the plugin, and an audit that holds."""
    executor, execution = refereed(stage, Told()), stage.approve(2, 4)
    led(stage, executor, execution, *FINAL)
    steps = [entry for entry in stage.state.audit(500) if entry.detail.get("step")]
    assert len(steps) == len(stage.simulated.effects) > 2 * 2
    assert stage.state.verify_audit() > 0


@pytest.mark.parametrize("outcome", [Outcome.SAME, Outcome.WORSE, Outcome.INCONCLUSIVE])
def test_what_did_not_show_itself_better_ends_with_the_old_value(stage: Stage, outcome: Outcome) -> None:
    executor, execution = refereed(stage, Told(outcome=outcome)), stage.approve(2, 4)
    ended = led(stage, executor, execution, *FINAL)
    assert (ended.state, stage.workers, stage.simulated.kept) == (State.ROLLED_BACK, 2, {})
    assert ended.verdict is not None
    assert ended.verdict.method == "switchback"


def test_where_nothing_is_compared_the_verdict_says_why(stage: Stage) -> None:
    """Asked once, with the knob; undone as it always was."""
    told = Told(planned=WHY_NOT)
    ended = led(stage, refereed(stage, told), stage.approve(2, 4), *FINAL)
    assert ended.state is State.ROLLED_BACK
    assert ended.verdict is not None
    assert WHY_NOT in ended.verdict.reasons
    assert [knob.name for knob in told.asked if knob is not None] == ["workers"]


def test_what_the_judge_could_tell_is_not_compared(stage: Stage) -> None:
    stage.judge.outcome = Outcome.BETTER
    told = Told()
    assert led(stage, refereed(stage, told), stage.approve(2, 4), *FINAL).state is State.SUCCEEDED
    assert told.asked == []


def test_the_dead_man_waits_for_the_comparison_and_no_longer(stage: Stage) -> None:
    executor, execution = refereed(stage, Told()), stage.approve(2, 4)
    begun = led(stage, executor, execution, State.COMPARING)
    assert begun.deadman_at is not None
    plain = begun.created_at + stage.policy.settle_seconds + stage.policy.verify_seconds + DEADMAN_MARGIN_SECONDS
    assert begun.deadman_at == pytest.approx(plain + SLACK * PLAN.seconds + SLACK_SECONDS, abs=1.0)
    stage.now = begun.deadman_at + 1.0
    undone = led(stage, stage.executor(), execution, *FINAL)  # of an engine that sees it for the first time
    assert undone.state is State.ROLLED_BACK
    assert undone.reason is not None
    assert undone.reason.code == "deadman"


def test_the_emergency_stop_ends_it_with_the_old_value(stage: Stage) -> None:
    executor, execution = comparing(stage, Told())
    stage.stopped = True
    assert led(stage, executor, execution, *FINAL).state is State.ROLLED_BACK
    assert (stage.workers, stage.simulated.kept) == (2, {})


def test_an_arm_that_breaks_ends_it_at_once(stage: Stage) -> None:
    told = Told()
    executor, execution = comparing(stage, told)
    told.breaks = Message("guard_slow", {"before_ratio": 0.1, "after_ratio": 0.9, "slo_seconds": 1.0})
    undone = led(stage, executor, execution, *FINAL)
    assert (undone.state, undone.reason, stage.workers) == (State.ROLLED_BACK, told.breaks, 2)


def test_somebody_elses_value_ends_it_and_stays(stage: Stage) -> None:
    executor, execution = comparing(stage, Told())
    stage.simulated.knobs["workers"] = replace(stage.simulated.knobs["workers"], value=9)
    assert led(stage, executor, execution, *FINAL).state is State.NEEDS_OPERATOR
    assert stage.workers == 9


def test_a_value_that_a_restart_took_away_ends_it(stage: Stage) -> None:
    """In the middle of a block under the new value."""
    blocks = next(number for number, arm in enumerate(PLAN.order) if number and arm is Arm.AFTER)
    executor, execution = comparing(stage, Told(), blocks)
    stage.simulated.knobs["workers"] = replace(stage.simulated.knobs["workers"], value=2)
    undone = led(stage, executor, execution, *FINAL)
    assert (undone.state, stage.workers) == (State.ROLLED_BACK, 2)
    assert undone.reason is not None
    assert undone.reason.code == "value_lost"


def test_a_plugin_that_dies_meanwhile_gets_the_old_value_back(stage: Stage) -> None:
    executor, execution = comparing(stage, Told())
    stage.simulated.gone, begun = True, stage.now
    assert led(stage, executor, execution, State.GONE).undoing
    assert stage.now - begun <= PLAN.block_seconds
    stage.simulated.gone = False
    assert led(stage, executor, execution, *FINAL).state is State.ROLLED_BACK
    assert stage.workers == 2


def test_another_engine_goes_on_where_the_first_one_died(stage: Stage) -> None:
    """The blocks on record count; the one that was under way is begun anew in time only."""
    _, execution = comparing(stage, Told(), 3)
    ended = led(stage, refereed(stage, Told()), execution, *FINAL)
    assert ended.state is State.SUCCEEDED
    assert ended.comparison is not None
    assert ended.comparison.finished
    assert stage.workers == 4


def test_what_is_begun_says_how_long_it_takes(stage: Stage) -> None:
    begun = led(stage, refereed(stage, Told()), stage.approve(2, 4), State.COMPARING)
    assert begun.reason == Message("comparing", {"pairs": 6, "planned_seconds": 96})


def test_an_engine_that_never_compares_leaves_what_another_began_at_the_open_verdict(stage: Stage) -> None:
    """And undoes it when the answers have had their time."""
    _, execution = comparing(stage, Told(), 3)
    ended = led(stage, stage.executor(), execution, *FINAL)
    assert (ended.state, stage.workers) == (State.ROLLED_BACK, 2)
    assert ended.verdict is not None
    assert ended.verdict.outcome is Outcome.INCONCLUSIVE


def test_where_nobody_would_expect_a_comparison_nothing_is_said_of_one(stage: Stage) -> None:
    ended = led(stage, refereed(stage, Told(planned=None)), stage.approve(2, 4), *FINAL)
    assert ended.state is State.ROLLED_BACK
    assert ended.verdict is not None
    assert ended.verdict.reasons == ()


@pytest.mark.parametrize(("away", "interrupted"), [(4.0, False), (30.0, True)])
def test_a_block_that_lasted_too_long_ends_it(stage: Stage, away: float, interrupted: bool) -> None:
    """The same engine looks again after it was held: requests met one value for longer than was planned."""
    executor, execution = comparing(stage, Told())
    while stage.now - (stage.state.execution(execution.id).updated_at) < 7.5:
        executor.tick(stage.now)
        stage.now += 0.25
    for _ in range(int(away)):  # ticks that come late, each within what the patience believes
        stage.now += 1.0
        executor.patience.tick(stage.state.executions(open_only=True), stage.now, stage.now)
    ended = led(stage, executor, execution, *FINAL)
    assert (ended.state is State.ROLLED_BACK) is interrupted
    assert ended.reason is not None
    assert (ended.reason.code == "comparison_interrupted") is interrupted


@pytest.mark.parametrize(("jump", "interrupted"), [(2.0, False), (3_600.0, True), (-3_600.0, True)])
def test_a_clock_that_is_set_in_a_block_ends_it(stage: Stage, jump: float, interrupted: bool) -> None:
    """Requests are dated by it: nobody can tell which of them came under which value."""
    executor, execution = comparing(stage, Told())
    steady = stage.now
    wall = stage.now + jump
    for _ in range(2_000):
        executor.tick(wall, steady)
        present = stage.state.execution(execution.id)
        if present.state in FINAL:
            break
        steady, wall = steady + 0.25, wall + 0.25
    assert (present.state is State.ROLLED_BACK) is interrupted
    assert present.reason is not None
    assert (present.reason.code == "comparison_interrupted") is interrupted


def test_a_turn_that_never_shows_ends_it_with_the_old_value(stage: Stage) -> None:
    """Its fate is unknown, and is found out on the way back."""
    executor, execution = comparing(stage, Told(), 1)
    stage.simulated.lag_looks = 10_000
    lost = led(stage, executor, execution, State.UNKNOWN)
    assert lost.undoing
    assert lost.reason is not None
    assert lost.reason.code == "step_not_seen"
    stage.simulated.lag_looks = 1
    assert led(stage, executor, execution, *FINAL).state is State.ROLLED_BACK
    assert stage.workers == 2


def test_a_step_that_was_refused_while_values_take_turns_leads_back(stage: Stage) -> None:
    """On the way to a change it is looked at anew instead."""
    reason = Message("fence_refused", {"detail": "too late"})
    execution = stage.approve(2, 4)
    comparing_now = replace(execution, state=State.COMPARING, comparison=PLAN)
    assert turns.refused(comparing_now, reason) == replace(
        comparing_now, state=State.UNKNOWN, reason=reason, undoing=True
    )
    applying = replace(execution, state=State.APPLYING)
    assert turns.refused(applying, reason) == replace(applying, state=State.UNKNOWN, reason=reason)


@pytest.mark.parametrize(("began", "seconds", "rests"), [(None, 1.0, False), (5.0, 7.9, True), (5.0, 8.0, False)])
def test_nothing_is_done_while_a_block_lasts(stage: Stage, began: float | None, seconds: float, rests: bool) -> None:
    execution = stage.approve(2, 4)
    assert not turns.resting(execution, execution.updated_at + seconds)
    execution = replace(execution, state=State.COMPARING, comparison=replace(PLAN, began=began))
    assert turns.resting(execution, execution.updated_at + seconds) is rests
