"""Readers come in however densely the writers follow one another: what finds the file locked stands in their line."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from plugin_optimizer.knowledge import SqlStateStore, open_state, sqlite
from plugin_optimizer.knowledge.state import beginning
from plugin_optimizer.knowledge.state.line import WRITING, Line
from tests.knowledge.proposals import NOW
from tests.knowledge.state.test_line import far, taken
from tests.knowledge.state.test_turns import until

pytestmark = pytest.mark.skipif(
    sqlite.journal_mode_for(sqlite3.sqlite_version_info) == "wal", reason="writers block no readers there"
)


@pytest.fixture
def one(state_path: Path) -> Iterator[SqlStateStore]:
    state = open_state(state_path)
    state.save_policy("orders", {"max_workers": 3}, "ann", NOW)
    yield state
    state.close()


@pytest.fixture
def line_path(state_path: Path) -> Path:
    return state_path.with_name("state.db-line")


@contextmanager
def committing(state_path: Path) -> Iterator[None]:
    """Shut readers out, as a writer does until its commit is on disk."""
    with closing(sqlite3.connect(state_path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        yield
        writer.execute("ROLLBACK")


def reader_of(state: SqlStateStore, found: list[object]) -> threading.Thread:
    thread = threading.Thread(target=lambda: found.append(state.policies()["orders"]))
    thread.start()
    return thread


def test_a_reader_that_is_shut_out_stands_in_line(one: SqlStateStore, state_path: Path, line_path: Path) -> None:
    """It sits behind the writer, so that no other writer comes before it."""
    found, own = list[object](), Line(line_path)
    own.wait(far())
    with committing(state_path):
        thread = reader_of(one, found)
        until(lambda: taken(line_path, WRITING + 1))
        assert not found
    own.leave()
    thread.join()
    assert found == [{"max_workers": 3}]
    own.close()


def test_a_reader_in_line_needs_no_connection_that_is_open_already(
    one: SqlStateStore, state_path: Path, line_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening one reads the file, too, and is repeated when it is its turn."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.1)
    found, own = list[object](), Line(line_path)
    with one._database.reading():  # the only connection there is
        own.wait(far())
        with committing(state_path):
            thread = reader_of(one, found)
            until(lambda: taken(line_path, WRITING + 1))
            monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 60.0)
        own.leave()
        thread.join()
    assert found == [{"max_workers": 3}]
    own.close()


def test_who_reads_keeps_no_seat(one: SqlStateStore, state_path: Path, line_path: Path) -> None:
    """Not even one who stood in line: the next writer prepares its write while others read."""
    own, reads, go_on = Line(line_path), threading.Event(), threading.Event()

    def read() -> None:
        with one._database.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
            reads.set()
            assert go_on.wait(60)

    own.wait(far())
    with committing(state_path):
        thread = threading.Thread(target=read)
        thread.start()
        until(lambda: taken(line_path, WRITING + 1))
    own.leave()
    assert reads.wait(60)
    assert not taken(line_path, WRITING)
    go_on.set()
    thread.join()
    own.close()


def test_a_reader_shut_out_for_good_is_told_so(
    one: SqlStateStore, state_path: Path, line_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the error that the API answers with 503; its seat is free again, and the next read succeeds."""
    monkeypatch.setattr(beginning, "BUSY_TIMEOUT_SECONDS", 0.1)
    with committing(state_path), pytest.raises(OperationalError, match="locked"):
        one.policies()
    assert not taken(line_path, WRITING)
    assert one.policies()["orders"] == {"max_workers": 3}


def test_a_broken_file_is_no_reason_to_queue(one: SqlStateStore, state_path: Path) -> None:
    """Its error is that of any other statement, so that who handles those handles it, too."""
    with state_path.open("r+b") as file:
        file.write(b"nothing of ours, in place of the header of SQLite")
    with pytest.raises(DatabaseError, match="not a database") as caught:
        one.policies()
    assert not isinstance(caught.value, OperationalError)
