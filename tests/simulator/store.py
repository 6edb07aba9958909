"""The real state store in memory, with its writes made to fail and to die before and after the commit.

Reads are remembered until a write may have changed the answer: a run looks some thousand times at what has not changed.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TypeVar, cast

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool

from plugin_optimizer.contracts import Desired
from plugin_optimizer.domain import Execution, Message, Plugin, PluginStatus
from plugin_optimizer.knowledge import SqlStateStore
from plugin_optimizer.knowledge.state.database import Database, Transaction

OnWrite = Callable[[str], None]
Answer = TypeVar("Answer")


class FaultyDatabase(Database):
    """Asks `on_write` at `begin`, `before` and `after` the commit of every write what is to happen there.

    `writes` are those that may have changed an execution.
    """

    on_write: OnWrite | None = None
    writes: int = 0
    beside_executions: bool = False

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        self._at("begin")
        with super().writing() as transaction:
            yield transaction
            if transaction.touched and not self.beside_executions:
                self.writes += 1
            self._at("before")
        self._at("after")

    def _at(self, place: str) -> None:
        if self.on_write is not None:
            self.on_write(place)


class RememberingStore(SqlStateStore):
    """The product's store; answers a question again without asking where nothing was written of it since."""

    def __init__(self, database: FaultyDatabase) -> None:
        super().__init__(database)
        self.faulty = database
        self.known: dict[object, object] = {}
        self.known_executions: dict[object, Sequence[Execution]] = {}
        self.known_at = -1

    def executions(
        self, plugin_id: str | None = None, open_only: bool = False, limit: int = 500, after: str | None = None
    ) -> Sequence[Execution]:
        if self.known_at != self.faulty.writes:
            self.known_executions, self.known_at = {}, self.faulty.writes
        question = (plugin_id, open_only, after)
        if question not in self.known_executions:
            found = super().executions(plugin_id, open_only, limit, after)
            if len(found) >= limit:
                return found  # may be a part of the answer only
            self.known_executions[question] = found
        return self.known_executions[question][:limit]

    def record_windows(self, execution_id: str, windows: Sequence[Mapping[str, float | None]]) -> None:
        with self._beside_executions():
            super().record_windows(execution_id, windows)

    def plugins(self) -> Sequence[tuple[Plugin, PluginStatus, float]]:
        return self._once("plugins", super().plugins)

    def save_plugin(self, plugin: Plugin, status: PluginStatus, at: float) -> None:
        with self._beside_executions("plugins"):
            super().save_plugin(plugin, status, at)

    def desired(self) -> Sequence[Desired]:
        return self._once("desired", super().desired)

    def desire(self, wanted: Desired) -> None:
        with self._beside_executions("desired"):
            super().desire(wanted)

    def release(self, plugin_id: str, knob: str, reason: Message, at: float) -> None:
        with self._beside_executions("desired"):
            super().release(plugin_id, knob, reason, at)

    @contextlib.contextmanager
    def _beside_executions(self, *questions: str) -> Iterator[None]:
        """Forget only the answers to `questions` for what is written in the block."""
        self.faulty.beside_executions = True
        try:
            yield
        finally:
            self.faulty.beside_executions = False
            for question in questions:
                self.known.pop(question, None)

    def _once(self, question: str, ask: Callable[[], Answer]) -> Answer:
        if question not in self.known:
            self.known[question] = ask()
        return cast("Answer", self.known[question])


def open_in_memory(on_write: OnWrite) -> SqlStateStore:
    """Open an empty store. One connection, nothing on disk: a crash here is one of the process, not of the machine."""
    template, engine = _template()
    connection = _empty()
    template.backup(connection)
    database = FaultyDatabase(_over(connection, engine))
    database.on_write = on_write
    return RememberingStore(database)


@cache
def _template() -> tuple[sqlite3.Connection, Engine]:
    """Return a database with the tables in it, and its engine: making them anew takes longer than a short run."""
    connection = _empty()
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool, future=True)
    Database(engine)
    return connection, engine


def _empty() -> sqlite3.Connection:
    """Return a database whose transactions begin with their first write: there is nobody else whom they could meet."""
    return sqlite3.connect(":memory:", check_same_thread=False, cached_statements=256)


_compiled: dict[object, object] = {}


def _over(connection: sqlite3.Connection, like: Engine) -> Engine:
    """Return an engine that knows the statements of the earlier ones: compiling all anew takes a tenth of a run."""
    options = {"compiled_cache": _compiled}
    pool = StaticPool(lambda: connection)  # type: ignore[arg-type, unused-ignore]
    return type(like)(pool, like.dialect, like.url, execution_options=options)
