"""The connections of one sample file: one that writes, several that read."""

import contextlib
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

from ..sqlite import Synchronous, connect
from . import schema


class Connections:
    """Opens connections when they are needed. The writer is used by one thread at a time; survives a fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._idle: list[sqlite3.Connection] = []
        after_fork = weakref.WeakMethod(self._after_fork)
        os.register_at_fork(after_in_child=lambda: (method := after_fork()) and method())

    @contextlib.contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Lend the writer outside a transaction."""
        with self._lock:
            if self._writer is None:
                self._writer = self._opened()
            yield self._writer

    def _opened(self) -> sqlite3.Connection:
        connection = connect(self._path, Synchronous.NORMAL)
        try:
            schema.create(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the writer inside a transaction; it is undone if the block raises."""
        with self.alone() as writer, _transaction(writer, "BEGIN IMMEDIATE"):
            yield writer

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection whose queries all see the same moment."""
        try:
            reader = self._idle.pop()
        except IndexError:
            reader = connect(self._path, Synchronous.NORMAL)
        try:
            with _transaction(reader, "BEGIN"):
                yield reader
        except BaseException:
            reader.close()
            raise
        self._idle.append(reader)

    def close(self) -> None:
        with self._lock:
            for connection in (self._writer, *self._idle):
                if connection is not None:
                    connection.close()
            self._writer, self._idle = None, []

    def _after_fork(self) -> None:
        """Leave the parent's connections untouched: closing them here would disturb its files."""
        _abandoned.extend((self._writer, self._idle))
        self._lock, self._writer, self._idle = threading.RLock(), None, []


_abandoned: list[object] = []


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
