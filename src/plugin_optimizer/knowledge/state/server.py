"""Reaching a PostgreSQL server: with limits on every wait, and only where a commit is on disk when it is acknowledged."""

import contextlib
from collections.abc import Iterator

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from ...domain import ConfigError, InvalidValue, Unavailable

DRIVER = "postgresql+psycopg"
CONNECT_SECONDS = 2  # the least that libpq takes
SILENCE_SECONDS = 5.0  # what was sent and is not acknowledged by then was sent to nobody
STATEMENT_SECONDS = 5.0
IDLE_TRANSACTION_SECONDS = 10.0  # one whose client is gone must not hold the writers up
POOL_SECONDS = 2.0
CONNECTIONS, MOST_CONNECTIONS = 5, 20
OFF = "off"


def server_engine(url: str) -> Engine:
    """Return an engine that has not connected yet. Raises ConfigError for a URL or driver that cannot be used."""
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername=DRIVER)
        return create_engine(
            address,
            pool_pre_ping=True,
            pool_timeout=POOL_SECONDS,
            pool_size=CONNECTIONS,
            max_overflow=MOST_CONNECTIONS - CONNECTIONS,
            isolation_level="READ COMMITTED",
            connect_args=_limits(),
            future=True,
        )
    except NoSuchModuleError as error:
        raise ConfigError(
            f"this version of SQLAlchemy has no {DRIVER} (2.0 or later has); upgrade it, or keep the state in a file"
        ) from error
    except ImportError as error:
        raise ConfigError(
            f"the driver {error.name} is missing; install plugin-optimizer[postgresql], or keep the state in a file"
        ) from error
    except (ArgumentError, ValueError) as error:
        raise ConfigError(f"{error}; expected postgresql://user@host:5432/database") from error


def _limits() -> dict[str, object]:
    session = {
        "statement_timeout": STATEMENT_SECONDS,
        "lock_timeout": STATEMENT_SECONDS,
        "idle_in_transaction_session_timeout": IDLE_TRANSACTION_SECONDS,
    }
    return {
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": int(SILENCE_SECONDS * 1000),
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "application_name": "plugin-optimizer",
        "options": " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in session.items()),
    }


def require_durable(connection: Connection) -> None:
    """Raise ConfigError where the server acknowledges what a power cut may take back."""
    for name in ("fsync", "synchronous_commit"):
        if connection.execute(text(f"SHOW {name}")).scalar_one() == OFF:
            raise ConfigError(f"the database has {name}=off and may lose what it acknowledged; set it to on")


@contextlib.contextmanager
def told_apart(address: str) -> Iterator[None]:
    """Turn what says that the server is away, or too slow, into Unavailable, what it cannot hold into InvalidValue."""
    try:
        yield
    except (OperationalError, InterfaceError, NoConnectionLeft) as error:
        raise Unavailable(_sentence(address, error)) from error
    except DataError as error:  # a text too long, or with a zero byte: SQLite takes both
        raise InvalidValue(f"the database of the state cannot hold that: {error.orig}") from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise Unavailable(_sentence(address, error)) from error


def _sentence(address: str, error: Exception) -> str:
    cause = str(getattr(error, "orig", error)).strip().splitlines()
    return f"the database of the state ({address}) does not answer ({cause[0] if cause else type(error).__name__})"
