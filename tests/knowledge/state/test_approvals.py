"""An approved suggestion becomes exactly one execution."""

import pytest

from plugin_optimizer.domain import Conflict, ExecutionState, Message, Stale, Suggestion, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.lives import TO_SUCCEEDED, claimed, queued, rolled_back, walk
from tests.knowledge.proposals import HOUR, NOW, advice, proposal

DAY = 24 * HOUR


def offered(state: SqlStateStore) -> Suggestion:
    return state.offer(proposal(), NOW, NOW + HOUR)


def test_an_approval_queues_what_was_suggested(state: SqlStateStore) -> None:
    """The execution carries the change, its words and who approved; the suggestion is claimed by it."""
    suggestion = offered(state)
    execution, created = state.approve(suggestion.id, 1, "ann", None, NOW + 5)
    assert created
    assert execution.state is ExecutionState.QUEUED
    assert execution.change == suggestion.proposal.change
    assert execution.description == suggestion.proposal.title
    assert (execution.approved_by, execution.created_at, execution.suggestion_id) == ("ann", NOW + 5, suggestion.id)
    assert state.execution(execution.id) == execution
    now = state.suggestion(suggestion.id)
    assert (now.state, now.execution_id) == (SuggestionState.CLAIMED, execution.id)


def test_a_second_approval_returns_the_first_execution(state: SqlStateStore) -> None:
    """Whoever asks, with whatever key and revision, while it runs and after its end."""
    first = queued(state)
    for key in (None, "k"):
        assert state.approve(first.suggestion_id, 99, "bob", key, NOW + 1) == (first, False)
    done = walk(state, state.claim(first.id, "engine", NOW, NOW + HOUR), *TO_SUCCEEDED)
    assert state.approve(first.suggestion_id, None, "bob", None, NOW + DAY) == (done, False)


def test_the_same_key_gives_the_same_answer(state: SqlStateStore) -> None:
    """Even where the suggestion could not be approved any more."""
    suggestion = offered(state)
    execution, _ = state.approve(suggestion.id, None, "ann", "k1", NOW)
    cancelled = state.ask_rollback(execution.id, "ann", NOW + 1)
    assert state.approve(suggestion.id, None, "ann", "k1", NOW + DAY) == (cancelled, False)
    with pytest.raises(Conflict) as caught:
        state.approve(suggestion.id, None, "ann", "k2", NOW + 2)
    assert caught.value.code == "expired"


def test_a_key_stands_for_one_suggestion(state: SqlStateStore) -> None:
    """The same actor cannot use it for another; another actor's keys are his own."""
    queued_with_key = offered(state)
    state.approve(queued_with_key.id, None, "ann", "k", NOW)
    other = state.offer(proposal("search"), NOW, NOW + HOUR)
    with pytest.raises(Conflict) as caught:
        state.approve(other.id, None, "ann", "k", NOW)
    assert caught.value.code == "key_reused"
    assert state.approve(other.id, None, "bob", "k", NOW)[1]


def test_a_stale_revision_is_refused(state: SqlStateStore) -> None:
    """Who approves must have read what it says now."""
    suggestion = offered(state)
    state.offer(proposal(after=8), NOW + 1, NOW + HOUR)
    with pytest.raises(Stale, match="revision 2"):
        state.approve(suggestion.id, 1, "ann", None, NOW + 2)
    assert state.approve(suggestion.id, 2, "ann", None, NOW + 2)[0].change.after == 8


def test_a_closed_suggestion_is_refused_with_its_reason(state: SqlStateStore) -> None:
    """Dismissed, superseded, expired by hand, expired by time, and at rest after a rollback."""
    dismissed = state.dismiss(state.offer(proposal("a"), NOW, NOW + HOUR).id, "", "ann", NOW)
    superseded = state.offer(proposal("b"), NOW, NOW + HOUR)
    state.withdraw(superseded.id, SuggestionState.SUPERSEDED, Message("m"), NOW)
    expired = state.offer(proposal("c"), NOW, NOW + HOUR)
    state.withdraw(expired.id, SuggestionState.EXPIRED, Message("m"), NOW)
    late = state.offer(proposal("d"), NOW, NOW + 5)
    rolled_back(state, proposal("e"))
    resting = state.offer(proposal("e"), NOW + 1, NOW + HOUR)
    expected = [
        (dismissed, "dismissed"),
        (superseded, "superseded"),
        (expired, "expired"),
        (late, "expired"),
        (resting, "quarantined"),
    ]
    for suggestion, code in expected:
        with pytest.raises(Conflict) as caught:
            state.approve(suggestion.id, None, "ann", None, NOW + 5)
        assert (caught.value.code, type(caught.value)) == (code, Conflict)


def test_advice_cannot_be_executed(state: SqlStateStore) -> None:
    """Where nothing can be turned, nothing is queued."""
    with pytest.raises(Conflict) as caught:
        state.approve(state.offer(advice(), NOW, NOW + HOUR).id, None, "ann", None, NOW)
    assert caught.value.code == "advice_only"
    assert state.executions() == []


def test_a_plugin_is_changed_by_one_execution_at_a_time(state: SqlStateStore) -> None:
    """Another knob has to wait until the first is final; other plugins do not."""
    first = claimed(state)
    second = state.offer(proposal(knob="threads"), NOW, NOW + HOUR)
    with pytest.raises(Conflict) as caught:
        state.approve(second.id, None, "ann", None, NOW)
    assert caught.value.code == "in_flight"
    assert state.suggestion(second.id).state is SuggestionState.OPEN
    queued(state, proposal("search"))
    walk(state, first, *TO_SUCCEEDED)
    assert state.approve(second.id, None, "ann", None, NOW)[1]


def test_keys_are_forgotten_in_time(state: SqlStateStore) -> None:
    """A key lives two days: longer than anybody retries."""
    first = queued(state, proposal("a"))
    other = state.offer(proposal("b"), NOW, NOW + 9 * DAY)
    state.ask_rollback(first.id, "ann", NOW)
    again = state.offer(proposal("a"), NOW, NOW + 9 * DAY)
    state.approve(again.id, None, "ann", "k", NOW)
    state.approve(other.id, None, "ann", "k2", NOW + 3 * DAY)
    third = state.offer(proposal("c"), NOW, NOW + 9 * DAY)
    assert state.approve(third.id, None, "ann", "k", NOW + 3 * DAY)[1]
