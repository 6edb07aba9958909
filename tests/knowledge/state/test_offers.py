"""What becomes of proposals."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import ExecutionState, Message, Risk, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.lives import TO_APPLYING, TO_SUCCEEDED, claimed, queued, rolled_back, walk
from tests.knowledge.proposals import HOUR, NOW, advice, proposal

S = SuggestionState
MINUTE = 60.0


def test_a_first_proposal_opens_a_suggestion(state: SqlStateStore) -> None:
    """It is open, has revision 1, and reads back as it was returned."""
    made = replace(proposal(), prediction=None)
    opened = state.offer(made, NOW, NOW + HOUR)
    assert (opened.state, opened.revision, opened.created_at, opened.expires_at) == (S.OPEN, 1, NOW, NOW + HOUR)
    assert state.suggestion(opened.id) == opened
    assert opened.proposal == made


def test_the_same_proposal_refreshes(state: SqlStateStore) -> None:
    """Figures and expiry follow; identity, revision and audit stay, for nothing a reader approves has changed."""
    opened = state.offer(proposal(expected=0.3), NOW, NOW + HOUR)
    entries = state.verify_audit()
    again = state.offer(proposal(expected=0.4), NOW + 30, NOW + 30 + HOUR)
    assert (again.id, again.revision, again.created_at) == (opened.id, 1, NOW)
    assert (again.updated_at, again.expires_at) == (NOW + 30, NOW + 30 + HOUR)
    assert again.proposal.prediction is not None
    assert again.proposal.prediction.expected == 0.4
    assert state.verify_audit() == entries
    assert len(state.suggestions()) == 1


@pytest.mark.parametrize("other", [proposal(after=5), proposal(before=3), proposal(risk=Risk.HIGH)])
def test_another_value_or_risk_revises(state: SqlStateStore, other: object) -> None:
    """An approval of what it said before would be stale."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    revised = state.offer(other, NOW + 1, NOW + HOUR)  # type: ignore[arg-type]
    assert (revised.id, revised.revision, revised.state) == (opened.id, 2, S.OPEN)
    assert revised.proposal.change == other.change  # type: ignore[attr-defined]


def test_another_direction_supersedes(state: SqlStateStore) -> None:
    """Of two open suggestions for one knob only the younger direction remains open."""
    up = state.offer(proposal(before=2, after=4), NOW, NOW + HOUR)
    elsewhere = state.offer(proposal(before=2, after=4, knob="threads"), NOW, NOW + HOUR)
    down = state.offer(proposal(before=2, after=1), NOW + 1, NOW + HOUR)
    assert state.suggestion(up.id).state is S.SUPERSEDED
    assert state.suggestion(elsewhere.id).state is S.OPEN
    assert down.state is S.OPEN


def test_advice_is_refreshed_and_never_superseded_by_a_knob(state: SqlStateStore) -> None:
    """A suggestion without a change has no rivals."""
    opened = state.offer(advice(), NOW, NOW + HOUR)
    state.offer(proposal(), NOW, NOW + HOUR)
    assert state.offer(advice(), NOW + 1, NOW + HOUR).id == opened.id
    assert len(state.suggestions(state=S.OPEN)) == 2


def test_a_claimed_suggestion_is_frozen(state: SqlStateStore) -> None:
    """While it is carried out, no figure under it moves."""
    execution = queued(state)
    before = state.suggestion(execution.suggestion_id)
    answered = state.offer(proposal(after=8), NOW + 5, NOW + 2 * HOUR)
    assert repr(answered) == repr(before)
    assert len(state.suggestions()) == 1


def test_a_dismissed_one_is_not_offered_again(state: SqlStateStore) -> None:
    """It comes back unchanged, however long it takes."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    dismissed = state.dismiss(opened.id, "not on Mondays", "ann", NOW + 1)
    assert repr(state.offer(proposal(after=9), NOW + 90 * 24 * HOUR, NOW + 91 * 24 * HOUR)) == repr(dismissed)


def test_an_executed_one_is_followed_by_a_new_one(state: SqlStateStore) -> None:
    """The same advice later is another suggestion with its own life."""
    first = walk(state, claimed(state), *TO_SUCCEEDED)
    again = state.offer(proposal(before=4, after=6), NOW + 10, NOW + HOUR)
    assert again.id != first.suggestion_id
    assert (again.state, again.revision) == (S.OPEN, 1)


@pytest.mark.parametrize("end", [S.EXPIRED, S.SUPERSEDED])
def test_a_withdrawn_one_is_followed_by_a_new_one(state: SqlStateStore, end: SuggestionState) -> None:
    """What went away may come back."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    state.withdraw(opened.id, end, Message("gone"), NOW + 1)
    again = state.offer(proposal(), NOW + 2, NOW + HOUR)
    assert again.id != opened.id
    assert again.state is S.OPEN


def test_what_is_being_undone_is_frozen(state: SqlStateStore) -> None:
    """While a person's rollback is under way, the same change is not suggested again."""
    done = walk(state, claimed(state), *TO_SUCCEEDED)
    state.ask_rollback(done.id, "ann", NOW + 1)
    assert state.offer(proposal(), NOW + 2, NOW + HOUR).id == done.suggestion_id
    assert len(state.suggestions()) == 1


def test_a_rolled_back_change_rests_ten_minutes(state: SqlStateStore) -> None:
    """It is shown as quarantined, cannot be approved, and opens by itself with a new revision."""
    rolled_back(state, at=NOW)
    resting = state.offer(proposal(), NOW + 1, NOW + HOUR)
    assert (resting.state, resting.expires_at) == (S.QUARANTINED, NOW + 10 * MINUTE)
    assert repr(state.offer(proposal(after=5), NOW + 10 * MINUTE - 1, NOW + HOUR)) == repr(resting)
    opened = state.offer(proposal(after=5), NOW + 10 * MINUTE, NOW + HOUR)
    assert (opened.id, opened.state, opened.revision) == (resting.id, S.OPEN, 2)


def test_each_rollback_doubles_the_rest(state: SqlStateStore) -> None:
    """10, 20, 40 minutes after the first, second and third rollback within a day."""
    at = NOW
    for minutes in (10, 20, 40):
        rolled_back(state, at=at)
        resting = state.offer(proposal(), at + 1, at + HOUR)
        assert (resting.state, resting.expires_at) == (S.QUARANTINED, at + minutes * MINUTE)
        at += minutes * MINUTE


def test_a_rest_that_becomes_longer_is_no_second_entry_of_the_audit(state: SqlStateStore) -> None:
    """An earlier change is undone while a later try rests: the rest goes on, and one entry tells of it."""
    kept = walk(state, claimed(state), *TO_SUCCEEDED)
    rolled_back(state, at=NOW + MINUTE)
    resting = state.offer(proposal(), NOW + 2 * MINUTE, NOW + HOUR)
    undoing = state.ask_rollback(kept.id, "ann", NOW + 5 * MINUTE)
    walk(state, undoing, ExecutionState.RB_APPLYING, ExecutionState.ROLLED_BACK, at=NOW + 6 * MINUTE)
    still = state.offer(proposal(), NOW + 12 * MINUTE, NOW + HOUR)
    assert (still.id, still.state, still.expires_at) == (resting.id, S.QUARANTINED, NOW + 26 * MINUTE)
    told = [entry for entry in state.audit(limit=200) if entry.action == "suggestion.quarantined"]
    assert [entry.subject for entry in told] == [resting.id]


def test_rollbacks_of_yesterday_are_forgotten(state: SqlStateStore) -> None:
    """Only those of the last 24 hours count."""
    rolled_back(state, at=NOW)
    at = NOW + 25 * HOUR
    rolled_back(state, at=at)
    assert state.offer(proposal(), at + 1, at + HOUR).expires_at == at + 10 * MINUTE


def test_rest_is_of_the_fingerprint_only(state: SqlStateStore) -> None:
    """Another plugin, knob or direction may be tried at once."""
    rolled_back(state)
    for other in (proposal("search"), proposal(knob="threads"), proposal(before=2, after=1)):
        assert state.offer(other, NOW + 1, NOW + HOUR).state is S.OPEN


def test_an_open_one_goes_to_rest_with_its_fingerprint(state: SqlStateStore) -> None:
    """An open suggestion that asks for what was just undone is not left to be clicked."""
    done = walk(state, claimed(state), *TO_SUCCEEDED)
    opened = state.offer(proposal(before=4, after=6), NOW + 1, NOW + HOUR)
    undoing = state.ask_rollback(done.id, "ann", NOW + 2)
    walk(state, undoing, ExecutionState.RB_APPLYING, ExecutionState.ROLLED_BACK, at=NOW + 3)
    resting = state.offer(proposal(before=2, after=4), NOW + 4, NOW + HOUR)
    assert (resting.id, resting.state) == (opened.id, S.QUARANTINED)


def test_an_abort_before_any_effect_lets_it_be_offered_anew(state: SqlStateStore) -> None:
    """The suggestion expires, and the next turn opens another without any rest."""
    aborted = walk(state, claimed(state), ExecutionState.ABORTED)
    assert state.suggestion(aborted.suggestion_id).state is S.EXPIRED
    assert state.offer(proposal(), NOW + 1, NOW + HOUR).state is S.OPEN


def test_an_abort_after_an_attempt_counts_as_executed(state: SqlStateStore) -> None:
    """Once a knob may have been touched, the suggestion is not as good as new."""
    aborted = walk(state, claimed(state), *TO_APPLYING, ExecutionState.UNKNOWN, ExecutionState.ABORTED)
    assert state.suggestion(aborted.suggestion_id).state is S.EXECUTED
