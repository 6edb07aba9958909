"""Opening SQLite files so that nothing gets lost: where, with which journal, and for whose eyes."""

import os
import sqlite3
from enum import StrEnum
from pathlib import Path

from ..domain import ConfigError, NotFound
from .filesystems import require_local

# Before 3.51.3 several connections that write and checkpoint at once can corrupt a database in WAL mode
# (SQLite, Write-Ahead Logging, "The WAL-Reset Bug"); a rollback journal knows no checkpoints.
WAL_IS_SAFE_FROM = (3, 51, 3)
BUSY_TIMEOUT_SECONDS = 5.0
READER_TIMEOUT_SECONDS = 30.0  # of one that only looks: it can wait longer than the engine
OWNER_ONLY = 0o600


class Synchronous(StrEnum):
    """How a commit waits for the disk: `full` survives power loss, `normal` may lose the last moments."""

    FULL = "FULL"
    NORMAL = "NORMAL"


def journal_mode_for(version: tuple[int, ...]) -> str:
    """Return the journal that is safe with this version of the SQLite library."""
    return "wal" if version >= WAL_IS_SAFE_FROM else "truncate"


def prepare(path: Path) -> Path:
    """Create directory (0700) and file (0600) where missing, and return the resolved path.

    Raises ConfigError where the file cannot be written or lies on a network file system.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        require_local(path)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY))
        if path.stat().st_mode & 0o077:
            path.chmod(OWNER_ONLY)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be opened for writing ({error.strerror}); set the data directory to one of ours"
        ) from error
    return path.resolve()


def connect(path: Path, synchronous: Synchronous) -> sqlite3.Connection:
    """Open a prepared file. Transactions are begun by hand; any thread may use the connection, one at a time."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        _configure(connection, path, synchronous)
    except sqlite3.DatabaseError as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):
            raise
        raise ConfigError(f"{path} is not a database of ours ({error}); move it away or name another file") from error
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open an existing file so that nothing can be written through it, not even by mistake.

    Raises NotFound where there is no such file, ConfigError where it is no database, or was left in the middle of a
    write: whoever may write has to put that right first.
    """
    if not path.is_file():
        raise NotFound(f"there is no {path}; did the engine ever run with this configuration?")
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro",
        uri=True,
        timeout=READER_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise ConfigError(f"{path} cannot be read ({error}); if no engine runs, start it once: it recovers") from error
    return connection


def _configure(connection: sqlite3.Connection, path: Path, synchronous: Synchronous) -> None:
    wanted = journal_mode_for(sqlite3.sqlite_version_info)
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # takes effect in an empty file only
    (mode,) = connection.execute(f"PRAGMA journal_mode={wanted}").fetchone()
    if mode != wanted:
        raise ConfigError(
            f"{path} stays in journal mode {mode} and needs {wanted}; close the other programs that use it"
        )
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA foreign_keys=ON")
