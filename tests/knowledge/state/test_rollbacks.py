"""A person can undo, where there is a way back."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import Conflict, ExecutionState, Stale, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.lives import TO_APPLYING, TO_SUCCEEDED, S, claimed, queued, rolled_back, walk
from tests.knowledge.proposals import HOUR, NOW, proposal


def code_of(state: SqlStateStore, execution_id: str) -> str:
    """Return the code of the conflict that a rollback meets."""
    with pytest.raises(Conflict) as caught:
        state.ask_rollback(execution_id, "ann", NOW + HOUR)
    return caught.value.code


def test_what_is_queued_is_cancelled(state: SqlStateStore) -> None:
    """Nothing was turned: the plugin is free at once and the suggestion can be offered anew."""
    cancelled = state.ask_rollback(queued(state).id, "bob", NOW + 1)
    assert cancelled.state is S.CANCELLED
    assert cancelled.reason is not None
    assert cancelled.reason.params == {"actor": "bob"}
    assert state.suggestion(cancelled.suggestion_id).state is SuggestionState.EXPIRED
    queued(state, at=NOW + 2)


def test_what_is_claimed_is_cancelled(state: SqlStateStore) -> None:
    """The intent is not on record yet, so nothing was turned."""
    assert state.ask_rollback(claimed(state).id, "bob", NOW + 1).state is S.CANCELLED


@pytest.mark.parametrize(
    "path",
    [
        TO_APPLYING,
        (*TO_APPLYING, S.APPLIED),
        (*TO_APPLYING, S.APPLIED, S.SETTLING),
        (*TO_APPLYING, S.APPLIED, S.SETTLING, S.VERIFYING),
        (*TO_APPLYING, S.UNKNOWN),
        (*TO_APPLYING, S.PARTIAL),
        (*TO_APPLYING, S.GONE),
        (*TO_APPLYING, S.NEEDS_OPERATOR),
        TO_SUCCEEDED,
    ],
)
def test_what_may_have_had_an_effect_goes_back(state: SqlStateStore, path: tuple[ExecutionState, ...]) -> None:
    """The intent to undo is on record, with who asked; whoever was at work loses the next write."""
    before = walk(state, claimed(state), *path)
    undoing = state.ask_rollback(before.id, "bob", NOW + 1)
    assert (undoing.state, undoing.undoing, undoing.step) == (S.RB_INTENT, True, None)
    assert undoing.fence == before.fence + 1
    assert state.steps(before.id)[-1][:3] == ("rb_intent", NOW + 1, "bob")
    with pytest.raises(Stale):
        state.advance(replace(before, state=S.UNKNOWN), S.APPLYING, "engine", NOW + 2)


def test_asking_again_changes_nothing(state: SqlStateStore) -> None:
    """A second click finds it on its way back."""
    undoing = state.ask_rollback(walk(state, claimed(state), *TO_SUCCEEDED).id, "ann", NOW + 1)
    version = state.version()
    assert state.ask_rollback(undoing.id, "bob", NOW + 2) == undoing
    applying = walk(state, undoing, S.RB_APPLYING)
    assert state.ask_rollback(undoing.id, "bob", NOW + 2) == applying
    assert state.version() == version + 1


def test_what_has_no_way_back_is_a_conflict(state: SqlStateStore) -> None:
    """Undone already, cancelled, aborted, in a foreign hand, or just between intent and effect."""
    undone = rolled_back(state, proposal("a"))
    aborted = walk(state, claimed(state, proposal("b")), S.ABORTED)
    cancelled = state.ask_rollback(queued(state, proposal("c")).id, "ann", NOW)
    foreign = walk(state, claimed(state, proposal("d")), *TO_APPLYING, S.FOREIGN)
    intent = walk(state, claimed(state, proposal("e")), S.INTENT)
    for execution in (undone, aborted, cancelled, foreign, intent):
        assert code_of(state, execution.id) == "not_reversible"


def test_a_later_change_of_the_knob_must_be_undone_first(state: SqlStateStore) -> None:
    """Setting the old value would overwrite what was proven since; after that one is undone, the way is free."""
    first = walk(state, claimed(state), *TO_SUCCEEDED)
    later = walk(state, claimed(state, proposal(before=4, after=6), NOW + 1), *TO_SUCCEEDED, at=NOW + 1)
    assert code_of(state, first.id) == "superseded"
    undoing = state.ask_rollback(later.id, "ann", NOW + 2)
    walk(state, undoing, S.RB_APPLYING, S.ROLLED_BACK, at=NOW + 3)
    assert state.ask_rollback(first.id, "ann", NOW + 4).state is S.RB_INTENT


def test_a_later_change_of_another_knob_does_not_matter(state: SqlStateStore) -> None:
    """Only the same knob of the same plugin stands in the way."""
    first = walk(state, claimed(state), *TO_SUCCEEDED)
    walk(state, claimed(state, proposal(knob="threads"), NOW + 1), *TO_SUCCEEDED, at=NOW + 1)
    walk(state, claimed(state, proposal("search"), NOW + 1), *TO_SUCCEEDED, at=NOW + 1)
    assert state.ask_rollback(first.id, "ann", NOW + 2).state is S.RB_INTENT


def test_a_finished_one_waits_for_the_one_in_flight(state: SqlStateStore) -> None:
    """Undoing is a change too: one at a time per plugin."""
    first = walk(state, claimed(state), *TO_SUCCEEDED)
    queued(state, proposal(knob="threads"), NOW + 1)
    assert code_of(state, first.id) == "in_flight"


def test_nothing_else_starts_while_it_is_undone(state: SqlStateStore) -> None:
    """An approval meets `in_flight` during the rollback of a finished execution."""
    done = walk(state, claimed(state), *TO_SUCCEEDED)
    state.ask_rollback(done.id, "ann", NOW + 1)
    other = state.offer(proposal(knob="threads"), NOW + 2, NOW + HOUR)
    with pytest.raises(Conflict) as caught:
        state.approve(other.id, None, "ann", None, NOW + 3)
    assert caught.value.code == "in_flight"
