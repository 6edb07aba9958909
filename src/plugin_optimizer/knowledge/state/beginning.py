"""How transactions begin on one SQLite file: with the lock that they need, so that nothing later fails for want of it."""

import contextlib
import sqlite3
from collections.abc import Callable

from sqlalchemy.engine import Connection

from ..sqlite import BUSY_TIMEOUT_SECONDS, journal_mode_for
from .queue import Queue

READING = "plugin_optimizer_reading"
FIRST_READ = "PRAGMA schema_version"  # the cheapest one that takes the lock
READER_PATIENCE_SECONDS = 0.1  # of a reader before it stands in line; most gaps between writes come sooner
PRIMARY_CODE = 0xFF  # of SQLite's extended result codes


def beginning(readers: Queue) -> Callable[[Connection], None]:
    """Return what begins a transaction. `readers` stand in the same line as the writers, when they must."""
    never_blocked = journal_mode_for(sqlite3.sqlite_version_info) == "wal"

    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(READING, False):
            _begin_writing(connection)
        elif never_blocked:
            _begin_deferred(connection)
        else:
            _begin_reading(connection, readers)

    return begin


def _begin_writing(connection: Connection) -> None:
    """Take the write lock at once: a deferred transaction that turns into a writer fails with SQLITE_BUSY."""
    _be_patient(connection, BUSY_TIMEOUT_SECONDS)
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    """Begin without a lock, which cannot fail for want of one: SQLAlchemy's way takes as long as a small query."""
    connection.connection.cursor().execute("BEGIN").close()


def _begin_reading(connection: Connection, readers: Queue) -> None:
    """Take the lock of a reader at once, or stand in line for it.

    With a rollback journal a commit shuts readers out until it is on disk. Where writers follow one another without
    a gap, on a slow disk, one that only tries again every now and then meets one commit after the other. The line
    is left as soon as the lock is there: the next writer prepares its write while we read.
    """
    _begin_deferred(connection)
    _be_patient(connection, READER_PATIENCE_SECONDS)
    try:
        connection.connection.cursor().execute(FIRST_READ).close()
    except sqlite3.Error as error:
        _be_patient(connection, BUSY_TIMEOUT_SECONDS)
        with readers.turn() if _is_locked(error) else contextlib.nullcontext():
            connection.exec_driver_sql(FIRST_READ).close()  # what fails now is raised as SQLAlchemy's


def _is_locked(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY


def _be_patient(connection: Connection, seconds: float) -> None:
    """Say how long this connection waits for locks of others."""
    connection.connection.cursor().execute(f"PRAGMA busy_timeout={int(seconds * 1000)}").close()
