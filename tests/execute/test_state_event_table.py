"""Every state of an execution and everything the world can do to it: what one look of the executor makes of it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from plugin_optimizer.domain import TRANSITIONS, Arm, Comparison, Execution, ExecutionState, Knob, Outcome, PluginStatus
from plugin_optimizer.execute.doubt import STANDS_SECONDS
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from ..simulator.store import open_in_memory
from .test_executor import ORDERS, Stage, ToldJudge

State = ExecutionState
BEFORE, AFTER = 2, 4
WORKERS = Knob("workers", BEFORE, 1, 16, kind="workers")
TURNS = next(turns for turns in (Comparison(seed, 6, 8.0, 1.5) for seed in range(9)) if turns.next_arm is Arm.AFTER)
BACK = frozenset({State.RB_INTENT, State.RB_APPLYING, State.ROLLED_BACK})

# What runs when the executor looks, and what else is the case. The judge says "better" unless told otherwise.
EVENTS = (
    "before", "between", "after", "foreign", "gone", "unreadable", "stopped", "overdue", "worse", "undecided",
)  # fmt: skip
# The state after one look, a second after the last write; a dot where it stays as it is. A conclusion from a value that is
# not ours (DOUBTED) is drawn only once that value has stood.
TABLE = """
state           before       between      after        foreign      gone         unreadable   stopped      overdue      worse        undecided
queued          claimed      claimed      claimed      claimed      aborted      aborted      aborted      claimed      claimed      claimed
claimed         intent       aborted      aborted      aborted      aborted      aborted      aborted      aborted      aborted      aborted
intent          applying     applying     applying     applying     aborted      aborted      aborted      aborted      applying     applying
applying        .            foreign      applied      foreign      gone         .            rb_intent    rb_intent    applied      applied
applied         settling     settling     settling     settling     settling     settling     settling     settling     settling     settling
settling        .            .            .            .            .            .            .            .            .            .
verifying       rb_intent    foreign      succeeded    foreign      gone         .            rb_intent    rb_intent    rb_intent    .
comparing       .            foreign      .            foreign      gone         .            rb_intent    rb_intent    .            .
succeeded       .            .            .            .            .            .            .            .            .            .
rb_intent       rb_applying  rb_applying  rb_applying  rb_applying  rb_applying  rb_applying  rb_applying  rb_applying  rb_applying  rb_applying
rb_applying     rolled_back  .            .            foreign      gone         .            rolled_back  rolled_back  .            .
rolled_back     .            .            .            .            .            .            .            .            .            .
aborted         .            .            .            .            .            .            .            .            .            .
cancelled       .            .            .            .            .            .            .            .            .            .
unknown         .            .            applied      foreign      gone         .            .            .            applied      applied
partial         .            .            applied      foreign      gone         .            .            .            applied      applied
foreign         needs_operator needs_operator needs_operator needs_operator needs_operator needs_operator needs_operator needs_operator needs_operator needs_operator
gone            applying     applying     applying     applying     .            .            applying     applying     applying     applying
needs_operator  .            .            .            .            .            .            .            .            .            .
"""
DOUBTED = {
    *((State.CLAIMED, event) for event in ("between", "after", "foreign", "worse", "undecided")),
    *((state, "foreign") for state in (State.APPLYING, State.RB_APPLYING, State.UNKNOWN, State.PARTIAL)),
    *((State.VERIFYING, event) for event in ("before", "between", "foreign", "stopped")),
    (State.APPLYING, "between"),
    *((State.COMPARING, event) for event in ("between", "foreign")),
}
ROWS = [line.split() for line in TABLE.strip().splitlines()]
EXPECTED = {
    (State(row[0]), event): State(row[0]) if cell == "." else State(cell)
    for row in ROWS[1:]
    for event, cell in zip(ROWS[0][1:], row[1:], strict=True)
}
VALUES = {"between": 3, "after": AFTER, "foreign": 9, "worse": AFTER, "undecided": AFTER}


@pytest.fixture
def stage() -> Iterator[Stage]:
    store = open_in_memory(lambda *_: None)
    store.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": WORKERS})
    yield Stage(store, simulated, SimulatedTouchpoint({"orders": simulated}))
    store.close()


def way_to(goal: State) -> list[State]:
    """Return the shortest way from `queued`, by the transitions that the store allows."""
    ways = deque([[State.QUEUED]])
    seen = {State.QUEUED}
    while ways:
        way = ways.popleft()
        if way[-1] is goal:
            return way[1:]
        for following in sorted(TRANSITIONS[way[-1]] - seen):
            seen.add(following)
            ways.append([*way, following])
    raise AssertionError(f"nothing leads to {goal}")


def brought_to(state: State, stage: Stage, deadman_at: float) -> Execution:
    """Approve a change and lead its record to `state`, one durable write at a time."""
    store, execution = stage.state, stage.approve(BEFORE, AFTER)
    for following in way_to(state):
        if following is State.CLAIMED:
            execution = store.claim(execution.id, "engine", stage.now, deadman_at)
            continue
        applied_at = stage.now if following in {State.SETTLING, State.VERIFYING} else execution.applied_at
        undoing = execution.undoing or following in BACK
        after = replace(execution, state=following, applied_at=applied_at, verifying_at=applied_at, undoing=undoing)
        after = replace(after, comparison=TURNS if following is State.COMPARING else None)
        execution = store.advance(after, execution.state, "engine", stage.now)
    return execution


def happen(event: str, stage: Stage) -> None:
    stage.simulated.knobs["workers"] = replace(WORKERS, value=VALUES.get(event, BEFORE))
    stage.simulated.gone, stage.simulated.unreadable = event == "gone", event == "unreadable"
    stage.stopped = event == "stopped"
    outcomes = {"worse": Outcome.WORSE, "undecided": Outcome.INCONCLUSIVE, "overdue": Outcome.INCONCLUSIVE}
    stage.judge = ToldJudge(outcomes.get(event, Outcome.BETTER))


def test_the_table_has_every_state_and_every_event() -> None:
    """No pair is left out."""
    assert set(EXPECTED) == {(state, event) for state in State for event in EVENTS}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("event", EVENTS)
def test_each_state_answers_each_event_as_the_table_says(state: State, event: str, stage: Stage) -> None:
    """One look, or looks until it has stood; the store has accepted the step, and an effect is made only from `applying`,
    `comparing` and `rb_applying`.
    """
    execution = brought_to(state, stage, stage.now + (-10_000.0 if event == "overdue" else 3_600.0))
    happen(event, stage)
    stage.now += 1.0
    executor = stage.executor()
    executor.tick(stage.now)
    if (state, event) in DOUBTED:
        assert stage.state.execution(execution.id).state is state
        begun = stage.now
        while stage.now < begun + STANDS_SECONDS:
            stage.now += 0.5
            executor.pace.judged_at.clear()
            executor.tick(stage.now)
    assert stage.state.execution(execution.id).state is EXPECTED[state, event]
    assert not stage.simulated.effects or state in {State.APPLYING, State.COMPARING, State.RB_APPLYING}
    assert stage.state.verify_audit() > 0
