"""The life of a suggestion apart from offers and approvals."""

import pytest

from plugin_optimizer.domain import Conflict, InvalidValue, Message, NotFound, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.lives import TO_APPLYING, TO_SUCCEEDED, claimed, queued, walk
from tests.knowledge.lives import S as E
from tests.knowledge.proposals import HOUR, NOW, proposal

S = SuggestionState


def test_a_suggestion_that_is_not_there_is_not_found(state: SqlStateStore) -> None:
    """Every verb says so by NotFound."""
    for call in (
        lambda: state.suggestion("sg_x"),
        lambda: state.dismiss("sg_x", "", "ann", NOW),
        lambda: state.undo_dismiss("sg_x", "ann", NOW),
        lambda: state.withdraw("sg_x", S.EXPIRED, Message("m"), NOW),
        lambda: state.approve("sg_x", None, "ann", None, NOW),
        lambda: state.suggestions(after="sg_x"),
    ):
        with pytest.raises(NotFound, match="sg_x"):
            call()


def test_open_suggestions_are_counted_for_each_plugin(state: SqlStateStore) -> None:
    """Only open ones, and only the plugins that have some."""
    state.offer(proposal("a"), NOW, NOW + HOUR)
    gone = state.offer(proposal("b"), NOW, NOW + HOUR)
    assert state.count_open_suggestions() == {"a": 1, "b": 1}
    state.dismiss(gone.id, "", "ann", NOW)
    assert state.count_open_suggestions() == {"a": 1}


def test_withdrawing_touches_only_what_is_open(state: SqlStateStore) -> None:
    """A suggestion that was claimed in the meantime stays claimed."""
    execution = queued(state)
    state.withdraw(execution.suggestion_id, S.EXPIRED, Message("gone"), NOW + 1)
    assert state.suggestion(execution.suggestion_id).state is S.CLAIMED


def test_withdrawing_as_something_else_is_refused(state: SqlStateStore) -> None:
    """A suggestion is withdrawn as superseded or expired only."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    with pytest.raises(InvalidValue, match="superseded or expired"):
        state.withdraw(opened.id, S.EXECUTED, Message("gone"), NOW)


def test_a_dismissal_can_be_undone(state: SqlStateStore) -> None:
    """It is open again as it was, the reason is gone; both verbs may be repeated."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    dismissed = state.dismiss(opened.id, "later", "ann", NOW + 1)
    assert (dismissed.state, dismissed.dismissed_reason) == (S.DISMISSED, "later")
    assert repr(state.dismiss(opened.id, "again", "bob", NOW + 2)) == repr(dismissed)
    undone = state.undo_dismiss(opened.id, "ann", NOW + 3)
    assert (undone.state, undone.dismissed_reason, undone.revision) == (S.OPEN, None, 1)
    assert repr(state.undo_dismiss(opened.id, "ann", NOW + 4)) == repr(undone)


def test_undoing_a_dismissal_too_late_expires(state: SqlStateStore) -> None:
    """Figures that are past their time are not put up for approval; the next turn offers anew."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    state.dismiss(opened.id, "later", "ann", NOW + 1)
    assert state.undo_dismiss(opened.id, "ann", NOW + HOUR).state is S.EXPIRED
    assert state.offer(proposal(), NOW + HOUR, NOW + 2 * HOUR).state is S.OPEN


def test_undoing_a_dismissal_yields_to_an_open_rival(state: SqlStateStore) -> None:
    """There are never two open suggestions for one knob in opposite directions."""
    up = state.offer(proposal(before=2, after=4), NOW, NOW + HOUR)
    state.dismiss(up.id, "no", "ann", NOW + 1)
    state.offer(proposal(before=2, after=1), NOW + 2, NOW + HOUR)
    assert state.undo_dismiss(up.id, "ann", NOW + 3).state is S.SUPERSEDED


def test_what_is_executed_cannot_be_dismissed(state: SqlStateStore) -> None:
    """The conflict's code is the state it is in."""
    execution = queued(state)
    for verb in (state.undo_dismiss, lambda i, a, t: state.dismiss(i, "", a, t)):
        with pytest.raises(Conflict) as caught:
            verb(execution.suggestion_id, "ann", NOW)
        assert caught.value.code == "claimed"


def test_lists_are_newest_first_and_paged(state: SqlStateStore) -> None:
    """Pages by `after` cover every suggestion once, also those of one moment."""
    made = [state.offer(proposal(f"p{i}"), NOW + i // 3, NOW + HOUR).id for i in range(10)]
    seen: list[str] = []
    while page := state.suggestions(limit=4, after=seen[-1] if seen else None):
        seen.extend(suggestion.id for suggestion in page)
    assert sorted(seen) == sorted(made)
    times = [state.suggestion(i).created_at for i in seen]
    assert times == sorted(times, reverse=True)
    assert state.suggestions(limit=0) == []


def test_lists_are_filtered(state: SqlStateStore) -> None:
    """By plugin, by state and by whether the change was applied; filters add up."""
    applied = walk(state, claimed(state, proposal("orders")), *TO_APPLYING, E.APPLIED)
    queued(state, proposal("search"))
    opened = state.offer(proposal("mail"), NOW, NOW + HOUR)
    assert [s.id for s in state.suggestions(plugin_id="mail")] == [opened.id]
    assert [s.id for s in state.suggestions(executed=True)] == [applied.suggestion_id]
    assert {s.proposal.plugin_id for s in state.suggestions(executed=False)} == {"search", "mail"}
    assert {s.proposal.plugin_id for s in state.suggestions(state=S.CLAIMED)} == {"orders", "search"}
    assert state.suggestions(plugin_id="mail", executed=True) == []


def test_applied_stays_applied(state: SqlStateStore) -> None:
    """`executed` is true from the moment the change was applied, also after it was undone."""
    done = walk(state, claimed(state), *TO_SUCCEEDED)
    undoing = state.ask_rollback(done.id, "ann", NOW)
    walk(state, undoing, E.RB_APPLYING, E.ROLLED_BACK)
    assert [s.id for s in state.suggestions(executed=True)] == [done.suggestion_id]
    assert state.suggestion(done.suggestion_id).state is S.EXECUTED
