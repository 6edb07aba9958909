"""The real state store in memory, with its writes made to fail and to die before and after the commit.

Reads are remembered until the next write: a run looks some thousand times at what has not changed.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

from plugin_optimizer.contracts import Desired
from plugin_optimizer.domain import Execution, Plugin, PluginStatus
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.database import Database, Transaction

OnWrite = Callable[[str], None]
Answer = TypeVar("Answer")


class FaultyDatabase(Database):
    """Asks `on_write` at `begin`, `before` and `after` the commit of every write what is to happen there."""

    on_write: OnWrite | None = None
    writes: int = 0

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        self._at("begin")
        self.writes += 1
        with super().writing() as transaction:
            yield transaction
            self._at("before")
        self._at("after")

    def _at(self, place: str) -> None:
        if self.on_write is not None:
            self.on_write(place)


class RememberingStore(SqlStateStore):
    """The product's store; answers a question again without asking where nothing was written since."""

    def __init__(self, database: FaultyDatabase) -> None:
        super().__init__(database)
        self.faulty = database
        self.known: dict[object, object] = {}
        self.known_at = -1

    def executions(
        self, plugin_id: str | None = None, open_only: bool = False, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        return self._once(
            (plugin_id, open_only, limit, after),
            lambda: super(RememberingStore, self).executions(plugin_id, open_only, limit, after),
        )

    def plugins(self) -> Sequence[tuple[Plugin, PluginStatus, float]]:
        return self._once("plugins", super().plugins)

    def desired(self) -> Sequence[Desired]:
        return self._once("desired", super().desired)

    def _once(self, question: object, ask: Callable[[], Answer]) -> Answer:
        if self.known_at != self.faulty.writes:
            self.known, self.known_at = {}, self.faulty.writes
        if question not in self.known:
            self.known[question] = ask()
        return cast("Answer", self.known[question])


def open_in_memory(on_write: OnWrite) -> SqlStateStore:
    """Open an empty store. One connection, nothing on disk: a crash here is one of the process, not of the machine."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=256)
    _template().backup(connection)
    database = FaultyDatabase(_over(connection))
    database.on_write = on_write
    return RememberingStore(database)


_templates: list[sqlite3.Connection] = []


def _template() -> sqlite3.Connection:
    """Return a database with the tables in it: making them anew takes longer than a short run."""
    if not _templates:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        Database(_over(connection))
        _templates.append(connection)
    return _templates[0]


def _over(connection: sqlite3.Connection) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """Begin a transaction; there is nobody else whose locks could be in the way."""
    connection.exec_driver_sql("BEGIN")
