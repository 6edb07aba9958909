"""The real state store in memory, with its writes made to fail and to die before and after the commit."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator

from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.database import Database, Transaction, _begin

OnWrite = Callable[[str], None]


class FaultyDatabase(Database):
    """Asks `on_write` at `begin`, `before` and `after` the commit of every write what is to happen there."""

    on_write: OnWrite | None = None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        self._at("begin")
        with super().writing() as transaction:
            yield transaction
            self._at("before")
        self._at("after")

    def _at(self, place: str) -> None:
        if self.on_write is not None:
            self.on_write(place)


def open_in_memory(on_write: OnWrite) -> SqlStateStore:
    """Open an empty store. One connection, nothing on disk: a crash here is one of the process, not of the machine."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=256)
    _template().backup(connection)
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    database = FaultyDatabase(engine)
    database.on_write = on_write
    return SqlStateStore(database)


_templates: list[sqlite3.Connection] = []


def _template() -> sqlite3.Connection:
    """Return a database with the tables in it: making them anew takes longer than a short run."""
    if not _templates:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
        event.listen(engine, "begin", _begin)
        Database(engine)
        _templates.append(connection)
    return _templates[0]
