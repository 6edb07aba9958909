"""Transactions over the state: readers see one moment, writers follow one another and leave their audit rows."""

import contextlib
import os
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, insert, select, text, update
from sqlalchemy.engine import Connection, CursorResult, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.expression import Executable

from ..sqlite import Synchronous, connect, prepare
from ..values import canonical
from .beginning import READING, beginning
from .chain import digest_of
from .line import Line
from .migrations import migrate
from .queue import Queue
from .schema import audit, head
from .server import require_durable, server_engine, told_apart

MIGRATION_LOCK = 0x706C7567  # any number that nobody else uses as an advisory lock of this database
MIGRATION_SECONDS = 600  # of one statement, where others take seconds

# Statements are put together once: that, and working out the key they are known by, takes longer than to run them.
LOCKED_HEAD = select(head.c.audit_number, head.c.audit_digest).with_for_update()
MOVED_HEAD = update(head).values(version=head.c.version + 1)
NEW_ENTRY = insert(audit)


@dataclass(slots=True)
class Transaction:
    """One write: what is executed and audited here becomes durable together, or not at all."""

    connection: Connection
    number: int
    digest: str
    touched: bool = field(default=False)

    def execute(
        self, statement: Executable, parameters: Mapping[str, object] | None = None
    ) -> "CursorResult[Any]":  # not generic before SQLAlchemy 2
        """Run a statement that writes; `parameters` are its columns and bound values by name."""
        self.touched = True
        result: CursorResult[Any] = self.connection.execute(statement, parameters)  # type: ignore[assignment, unused-ignore]
        return result

    def audit(self, at: float, actor: str, action: str, subject: str, **detail: object) -> None:
        """Append one entry to the audit chain."""
        self.number += 1
        body = canonical(detail)
        self.digest = digest_of(self.digest, self.number, at, actor, action, subject, body)
        self.execute(
            NEW_ENTRY,
            {
                "number": self.number,
                "at": float(at),
                "actor": actor,
                "action": action,
                "subject": subject,
                "detail": body,
                "digest": self.digest,
            },
        )


class Database:
    """An engine with our rules of beginning and ending transactions. Thread-safe; survives a fork."""

    def __init__(
        self,
        engine: Engine,
        reading_options: Mapping[str, object] | None = None,
        writers: Queue | None = None,
        readers: Queue | None = None,
    ) -> None:
        """`writers` and `readers` queue among processes, too; without them the database itself lets processes queue."""
        self._engine = engine
        self._reading = engine.execution_options(**{READING: True, **(reading_options or {})})
        self._on_server = engine.dialect.name == "postgresql"
        self._writers, self._readers = writers or Queue(None), readers or Queue(None)
        forget = weakref.WeakMethod(self._after_fork)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    def _migrate(self) -> None:
        with self._told_apart(), self._writers.turn(), self._engine.begin() as connection:
            if self._on_server:
                require_durable(connection)
                connection.execute(text(f"SET LOCAL statement_timeout = '{MIGRATION_SECONDS}s'"))
                connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_SECONDS}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            migrate(connection)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection whose queries all see the same moment.

        Raises Unavailable where a server does not answer, or writers of a file let nobody in for too long.
        """
        with self._told_apart(), self._connected() as connection:
            yield connection

    def _connected(self) -> Connection:
        try:
            return self._reading.connect()
        except OperationalError:
            if self._on_server:
                raise
            with self._readers.turn():  # a new connection reads, too: it may need the line as readers do
                return self._reading.connect()

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Lend a transaction that is committed at the end of the block, and undone if the block raises.

        Nobody else writes meanwhile. Where something was written, the version grows by one. Raises Unavailable where
        others write for too long (nothing is written then), or a server does not answer: then it may be committed all the same.
        """
        with self._told_apart(), self._writers.turn(), self._engine.begin() as connection:
            row = connection.execute(LOCKED_HEAD).one()
            transaction = Transaction(connection, row.audit_number, row.audit_digest)
            yield transaction
            if transaction.touched:
                moved = {"audit_number": transaction.number, "audit_digest": transaction.digest}
                connection.execute(MOVED_HEAD, moved)

    def _told_apart(self) -> contextlib.AbstractContextManager[None]:
        if not self._on_server:
            return contextlib.nullcontext()
        url = self._engine.url
        return told_apart(f"{url.host or 'local socket'}:{url.port or 5432}/{url.database}")

    def close(self) -> None:
        self._engine.dispose()
        self._writers.close()
        self._readers.close()

    def _after_fork(self) -> None:
        """Leave the parent's connections untouched (closing them here would disturb its files), open own ones."""
        _abandoned.append(self._engine.pool)
        self._engine.dispose(close=False)
        self._writers.after_fork()
        self._readers.after_fork()


_abandoned: list[object] = []


def sqlite_database(path: Path) -> Database:
    """Open or create the file at `path`. Raises ConfigError where it cannot be kept safely."""
    prepared = prepare(path)

    def opened() -> sqlite3.Connection:
        return connect(prepared, Synchronous.FULL)

    engine = create_engine("sqlite://", creator=opened, poolclass=QueuePool, pool_size=8, max_overflow=56, future=True)
    line = prepared.with_name(f"{prepared.name}-line")
    writers, readers = Queue(Line(line)), Queue(Line(line))
    event.listen(engine, "begin", beginning(readers))
    return Database(engine, None, writers, readers)


def server_database(url: str) -> Database:
    """Connect to PostgreSQL by URL. Raises ConfigError if that cannot be, Unavailable if the server does not answer."""
    return Database(server_engine(url), {"isolation_level": "REPEATABLE READ"})
