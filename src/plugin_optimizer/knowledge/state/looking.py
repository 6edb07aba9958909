"""The state, to be looked at only: no migration, no lease, no lock of a writer, and nothing that could write."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, event, inspect, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from ...domain import ConfigError, Refused
from ..sqlite import connect_to_read
from .database import Database, Transaction
from .migrations import STEPS
from .schema import schema_version
from .server import server_engine, told_apart
from .store import SQLITE_PREFIX, SqlStateStore


class LookedAtDatabase(Database):
    """Readers only. Every write is refused."""

    def __init__(self, engine: Engine) -> None:  # not that of the base: it would migrate
        self._engine = engine
        self._on_server = engine.dialect.name == "postgresql"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection whose queries all see the same moment. Raises Unavailable where a server does not answer."""
        url = self._engine.url
        told = (
            told_apart(f"{url.host or 'local socket'}/{url.database}") if self._on_server else contextlib.nullcontext()
        )
        with told, self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Raise Refused."""
        raise Refused("this state was opened to be looked at only")
        yield  # what makes this a generator

    def close(self) -> None:
        self._engine.dispose()


def look_at_state(url_or_path: str | Path) -> SqlStateStore:
    """Open an existing state for reading: a path, `sqlite:///path`, or `postgresql…`.

    Raises NotFound where there is none, ConfigError where its schema is not the present one (the engine migrates, at its
    start), Unavailable if a server does not answer.
    """
    text = str(url_or_path)
    engine = _server(text) if text.startswith("postgresql") else _file(Path(text.removeprefix(SQLITE_PREFIX)))
    database = LookedAtDatabase(engine)
    try:
        with database.reading() as connection:
            _require_present_schema(connection)
    except BaseException:
        database.close()
        raise
    return SqlStateStore(database)


def _file(path: Path) -> Engine:
    connect_to_read(path).close()  # what is wrong with the file is told in our words
    engine = create_engine("sqlite://", creator=lambda: connect_to_read(path), poolclass=NullPool, future=True)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _server(url: str) -> Engine:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return server_engine(url).execution_options(**options)


def _require_present_schema(connection: Connection) -> None:
    newest = len(STEPS) + 1
    found = 0
    if inspect(connection).has_table(schema_version.name):
        found = int(connection.execute(select(schema_version.c.version)).scalar_one())
    if found != newest:
        raise ConfigError(
            f"the state has schema {found}, this version of the product reads {newest}; start the engine once"
        )
