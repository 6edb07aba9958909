"""The outbox on both databases: nothing is lost, nothing placed twice, and one runner delivers."""

import time
from dataclasses import replace

import pytest

from plugin_optimizer.contracts import Placement
from plugin_optimizer.domain import (
    Conflict,
    DispatchState,
    Incident,
    Message,
    NotFound,
    Notice,
    NoticeKind,
    Phase,
    Severity,
    Stale,
)
from plugin_optimizer.knowledge import SqlStateStore

NOW = time.time()


def notice(plugin_id: str = "orders", severity: Severity = Severity.WARNING) -> Notice:
    message = Message("told_plugin_stale", {"plugin_id": plugin_id})
    return Notice(NoticeKind.PLUGIN_STALE, Phase.BEGAN, severity, f"plugin_stale:{plugin_id}", NOW, message, plugin_id)


def placement(
    plugin_id: str = "orders", gathering: str = "stale", due_at: float = NOW, severity: Severity = Severity.WARNING
) -> Placement:
    return Placement(notice(plugin_id, severity), "ops", gathering, due_at, NOW + 3600)


def placed(state: SqlStateStore, *placements: Placement) -> int:
    """Place notices as the present runner, and return its fence."""
    fence = state.take_lease("host:1:a", NOW)
    seen = state.notification_cursor()
    state.place(fence, seen, (seen or 0) + 1, (), (), placements, NOW)
    return fence


def test_the_cursor_and_what_follows_from_it_move_together(state: SqlStateStore) -> None:
    """Placing from where somebody else has gone on already does nothing at all."""
    fence = state.take_lease("host:1:a", NOW)
    incident = Incident(notice(), NOW)
    state.place(fence, None, 7, (incident,), (), (placement(),), NOW)
    assert state.notification_cursor() == 7
    assert state.incidents() == {incident.cause: incident}
    for seen in (None, 3):
        with pytest.raises(Stale):
            state.place(fence, seen, 9, (), (incident.cause,), (placement("cart"),), NOW)
    assert state.notification_cursor() == 7
    assert len(state.dispatches()) == 1
    state.place(fence, 7, 9, (), (incident.cause,), (), NOW)
    assert state.incidents() == {}


def test_notices_join_what_waits_untried(state: SqlStateStore) -> None:
    """The gravest of them counts; one that is being sent takes no more in."""
    fence = placed(state, placement("a"), placement("b", severity=Severity.CRITICAL), placement("c", "other"))
    by_key = {d.gathering: d for d in state.dispatches()}
    assert [n.plugin_id for n in by_key["stale"].notices] == ["a", "b"]
    assert by_key["stale"].severity is Severity.CRITICAL
    taken = state.claim_dispatch("ops", fence, NOW, NOW + 60, 30)
    assert taken is not None
    assert taken.id == by_key["stale"].id
    state.place(fence, 1, 2, (), (), (placement("d"),), NOW)
    assert [n.plugin_id for n in state.dispatch(taken.id).notices] == ["a", "b"]
    assert state.count_dispatches() == {("ops", DispatchState.SENDING): 1, ("ops", DispatchState.WAITING): 2}


def test_a_flood_is_counted_not_kept(state: SqlStateStore) -> None:
    """Of a thousand notices five hundred are written down."""
    placed(state, *(placement(f"p{i}") for i in range(1_000)))
    (only,) = state.dispatches()
    assert (len(only.notices), only.more) == (500, 500)


def test_only_what_is_due_is_claimed_the_gravest_first(state: SqlStateStore) -> None:
    """By severity, then by time; nothing of another channel."""
    fence = placed(
        state,
        placement("a", "one", NOW - 9),
        placement("b", "two", NOW - 5, Severity.CRITICAL),
        placement("c", "three", NOW + 99, Severity.CRITICAL),
    )
    claimed = [state.claim_dispatch("ops", fence, NOW, NOW + 60, 30) for _ in range(3)]
    assert [d.gathering if d else None for d in claimed] == ["two", "one", None]
    assert state.claim_dispatch("mail", fence, NOW, NOW + 60, 30) is None


def test_another_runner_ends_our_right_to_deliver(state: SqlStateStore) -> None:
    """The fence is compared at the write: whoever was paused neither places nor claims; what it had in hand is taken over."""
    old = placed(state, placement())
    taken = state.claim_dispatch("ops", old, NOW, NOW + 600, 30)
    assert taken is not None
    new = state.take_lease("host:2:b", NOW)
    again = state.claim_dispatch("ops", new, NOW, NOW + 600, 30)
    assert again is not None
    assert (again.id, again.attempts) == (taken.id, 2)
    with pytest.raises(Stale):
        state.place(old, 1, 2, (), (), (), NOW)
    state.settle_dispatch(taken, DispatchState.WAITING, "late", NOW, NOW)  # the old one wakes up: not its business now
    assert state.dispatch(taken.id).state is DispatchState.SENDING
    state.settle_dispatch(again, DispatchState.DELIVERED, "200 OK", NOW)
    assert state.dispatch(taken.id).answer == "200 OK"
    state.retry_dispatch(_given_up(state, new), "ann", NOW, NOW + 9)
    with pytest.raises(Stale):
        state.claim_dispatch("ops", old, NOW, NOW + 60, 30)


def _given_up(state: SqlStateStore, fence: int) -> str:
    state.place(fence, state.notification_cursor(), 50, (), (), (placement("z", "z"),), NOW)
    taken = state.claim_dispatch("ops", fence, NOW, NOW + 60, 30)
    assert taken is not None
    state.settle_dispatch(taken, DispatchState.GIVEN_UP, "404 no_service", NOW)
    return taken.id


def test_what_a_dead_thread_left_is_taken_up_after_its_time(state: SqlStateStore) -> None:
    """Of the same runner, too: nothing stays in hand for ever."""
    fence = placed(state, placement())
    assert state.claim_dispatch("ops", fence, NOW, NOW + 60, 30) is not None
    assert state.claim_dispatch("ops", fence, NOW + 59, NOW + 119, 30) is None
    assert state.claim_dispatch("ops", fence, NOW + 61, NOW + 121, 30) is not None


def test_a_channel_is_not_told_more_than_it_may_be(state: SqlStateStore) -> None:
    """Beyond the hourly number messages wait, and what comes meanwhile joins them."""
    fence = placed(state, placement("a", "one"), placement("b", "two"))
    first = state.claim_dispatch("ops", fence, NOW, NOW + 60, 1)
    assert first is not None
    state.settle_dispatch(first, DispatchState.DELIVERED, "ok", NOW)
    assert state.claim_dispatch("ops", fence, NOW + 1, NOW + 60, 1) is None
    assert state.claim_dispatch("ops", fence, NOW + 3601, NOW + 3660, 1) is not None


def test_giving_up_and_sending_again_are_on_the_audit(state: SqlStateStore) -> None:
    """What is a change of state leaves its row, and the rest none; what was delivered is not sent again."""
    fence = placed(state, placement())
    before = state.audit(1)[0].number
    version = state.version()
    taken = state.claim_dispatch("ops", fence, NOW, NOW + 60, 30)
    assert taken is not None
    state.settle_dispatch(taken, DispatchState.WAITING, "500", NOW, NOW + 5)
    assert (state.audit(1)[0].number, state.version()) == (before, version)
    taken = state.claim_dispatch("ops", fence, NOW + 6, NOW + 60, 30)
    assert taken is not None
    state.settle_dispatch(taken, DispatchState.GIVEN_UP, "404 no_service", NOW)
    again = state.retry_dispatch(taken.id, "ann", NOW + 7, NOW + 3600)
    assert (again.state, again.due_at, again.attempts) == (DispatchState.WAITING, NOW + 7, 2)
    assert [e.action for e in state.audit(2)] == ["notification.retried", "notification.given_up"]
    taken = state.claim_dispatch("ops", fence, NOW + 8, NOW + 60, 30)
    assert taken is not None
    state.settle_dispatch(taken, DispatchState.DELIVERED, "ok", NOW)
    with pytest.raises(Conflict):
        state.retry_dispatch(taken.id, "ann", NOW, NOW + 9)
    with pytest.raises(NotFound, match="notification"):
        state.retry_dispatch("nt_none", "ann", NOW, NOW + 9)


def test_pages_go_by_channel_and_state(state: SqlStateStore) -> None:
    """Newest first, keyset by the last id."""
    fence = state.take_lease("host:1:a", NOW)
    for i in range(5):
        state.place(fence, i or None, i + 1, (), (), (replace(placement(gathering=str(i))),), NOW + i)
    first = state.dispatches("ops", DispatchState.WAITING, 2)
    assert [d.gathering for d in first] == ["4", "3"]
    assert [d.gathering for d in state.dispatches("ops", None, 9, first[-1].id)] == ["2", "1", "0"]
    assert state.dispatches("mail") == []
    assert state.dispatches(state=DispatchState.GIVEN_UP) == []


def test_ended_messages_go_after_a_week(state: SqlStateStore) -> None:
    """What waits is kept."""
    fence = placed(state, placement("a", "one"), placement("b", "two", NOW + 99))
    taken = state.claim_dispatch("ops", fence, NOW, NOW + 60, 30)
    assert taken is not None
    state.settle_dispatch(taken, DispatchState.DELIVERED, "ok", NOW)
    state.trim(NOW + 6 * 86_400)
    assert len(state.dispatches()) == 2
    state.trim(NOW + 8 * 86_400)
    assert [d.gathering for d in state.dispatches()] == ["two"]


def test_the_audit_is_read_on_from_anywhere(state: SqlStateStore) -> None:
    """Oldest first, behind a number."""
    for name in ("a", "b", "c"):
        state.record_notification_test(name, "ann", NOW, True)
    assert [e.subject for e in state.audit_after(1)] == ["b", "c"]
    assert [e.subject for e in state.audit_after(0, 2)] == ["a", "b"]
