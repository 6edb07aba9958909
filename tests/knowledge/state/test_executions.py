"""Executions move by compared writes only."""

import itertools
from dataclasses import replace

import pytest

from plugin_optimizer.domain import (
    FINAL,
    TRANSITIONS,
    Conflict,
    ExecutionState,
    Message,
    Metric,
    NotFound,
    Outcome,
    Stale,
    Step,
    SuggestionState,
    Verdict,
)
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.lives import TO_APPLYING, TO_SUCCEEDED, S, claimed, queued, rolled_back, walk
from tests.knowledge.proposals import HOUR, NOW, proposal


def test_a_claim_raises_the_fence(state: SqlStateStore) -> None:
    """Once; who comes second is told that it is stale."""
    execution = queued(state)
    taken = state.claim(execution.id, "engine", NOW + 1, NOW + 900)
    assert (taken.state, taken.fence, taken.deadman_at) == (S.CLAIMED, execution.fence + 1, NOW + 900)
    assert taken == replace(execution, state=S.CLAIMED, fence=taken.fence, updated_at=NOW + 1, deadman_at=NOW + 900)
    assert state.execution(execution.id) == taken
    with pytest.raises(Stale, match="claimed"):
        state.claim(execution.id, "engine", NOW + 2, NOW + 900)


def test_the_fence_grows_from_one_execution_to_the_next(state: SqlStateStore) -> None:
    """A late actor of an earlier execution of the plugin has a lower fence than everybody after it."""
    first = rolled_back(state)
    second = claimed(state, proposal(knob="threads"), NOW + 1)
    assert second.fence > first.fence


def test_a_whole_life_is_remembered(state: SqlStateStore) -> None:
    """Every state once, in order, with actor and reason; every field of the execution."""
    walked = walk(state, claimed(state), *TO_APPLYING, S.APPLIED, S.SETTLING, S.VERIFYING)
    nan = float("nan")
    verdict = Verdict(
        Outcome.BETTER, Metric.UP, 0.5, 0.4, nan, 2.0, 1.0, 8, 560, "windows", (Message("enough", {"n": 8}),)
    )
    last = replace(walked, state=S.SUCCEEDED, verdict=verdict, reason=Message("kept"), persisted=True, observed=4)
    stored = state.advance(last, S.VERIFYING, "engine", NOW + 60)
    assert repr(stored) == repr(replace(last, fence=last.fence + 1, updated_at=NOW + 60, finished_at=NOW + 60))
    assert repr(state.execution(stored.id)) == repr(stored)
    assert [step[0] for step in state.steps(stored.id)] == ["queued", "claimed", *TO_SUCCEEDED]
    assert state.steps(stored.id)[0] == ("queued", NOW, "ann", None)
    assert state.steps(stored.id)[-1] == ("succeeded", NOW + 60, "engine", Message("kept"))


def test_only_known_transitions_are_written(state: SqlStateStore) -> None:
    """All pairs: what TRANSITIONS does not hold is a conflict; what it holds is stale where the row is elsewhere."""
    execution = queued(state)
    for before, after in itertools.product(S, S):
        known = after in TRANSITIONS[before]
        if before is S.QUEUED and known:
            continue
        with pytest.raises(Stale if known else Conflict) as caught:
            state.advance(replace(execution, state=after), before, "engine", NOW)
        assert caught.value.code == ("stale" if known else "transition")
    assert state.execution(execution.id) == execution
    assert state.advance(replace(execution, state=S.ABORTED), S.QUEUED, "engine", NOW).state is S.ABORTED


def test_of_two_who_read_the_same_record_only_one_may_act(state: SqlStateStore) -> None:
    """Both announce the same step from the same record: the second is told that it is stale, and must not take it."""
    read = walk(state, claimed(state), *TO_APPLYING)
    announced = replace(read, step=Step(seen=2, at=NOW))
    first = state.advance(announced, S.APPLYING, "engine", NOW)
    assert first.fence == read.fence + 1
    with pytest.raises(Stale, match="fence"):
        state.advance(announced, S.APPLYING, "engine", NOW)


def test_a_lower_fence_is_refused(state: SqlStateStore) -> None:
    """Who was overtaken writes nothing."""
    execution = walk(state, claimed(state), *TO_APPLYING)
    late = replace(execution, state=S.APPLIED, fence=execution.fence - 1)
    with pytest.raises(Stale, match="fence"):
        state.advance(late, S.APPLYING, "engine", NOW)
    assert state.execution(execution.id) == execution


def test_a_turn_of_the_knob_is_a_step_of_its_own(state: SqlStateStore) -> None:
    """Each ordered turn is on record before it happens; a fresher verdict in the same state is not a step."""
    execution = walk(state, claimed(state), *TO_APPLYING)
    for value in (2, 3):
        execution = state.advance(replace(execution, step=Step(value, NOW)), S.APPLYING, "engine", NOW)
    execution = walk(state, execution, S.APPLIED, S.SETTLING, S.VERIFYING)
    again = state.advance(execution, S.VERIFYING, "engine", NOW + 5)
    assert again.updated_at == NOW + 5
    names = [step[0] for step in state.steps(execution.id)]
    assert names.count("applying") == 3
    assert names.count("verifying") == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((S.ABORTED,), SuggestionState.EXPIRED),
        ((S.CANCELLED,), SuggestionState.EXPIRED),
        ((S.INTENT, S.ABORTED), SuggestionState.EXPIRED),
        ((S.INTENT,), SuggestionState.CLAIMED),
        (TO_APPLYING, SuggestionState.CLAIMED),
        ((*TO_APPLYING, S.UNKNOWN, S.ABORTED), SuggestionState.EXECUTED),
        (TO_SUCCEEDED, SuggestionState.EXECUTED),
        ((*TO_APPLYING, S.RB_INTENT, S.RB_APPLYING, S.ROLLED_BACK), SuggestionState.EXECUTED),
        ((*TO_APPLYING, S.NEEDS_OPERATOR), SuggestionState.EXECUTED),
        ((*TO_APPLYING, S.FOREIGN, S.NEEDS_OPERATOR, S.CANCELLED), SuggestionState.EXECUTED),
    ],
)
def test_the_suggestion_follows(
    state: SqlStateStore, path: tuple[ExecutionState, ...], expected: SuggestionState
) -> None:
    """Executed at every end but one before any effect, which lets it be offered anew."""
    execution = walk(state, claimed(state), *path)
    assert state.suggestion(execution.suggestion_id).state is expected


def test_the_end_has_its_time(state: SqlStateStore) -> None:
    """`finished_at` is set at a final state and taken back where somebody moves on from it."""
    execution = walk(state, claimed(state), *TO_SUCCEEDED, at=NOW + 9)
    assert execution.finished_at == NOW + 9
    assert state.ask_rollback(execution.id, "ann", NOW + 10).finished_at is None


def test_open_ones_are_those_not_final(state: SqlStateStore) -> None:
    """What waits for nobody any more is left out; the plugin filter and pages hold as well."""
    walk(state, claimed(state, proposal("a")), *TO_SUCCEEDED)
    walk(state, claimed(state, proposal("b")), *TO_APPLYING, S.NEEDS_OPERATOR)
    still = walk(state, claimed(state, proposal("c"), NOW + 1), *TO_APPLYING)
    assert [e.id for e in state.executions(open_only=True)] == [still.id]
    assert [e.id for e in state.executions(plugin_id="c")] == [still.id]
    assert all(e.state in FINAL for e in state.executions(after=still.id))
    assert len(state.executions(after=still.id)) == 2
    assert len(state.executions(limit=2)) == 2


def test_windows_are_replaced(state: SqlStateStore) -> None:
    """What the judge saw last is what is shown; what it could not compute is None."""
    execution = queued(state)
    assert state.windows(execution.id) == []
    state.record_windows(execution.id, [{"at": NOW, "observed_seconds": 1.0}])
    state.record_windows(execution.id, [{"at": NOW}, {"at": NOW + 5, "observed_seconds": float("nan"), "x": None}])
    assert state.windows(execution.id) == [{"at": NOW}, {"at": NOW + 5, "observed_seconds": None, "x": None}]


def test_an_execution_that_is_not_there_is_not_found(state: SqlStateStore) -> None:
    """Every verb says so by NotFound."""
    ghost = replace(queued(state), id="ex_x", state=S.CLAIMED)
    for call in (
        lambda: state.execution("ex_x"),
        lambda: state.claim("ex_x", "engine", NOW, NOW + HOUR),
        lambda: state.advance(ghost, S.QUEUED, "engine", NOW),
        lambda: state.ask_rollback("ex_x", "ann", NOW),
        lambda: state.steps("ex_x"),
        lambda: state.windows("ex_x"),
        lambda: state.record_windows("ex_x", []),
        lambda: state.executions(after="ex_x"),
    ):
        with pytest.raises(NotFound, match="ex_x"):
            call()
