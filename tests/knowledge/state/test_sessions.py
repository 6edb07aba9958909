"""Sessions as the state keeps them, in a file and on a server alike."""

import pytest
from sqlalchemy.exc import DBAPIError

from plugin_optimizer.domain import NotFound
from plugin_optimizer.knowledge import SqlStateStore
from tests.knowledge.proposals import HOUR, NOW

IDLE = 1800.0


def actions(state: SqlStateStore) -> list[str]:
    return [entry.action for entry in reversed(state.audit())]


def test_a_session_lives_and_ends(state: SqlStateStore) -> None:
    """Opened, seen, confirmed, ended; the audit has one entry for each but the sign of life."""
    state.save_user("kim", "admin", "hash", NOW)
    state.open_session("d1", "kim", NOW, NOW + 12 * HOUR)
    state.touch_session("d1", NOW + 60)
    state.confirm_session("d1", "kim", NOW + 90)
    found = state.session("d1", NOW + 100, IDLE)
    assert found is not None
    assert (found.name, found.role, found.seen_at, found.authenticated_at) == ("kim", "admin", NOW + 90, NOW + 90)
    state.end_session("d1", NOW + 200)
    state.end_session("d1", NOW + 200)
    assert state.session("d1", NOW + 200, IDLE) is None
    assert actions(state) == ["user.saved", "session.opened", "session.confirmed", "session.ended"]


def test_a_session_is_over_in_time(state: SqlStateStore) -> None:
    """At its end, and when it was not used; to the second."""
    state.save_user("kim", "admin", "hash", NOW)
    state.open_session("d1", "kim", NOW, NOW + HOUR)
    assert state.session("d1", NOW + IDLE - 1, IDLE) is not None
    assert state.session("d1", NOW + IDLE, IDLE) is None
    state.touch_session("d1", NOW + HOUR - 1)
    assert state.session("d1", NOW + HOUR - 0.5, IDLE) is not None
    assert state.session("d1", NOW + HOUR, IDLE) is None
    assert state.session("unknown", NOW, IDLE) is None


def test_a_confirmation_brings_no_ended_session_back(state: SqlStateStore) -> None:
    """It was ended elsewhere a moment before."""
    state.save_user("kim", "admin", "hash", NOW)
    state.open_session("d1", "kim", NOW, NOW + HOUR)
    state.end_session("d1", NOW)
    state.confirm_session("d1", "kim", NOW)
    assert state.session("d1", NOW, IDLE) is None


def test_a_user_and_their_sessions_go_together(state: SqlStateStore) -> None:
    """In one transaction with one entry that counts them; others stay."""
    for name in ("kim", "lee"):
        state.save_user(name, "admin", "hash", NOW)
        for number in range(2):
            state.open_session(f"{name}-{number}", name, NOW, NOW + HOUR)
    state.save_user("lee", "viewer", "hash", NOW)
    state.remove_user("kim", "root", NOW)
    assert [state.session(f"{name}-{n}", NOW, IDLE) for name in ("kim", "lee") for n in range(2)] == [None] * 4
    assert [e.detail["sessions_ended"] for e in state.audit(limit=2)] == [2, 2]
    assert [user.name for user in state.users()] == ["lee"]
    with pytest.raises(NotFound):
        state.remove_user("kim", "root", NOW)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor='eve'", "DELETE FROM audit", "UPDATE head SET audit_number=0", "DELETE FROM head"],
)
def test_the_audit_only_grows_whatever_the_database(state: SqlStateStore, statement: str) -> None:
    """Plain SQL within our own connection is refused, and the transaction with it."""
    state.save_user("kim", "admin", "hash", NOW)
    with pytest.raises(DBAPIError, match="the audit only grows"), state._database.writing() as write:
        write.connection.exec_driver_sql(statement)
    assert state.verify_audit() == 1


def test_the_anchor_asks_one_moment(state: SqlStateStore) -> None:
    """Head, the digest at a number, and whether an execution ended behind it."""
    for number in range(3):
        state.save_policy("orders", {"max_workers": number + 1}, "ann", NOW)
    entries = state.audit()
    standing = state.audit_standing(2)
    assert (standing.number, standing.digest) == (3, entries[0].digest)
    assert (standing.digest_there, standing.ended) == (entries[1].digest, False)
    assert state.audit_standing(9).digest_there is None
    assert [e.number for e in state.audit(action="policy", actor="ann", subject="orders")] == [3, 2, 1]
    assert state.audit(action="polic") == state.audit(actor="eve") == []
