"""What is left on record of an approval and of each step of an execution: columns, steps, audit, to the last field."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.contracts import AuditEntry
from plugin_optimizer.domain import (
    Conflict,
    Execution,
    ExecutionState,
    Message,
    NotFound,
    Risk,
    Stale,
    Step,
    Suggestion,
    SuggestionState,
)
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.state import execution_rows
from tests.knowledge.lives import BACK, TO_APPLYING, S, claimed, queued, walk
from tests.knowledge.proposals import HOUR, NOW, advice, proposal

DAY = 24 * HOUR
DETAIL = {"suggestion_id", "fence", "change", "step", "reason"}


def offered(state: SqlStateStore, plugin_id: str = "orders", risk: Risk = Risk.LOW) -> Suggestion:
    return state.offer(proposal(plugin_id, risk=risk), NOW, NOW + HOUR)


def newest(state: SqlStateStore, subject: str) -> AuditEntry:
    return state.audit(subject=subject)[0]


def test_an_approval_is_on_the_audit_with_what_it_approved(state: SqlStateStore) -> None:
    """Of the suggestion: who claimed it, and its execution; of the execution: the change."""
    suggestion = offered(state)
    execution, _ = state.approve(suggestion.id, 1, "ann", None, NOW + 5)
    claim, birth = newest(state, suggestion.id), newest(state, execution.id)
    assert (claim.at, claim.actor, claim.action) == (NOW + 5, "ann", "suggestion.claimed")
    assert claim.detail == {"revision": 1, "execution_id": execution.id}
    assert (birth.at, birth.actor, birth.action) == (NOW + 5, "ann", "execution.queued")
    assert set(birth.detail) == DETAIL
    assert (birth.detail["suggestion_id"], birth.detail["fence"]) == (suggestion.id, execution.fence)
    assert birth.detail["step"] is birth.detail["reason"] is None
    after = state.suggestion(suggestion.id)
    assert (after.state, after.execution_id, after.updated_at) == (SuggestionState.CLAIMED, execution.id, NOW + 5)
    assert execution == Execution(
        execution.id, suggestion.id, suggestion.proposal.type, suggestion.proposal.title,
        proposal().change or pytest.fail("no change"), S.QUEUED, int(NOW + 5), "ann", NOW + 5, NOW + 5,
    )  # fmt: skip
    assert execution.id.startswith("ex_")


def test_each_step_is_on_the_audit_with_its_reason_and_its_turn(state: SqlStateStore) -> None:
    """By whom, when, under which fence; a turn that was ordered and the state it was ordered in."""
    execution = walk(state, claimed(state), *TO_APPLYING)
    told = replace(execution, step=Step(2, NOW + 1), reason=Message("trying_again", {}))
    announced = state.advance(told, S.APPLYING, "engine-2", NOW + 1)
    entry = newest(state, execution.id)
    assert (entry.at, entry.actor, entry.action) == (NOW + 1, "engine-2", "execution.applying")
    assert (entry.detail["fence"], entry.detail["suggestion_id"]) == (announced.fence, execution.suggestion_id)
    assert entry.detail["reason"] == {"code": "trying_again", "params": {}}
    assert entry.detail["step"] == {"seen": 2, "at": NOW + 1}
    assert state.steps(execution.id)[-1] == ("applying", NOW + 1, "engine-2", Message("trying_again", {}))
    number = entry.number
    state.advance(replace(announced, observed=2), S.APPLYING, "engine-2", NOW + 2)
    assert newest(state, execution.id).number == number  # what is only looked at is no step


def test_the_columns_say_what_the_record_says(state_path: Path, state_url: str) -> None:
    """What is searched by: plugin, knob, fingerprint, state, fence, times."""
    if not state_url.startswith("sqlite"):
        pytest.skip("read from the file")
    store = open_state(state_url)
    made = proposal("orders", knob="threads")
    execution = walk(store, claimed(store, made), *TO_APPLYING, *BACK, at=NOW + 7)
    store.close()
    query = (
        "SELECT id, suggestion_id, fingerprint, plugin_id, knob, state, fence, created_at, finished_at FROM executions"
    )
    with closing(sqlite3.connect(state_path)) as connection:
        rows = connection.execute(query).fetchall()
    assert rows == [
        (
            execution.id, execution.suggestion_id, made.fingerprint, "orders", "threads", "rolled_back",
            execution.fence, NOW, NOW + 7,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "expected", "audited"),
    [
        ((S.ABORTED,), SuggestionState.EXPIRED, "suggestion.expired"),
        ((*TO_APPLYING, *BACK), SuggestionState.EXECUTED, "suggestion.executed"),
    ],
)
def test_what_becomes_of_the_suggestion_is_on_the_audit(
    state: SqlStateStore, path: tuple[ExecutionState, ...], expected: SuggestionState, audited: str
) -> None:
    """Once, by the engine, at the time of the end, and naming the execution."""
    execution = walk(state, claimed(state), *path, at=NOW + 9)
    suggestion = state.suggestion(execution.suggestion_id)
    assert (suggestion.state, suggestion.updated_at) == (expected, NOW + 9)
    entries = [e for e in state.audit(subject=execution.suggestion_id) if e.action == audited]
    assert [(e.at, e.actor, e.detail) for e in entries] == [(NOW + 9, "engine", {"execution_id": execution.id})]
    took_effect = expected is SuggestionState.EXECUTED
    assert [found.id for found in state.suggestions(executed=took_effect)] == [suggestion.id]
    assert list(state.suggestions(executed=not took_effect)) == []


def test_what_has_taken_effect_counts_as_executed_from_then_on(state: SqlStateStore) -> None:
    """Not while the knob is turned; from the moment it is applied, also while it is undone."""
    execution = walk(state, claimed(state), *TO_APPLYING)
    assert list(state.suggestions(executed=True)) == []
    execution = walk(state, execution, S.APPLIED)
    assert [found.id for found in state.suggestions(executed=True)] == [execution.suggestion_id]
    execution = walk(state, execution, S.SETTLING, S.RB_INTENT)
    assert [found.id for found in state.suggestions(executed=True)] == [execution.suggestion_id]


def test_the_write_itself_compares_state_and_fence(state: SqlStateStore) -> None:
    """Also where nobody has looked before: of another state, another fence, or another execution nothing is written."""
    execution = claimed(state)
    after = replace(execution, state=S.INTENT, fence=execution.fence + 1)
    entries = state.verify_audit()
    for before in (
        replace(execution, state=S.QUEUED),
        replace(execution, fence=execution.fence - 1),
        replace(execution, id="ex_x"),
    ):
        with pytest.raises(Stale) as late, state._database.writing() as write:
            execution_rows.store(write, after, before, "engine")
        assert str(late.value) == f"execution {before.id} moved on"
    assert (state.execution(execution.id), state.verify_audit()) == (execution, entries)


def test_the_end_is_when_it_was_said_to_be(state: SqlStateStore) -> None:
    """The caller's time where he names one, that of the write elsewhere, none before the end."""
    execution = walk(state, claimed(state), *TO_APPLYING)
    assert replace(execution, finished_at=None) == execution
    going = state.advance(replace(execution, state=S.RB_INTENT, finished_at=NOW), S.APPLYING, "engine", NOW + 1)
    assert going.finished_at is None
    going = walk(state, going, S.RB_APPLYING, at=NOW + 2)
    done = state.advance(replace(going, state=S.ROLLED_BACK, finished_at=NOW + 2.5), S.RB_APPLYING, "engine", NOW + 3)
    assert (done.finished_at, done.updated_at) == (NOW + 2.5, NOW + 3)


def test_a_write_that_comes_too_late_is_told_what_stands(state: SqlStateStore) -> None:
    """State and fence of both; a claim what it is claimed for; a step that is none, what may follow."""
    execution = queued(state)
    fence = execution.fence
    with pytest.raises(Stale) as late:
        state.advance(replace(execution, state=S.INTENT, fence=fence + 5), S.CLAIMED, "engine", NOW)
    assert str(late.value) == (
        f"execution {execution.id} is queued with fence {fence}, not claimed with fence {fence + 5}"
    )
    with pytest.raises(Conflict) as unknown:
        state.advance(replace(execution, state=S.APPLIED), S.QUEUED, "engine", NOW)
    assert str(unknown.value) == "queued is followed by aborted, cancelled, claimed, not by applied"
    with pytest.raises(Conflict) as ended:
        state.advance(replace(execution, state=S.APPLIED), S.ABORTED, "engine", NOW)
    assert (str(ended.value), ended.value.code) == ("aborted is followed by nothing, not by applied", "transition")
    state.claim(execution.id, "engine", NOW, NOW + HOUR)
    with pytest.raises(Stale) as twice:
        state.claim(execution.id, "engine", NOW, NOW + HOUR)
    assert str(twice.value) == f"execution {execution.id} is claimed and no longer queued"


def test_what_is_not_there_is_named(state: SqlStateStore) -> None:
    """As an execution, by its id."""
    for call in (state.execution, state.steps, state.windows):
        with pytest.raises(NotFound, match=r"^no execution 'ex_x'$"):
            call("ex_x")
    with pytest.raises(NotFound, match=r"^no execution 'ex_x'$"):
        state.record_windows("ex_x", [])
    with pytest.raises(NotFound, match=r"^no execution 'ex_x'$"):
        state.executions(after="ex_x")
    with pytest.raises(NotFound, match=r"^no suggestion 'sg_x'$"):
        state.approve("sg_x", None, "ann", None, NOW)


def test_windows_belong_to_their_execution(state: SqlStateStore) -> None:
    """Those of another are neither shown nor replaced."""
    one, other = queued(state, proposal("a")), queued(state, proposal("b"))
    state.record_windows(one.id, [{"at": 1.0}])
    state.record_windows(other.id, [{"at": 2.0}])
    state.record_windows(other.id, [{"at": 3.0}])
    assert (state.windows(one.id), state.windows(other.id)) == ([{"at": 1.0}], [{"at": 3.0}])


def test_an_approval_that_cannot_be_is_answered_with_what_to_do(state: SqlStateStore) -> None:
    """In words, whichever of the reasons it is."""
    dismissed, late, tip = offered(state, "a"), offered(state, "b"), state.offer(advice("c"), NOW, NOW + HOUR)
    state.dismiss(dismissed.id, "", "ann", NOW)
    risky = offered(state, "d", Risk.HIGH)
    busy = queued(state, proposal("e"))
    waiting = state.offer(proposal("e", knob="threads"), NOW, NOW + HOUR)
    expected = {
        (dismissed.id, NOW): ("dismissed", f"{dismissed.id} cannot be approved: it was dismissed; undo that first"),
        (late.id, NOW + HOUR): (
            "expired", f"{late.id} cannot be approved: its time is over; what it was computed from is too old",
        ),
        (tip.id, NOW): ("advice_only", f"{tip.id} is advice: there is nothing to turn"),
        (risky.id, NOW): (
            "revision_required", f"{risky.id} is of high risk: send the revision you have read; it is 1 now",
        ),
        (waiting.id, NOW): ("in_flight", f"{busy.id} is still changing e; approve when it is over"),
    }  # fmt: skip
    for (suggestion_id, at), answer in expected.items():
        with pytest.raises(Conflict) as refused:
            state.approve(suggestion_id, None, "ann", None, at)
        assert (refused.value.code, str(refused.value)) == answer
    with pytest.raises(Stale) as stale:
        state.approve(risky.id, 2, "ann", None, NOW)
    assert str(stale.value) == f"{risky.id} has revision 1 by now, not 2; read it again"
    assert state.approve(risky.id, 1, "ann", None, NOW)[1]
    assert state.approve(late.id, None, "ann", None, NOW + HOUR - 0.1)[1]


def test_a_key_knows_its_own_request_again(state: SqlStateStore) -> None:
    """The same suggestion with the same revision; another of either is told so."""
    one, other = offered(state, "a"), offered(state, "b")
    execution, _ = state.approve(one.id, 1, "ann", "k", NOW)
    assert state.approve(one.id, 1, "ann", "k", NOW + 1) == (execution, False)
    with pytest.raises(Conflict) as revised:
        state.approve(one.id, 2, "ann", "k", NOW)
    assert (revised.value.code, str(revised.value)) == (
        "key_reused",
        f"this key came with another revision of {one.id}; repeat that request as it was, or use a new key",
    )
    with pytest.raises(Conflict) as reused:
        state.approve(other.id, 1, "ann", "k", NOW)
    assert str(reused.value) == f"this key approved {one.id}; use a new one for {other.id}"


def test_a_key_is_remembered_for_two_days_from_its_first_use(state: SqlStateStore) -> None:
    """It answers for whoever used it, also where another key was answered before it; then it is free again."""
    one = offered(state, "a")
    execution, _ = state.approve(one.id, None, "ann", "first", NOW)
    assert state.approve(one.id, None, "bob", "second", NOW + 1) == (execution, False)
    state.ask_rollback(execution.id, "ann", NOW + 2)
    for actor, key in (("ann", "first"), ("bob", "second")):
        assert state.approve(one.id, None, actor, key, NOW + 2 * DAY)[0].id == execution.id
    other = state.offer(proposal("b"), NOW, NOW + 9 * DAY)
    made, _ = state.approve(other.id, None, "ann", "third", NOW + 2 * DAY + 0.5)  # forgets what is older than two days
    again = state.offer(proposal("c"), NOW, NOW + 9 * DAY)
    with pytest.raises(Conflict) as reused:
        state.approve(again.id, None, "bob", "second", NOW + 2 * DAY + 0.7)
    assert reused.value.code == "key_reused"
    assert state.approve(again.id, None, "ann", "first", NOW + 2 * DAY + 0.7)[1]
    assert state.approve(other.id, None, "ann", "third", NOW + 2 * DAY + 1.0) == (made, False)


def test_fences_begin_at_the_second_of_the_approval_and_never_fall(state: SqlStateStore) -> None:
    """A clock that was set back does not make a later execution older; other plugins have their own."""
    first = walk(state, claimed(state), *TO_APPLYING, *BACK, at=NOW + 3)
    assert first.fence == int(NOW) + 6
    second = queued(state, proposal(knob="threads"), NOW - 500)
    assert second.fence == first.fence
    assert queued(state, proposal("mail"), NOW - 500).fence == int(NOW - 500)
