"""A suggestion that waits until it is worse, or a time has passed."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from plugin_optimizer.domain import Conflict, Finding, FindingKind, Message, Metric, Proposal, Severity, SuggestionState
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.knowledge.state.migrations import keep_snoozes
from tests.knowledge.lives import claimed, queued
from tests.knowledge.proposals import HOUR, NOW, proposal

S = SuggestionState
WAITED = Metric.QUEUE_WAIT_SECONDS


def waiting_for_a_worker(value: float, severity: Severity = Severity.WARNING) -> Proposal:
    found = Finding("orders", WAITED, FindingKind.SATURATION, severity, 0.9, NOW - 60, value, 0.3)
    return replace(proposal(), findings=(found,))


def test_a_snoozed_one_remembers_what_was_seen(state: SqlStateStore) -> None:
    """Who, why, until when, by how much worse, and the figures as they stood; it is no longer open, and still living."""
    opened = state.offer(waiting_for_a_worker(1.2), NOW, NOW + HOUR)
    snoozed = state.snooze(opened.id, NOW + 24 * HOUR, 0.25, "the migration comes first", "ann", NOW + 1)
    kept = state.suggestion(opened.id).snooze
    assert snoozed.state is S.SNOOZED
    assert kept is not None
    assert (kept.by, kept.reason, kept.until, kept.worse_by) == (
        "ann",
        "the migration comes first",
        NOW + 24 * HOUR,
        0.25,
    )
    assert [(f.name, f.metric, f.value, f.rises) for f in kept.figures] == [
        ("saturation", WAITED, 1.2, True),
        ("prediction", Metric.RESPONSE_TIME_P95_SECONDS, 2.3, True),
    ]
    assert state.audit(limit=1)[0].action == "suggestion.snoozed"


def test_it_survives_a_restart(state_url: str) -> None:
    """The word somebody gave is on disk, not in the process."""
    first = open_state(state_url)
    opened = first.offer(waiting_for_a_worker(1.2), NOW, NOW + HOUR)
    snoozed = first.snooze(opened.id, NOW + HOUR, 0.5, "", "ann", NOW)
    first.close()
    second = open_state(state_url)
    assert repr(second.suggestion(opened.id)) == repr(snoozed)
    second.close()


def test_offers_refresh_it_and_do_not_open_it(state: SqlStateStore) -> None:
    """Figures, value and expiry follow, so that waking shows the present; what was seen when it was snoozed stays."""
    opened = state.offer(waiting_for_a_worker(1.2), NOW, NOW + HOUR)
    state.snooze(opened.id, NOW + 24 * HOUR, 0.25, "", "ann", NOW)
    again = state.offer(waiting_for_a_worker(9.0), NOW + 30, NOW + 30 + HOUR)
    assert (again.id, again.state, again.revision, again.expires_at) == (opened.id, S.SNOOZED, 1, NOW + 30 + HOUR)
    assert again.proposal.findings[0].value == 9.0
    assert again.snooze is not None
    assert again.snooze.figures[0].value == 1.2
    revised = state.offer(proposal(after=6), NOW + 60, NOW + HOUR)
    assert (revised.state, revised.revision) == (S.SNOOZED, 2)
    assert len(state.suggestions()) == 1


def test_woken_it_is_open_and_forgets_the_snooze(state: SqlStateStore) -> None:
    """Twice has no further effect; why it was woken stands on the audit."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    state.snooze(opened.id, NOW + HOUR, 0.25, "", "ann", NOW)
    woken = state.wake(opened.id, "engine", NOW + 1, Message("woken_time", {}))
    assert (woken.state, woken.snooze, woken.revision) == (S.OPEN, None, 1)
    assert repr(state.wake(opened.id, "bob", NOW + 2)) == repr(woken)
    assert "woken_time" in str(state.audit(limit=1)[0].detail)


def test_woken_too_late_it_expires_and_beside_a_rival_it_yields(state: SqlStateStore) -> None:
    """As after a dismissal that is taken back."""
    late = state.offer(proposal(), NOW, NOW + HOUR)
    state.snooze(late.id, NOW + 9 * HOUR, 0.25, "", "ann", NOW)
    assert state.wake(late.id, "ann", NOW + HOUR).state is S.EXPIRED
    up = state.offer(proposal("search", before=2, after=4), NOW, NOW + HOUR)
    state.snooze(up.id, NOW + HOUR, 0.25, "", "ann", NOW)
    state.offer(proposal("search", before=2, after=1), NOW, NOW + HOUR)
    assert state.wake(up.id, "ann", NOW + 1).state is S.SUPERSEDED


def test_it_cannot_be_approved_and_can_be_dismissed(state: SqlStateStore) -> None:
    """What waits is not executed by a click on an old page; of two who snooze it the first one's word stands."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    state.snooze(opened.id, NOW + HOUR, 0.25, "", "ann", NOW)
    with pytest.raises(Conflict) as caught:
        state.approve(opened.id, None, "ann", None, NOW)
    assert caught.value.code == "snoozed"
    again = state.snooze(opened.id, NOW + 2 * HOUR, 1.0, "", "bob", NOW + 1)
    assert again.snooze is not None
    assert (again.snooze.by, again.snooze.until) == ("ann", NOW + HOUR)
    dismissed = state.dismiss(opened.id, "never", "ann", NOW + 2)
    assert (dismissed.state, dismissed.snooze) == (S.DISMISSED, None)


def test_what_is_claimed_or_over_is_not_snoozed(state: SqlStateStore) -> None:
    """The conflict's code is the state it is in."""
    execution = queued(state)
    for verb in (lambda i: state.snooze(i, NOW + HOUR, 0.25, "", "ann", NOW), lambda i: state.wake(i, "ann", NOW)):
        with pytest.raises(Conflict) as caught:
            verb(execution.suggestion_id)
        assert caught.value.code == "claimed"


def test_withdrawing_ends_the_wait(state: SqlStateStore) -> None:
    """Once the time is over and nobody proposes it, it goes as an open one does."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    state.snooze(opened.id, NOW + 1, 0.25, "", "ann", NOW)
    state.withdraw(opened.id, S.SUPERSEDED, Message("condition_gone", {}), NOW + 2)
    gone = state.suggestion(opened.id)
    assert (gone.state, gone.snooze) == (S.SUPERSEDED, None)
    assert state.offer(proposal(), NOW + 3, NOW + HOUR).id != opened.id


def test_an_older_schema_learns_to_keep_it(state: SqlStateStore) -> None:
    """The step adds the column, and the index that allows one living suggestion of a kind counts it."""
    claimed(state, proposal("search"))
    with state._database.writing() as write:
        write.connection.execute(text("ALTER TABLE suggestions DROP COLUMN snooze"))
        keep_snoozes(write.connection)
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    assert state.snooze(opened.id, NOW + HOUR, 0.25, "", "ann", NOW).state is S.SNOOZED
