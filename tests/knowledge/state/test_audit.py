"""The audit tells the truth, and any change of it is found."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin_optimizer.domain import Conflict, Message
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.lives import TO_SUCCEEDED, S, claimed, walk
from tests.knowledge.proposals import HOUR, NOW, proposal

COLUMNS = {"at": "at + 1", "actor": "actor || '!'", "action": "action || '!'", "subject": "subject || '!'"}
COLUMNS |= {"detail": "detail || ' '", "digest": "upper(digest) || 'x'", "number": "number + 1000"}
ENTRIES = 24


def fill(store: SqlStateStore) -> None:
    """Leave exactly ENTRIES entries of several kinds."""
    walk(store, claimed(store), *TO_SUCCEEDED)
    number = store.verify_audit()
    for i in range(ENTRIES - number):
        store.save_policy("orders", {"max_workers": i}, "ann", NOW + i)
    assert store.verify_audit() == ENTRIES


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a state with ENTRIES audit entries, closed."""
    path = tmp_path_factory.mktemp("audit") / "state.db"
    store = open_state(path)
    fill(store)
    store.close()
    return path


def take_protection_away(connection: sqlite3.Connection) -> None:
    """Do what somebody with the right to the database does first."""
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")


def broken_by(original: Path, directory: Path, *statements: tuple[str, tuple[object, ...]]) -> str:
    """Run SQL on a copy behind the product's back; return what `verify_audit` says to it."""
    copy = directory / "copy.db"
    shutil.copyfile(original, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        take_protection_away(connection)
        for sql, arguments in statements:
            assert connection.execute(sql, arguments).rowcount != 0
    store = open_state(copy)
    try:
        with pytest.raises(Conflict) as caught:
            store.verify_audit()
    finally:
        store.close()
    assert caught.value.code == "audit_broken"
    return str(caught.value)


NUMBERS = st.integers(1, ENTRIES)
FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(number=NUMBERS, column=st.sampled_from(sorted(COLUMNS)))
def test_an_edit_is_found(original: Path, tmp_path: Path, number: int, column: str) -> None:
    """Whatever column of whatever entry: the message names the first that does not fit."""
    edit = f"UPDATE audit SET {column}={COLUMNS[column]} WHERE number=?"
    assert f"entry {number} " in broken_by(original, tmp_path, (edit, (number,)))


@pytest.mark.parametrize(
    ("column", "value"), [("at", "x'ff00'"), ("at", "'kim'"), ("at", "9e999"), ("actor", "x'ff00'")]
)
def test_a_value_that_no_entry_can_hold_is_found_like_any_other(
    original: Path, tmp_path: Path, column: str, value: str
) -> None:
    """A text or bytes where a time should be is an audit that was changed, not an error of the program."""
    assert "entry 7 " in broken_by(original, tmp_path, (f"UPDATE audit SET {column}={value} WHERE number=7", ()))


@FEW
@given(number=NUMBERS)
def test_a_removal_is_found(original: Path, tmp_path: Path, number: int) -> None:
    """Also that of the last entry, which leaves the chain itself whole."""
    assert f"entry {number} is missing" in broken_by(
        original, tmp_path, ("DELETE FROM audit WHERE number=?", (number,))
    )


@FEW
@given(pair=st.lists(NUMBERS, min_size=2, max_size=2, unique=True))
def test_an_exchange_is_found(original: Path, tmp_path: Path, pair: list[int]) -> None:
    """Two entries that swapped their numbers."""
    one, other = pair
    swap = "UPDATE audit SET number=? WHERE number=?"
    broken_by(original, tmp_path, (swap, (-1, one)), (swap, (one, other)), (swap, (other, -1)))


@FEW
@given(number=NUMBERS)
def test_a_removal_that_closes_ranks_is_found(original: Path, tmp_path: Path, number: int) -> None:
    """The entries behind were renumbered; the digests still tell."""
    shift = [("UPDATE audit SET number=number-1 WHERE number=?", (n,)) for n in range(number + 1, ENTRIES + 1)]
    broken_by(original, tmp_path, ("DELETE FROM audit WHERE number=?", (number,)), *shift)


def test_an_insertion_is_found(original: Path, tmp_path: Path) -> None:
    """A copy of the last entry behind the end."""
    copy = "INSERT INTO audit SELECT number+1, at, actor, action, subject, detail, digest FROM audit WHERE number=?"
    broken_by(original, tmp_path, (copy, (ENTRIES,)))


def test_each_change_of_state_leaves_one_entry(state: SqlStateStore) -> None:
    """A life from offer to success, entry by entry; reading leaves none."""
    execution = walk(state, claimed(state), *TO_SUCCEEDED)
    state.executions()
    actions = [entry.action for entry in reversed(state.audit())]
    assert actions == [
        "suggestion.open",
        "suggestion.claimed",
        "execution.queued",
        "execution.claimed",
        *(f"execution.{s}" for s in TO_SUCCEEDED),
        "suggestion.executed",
    ]
    assert {e.subject for e in state.audit()} == {execution.id, execution.suggestion_id}


def test_entries_are_read_in_pages(state: SqlStateStore) -> None:
    """Newest first, `before` a number; the detail says what was done."""
    for i in range(5):
        state.save_policy("orders", {"max_workers": i}, "ann", NOW + i)
    assert [entry.number for entry in state.audit(limit=2)] == [5, 4]
    assert [entry.number for entry in state.audit(limit=2, before=4)] == [3, 2]
    newest = state.audit(limit=1)[0]
    assert (newest.at, newest.actor, newest.action, newest.subject) == (NOW + 4, "ann", "policy.saved", "orders")
    assert newest.detail == {"overrides": {"max_workers": 4}}


def test_a_refused_write_leaves_no_entry(state: SqlStateStore) -> None:
    """A transaction that raises is undone with its audit and version."""
    opened = state.offer(proposal(), NOW, NOW + HOUR)
    before = (state.version(), state.verify_audit())
    with pytest.raises(Conflict):
        state.approve(opened.id, None, "ann", None, NOW + HOUR)
    with pytest.raises(Conflict):
        state.ask_rollback(walk(state, claimed(state, proposal("b")), S.ABORTED).id, "ann", NOW)
    state.withdraw(state.suggestions(plugin_id="b")[0].id, state.suggestion(opened.id).state.EXPIRED, Message("m"), NOW)
    after = (state.version(), state.verify_audit())
    # of plugin b: offered, approved, claimed, aborted; the two refused calls and the idle withdrawal left nothing
    assert (after[0] - before[0], after[1] - before[1]) == (4, 6)


def test_the_version_grows_with_every_write(state: SqlStateStore) -> None:
    """Also with writes that need no audit."""
    before = state.version()
    state.offer(proposal(), NOW, NOW + HOUR)
    state.offer(proposal(expected=0.2), NOW + 1, NOW + HOUR)
    assert state.version() == before + 2


def test_leases_have_growing_fences(state: SqlStateStore, state_url: str) -> None:
    """Over several holders and a restart."""
    fences = [state.take_lease("host:1", NOW), state.take_lease("host:2", NOW)]
    again = open_state(state_url)
    fences.append(again.take_lease("host:1", NOW - 100))
    again.close()
    assert fences == sorted(set(fences))


@pytest.mark.parametrize("state_url", ["sqlite"], indirect=True)
def test_a_million_entries_are_not_held_in_memory(state: SqlStateStore) -> None:
    """The chain is read a stretch at a time: more entries than one stretch still verify."""
    from plugin_optimizer.knowledge.state.records import MOST_ROWS

    with state._database.writing() as write:
        for i in range(MOST_ROWS + 10):
            write.audit(NOW, "ann", "test.entry", str(i))
    assert state.verify_audit() == MOST_ROWS + 10


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET actor='nobody' WHERE number=3",
        "DELETE FROM audit WHERE number=24",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT number, at, 'nobody', action, subject, detail, digest FROM audit LIMIT 1",
        "UPDATE head SET audit_number=3",
        "DELETE FROM head",
    ],
)
def test_the_database_itself_refuses_to_rewrite_the_audit(original: Path, tmp_path: Path, sql: str) -> None:
    """Plain SQL past the product, by mistake or by injection: refused, and nothing is lost."""
    copy = tmp_path / "copy.db"
    shutil.copyfile(original, copy)
    with (
        closing(sqlite3.connect(copy, isolation_level=None)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="the audit only grows"),
    ):
        connection.execute(sql)
    store = open_state(copy)
    assert store.verify_audit() == ENTRIES
    store.close()


def test_a_database_of_the_first_version_is_protected_when_it_is_opened(original: Path, tmp_path: Path) -> None:
    """What a released version wrote is led to the present schema: nothing is lost, and the triggers are there."""
    copy = tmp_path / "copy.db"
    shutil.copyfile(original, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        take_protection_away(connection)
        for statement in (
            "DROP TABLE sessions",
            "DROP TABLE login_tries",
            "DROP TABLE runner_lease",
            "ALTER TABLE approval_keys DROP request",
            "DROP INDEX executions_needing",
            "ALTER TABLE executions DROP closed_at",
            "ALTER TABLE suggestions DROP snooze",
            "DROP TABLE notification_cursor",
            "DROP TABLE incidents",
            "DROP TABLE notifications",
            "ALTER TABLE executions DROP suggestion_type",
            "ALTER TABLE executions DROP approved_by",
            "DROP TABLE plugin_groups",
            "DROP TABLE anomaly_feedback",
            "DROP TABLE past_incidents",
            "DROP TABLE incident_plugins",
        ):
            connection.execute(statement)
        connection.execute("UPDATE schema_version SET version=1")
    store = open_state(copy)
    store.open_session("digest", "ann", NOW, NOW + HOUR)
    assert store.verify_audit() == ENTRIES + 1
    store.close()
    with closing(sqlite3.connect(copy)) as connection, pytest.raises(sqlite3.IntegrityError, match="only grows"):
        connection.execute("DELETE FROM audit")
