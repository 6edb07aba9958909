"""Figures that were sent to us and not yet looked at, how much each sender may still send, and who ran into a limit."""

import contextlib
import fcntl
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..contracts import Allowance, LimitHit, Parcel
from ..domain import ConfigError
from .sqlite import Synchronous, connect, prepare

log = logging.getLogger(__name__)

KEEP_SECONDS = 3_600.0
KEEP_HITS_SECONDS = 86_400.0
HITS_AT_MOST = 1_000
ALLOWANCES_AT_MOST = 10_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS parcels (
    number INTEGER PRIMARY KEY, plugin_id TEXT NOT NULL, at REAL NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS allowances (name TEXT PRIMARY KEY, remaining REAL NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hits (
    reason TEXT NOT NULL, sender TEXT NOT NULL, count INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (reason, sender)
) WITHOUT ROWID;
"""


class SqliteInbox:
    """A file that several processes write and one empties. Of no worth after a power failure, so it is not synced; one that
    is broken then is begun anew: nothing in it is worth an engine that does not start.
    """

    def __init__(self, path: Path, waiting_bytes: int) -> None:
        self._waiting_bytes = waiting_bytes
        self._connection = _opened(path)
        self._lock = threading.Lock()

    def wait_seconds(self, allowance: Allowance, amount: float, now: float) -> float:
        with self._writing() as connection:
            row = connection.execute(
                "SELECT remaining, at FROM allowances WHERE name = ?", (allowance.name,)
            ).fetchone()
            remaining = allowance.at_once
            if row is not None:
                rested = max(0.0, now - row[1])  # a clock that is set back gives nothing
                remaining = min(allowance.at_once, row[0] + rested * allowance.per_second)
            if amount > remaining:
                return (min(amount, allowance.at_once) - remaining) / allowance.per_second or 1.0
            connection.execute(
                "INSERT OR REPLACE INTO allowances VALUES (?, ?, ?)", (allowance.name, remaining - amount, now)
            )
            (count,) = connection.execute("SELECT count(*) FROM allowances").fetchone()
            if count > ALLOWANCES_AT_MOST:
                connection.execute("DELETE FROM allowances WHERE at < ?", (now - KEEP_SECONDS,))
        return 0.0

    def put(self, parcels: Sequence[Parcel]) -> bool:
        with self._writing() as connection:
            (waiting,) = connection.execute("SELECT coalesce(sum(bytes), 0) FROM parcels").fetchone()
            if waiting + sum(len(parcel.body) for parcel in parcels) > self._waiting_bytes:
                return False
            connection.executemany(
                "INSERT INTO parcels (plugin_id, at, bytes, body) VALUES (?, ?, ?, ?)",
                [(parcel.plugin_id, parcel.at, len(parcel.body), parcel.body) for parcel in parcels],
            )
        return True

    def take(self, now: float) -> Sequence[Parcel]:
        with self._lock:  # a look first: most turns find nothing, and have nothing to write
            if self._connection.execute("SELECT 1 FROM parcels LIMIT 1").fetchone() is None:
                return ()
        with self._writing() as connection:
            rows = connection.execute("SELECT plugin_id, at, body FROM parcels ORDER BY number").fetchall()
            connection.execute("DELETE FROM parcels")
        return [Parcel(*row) for row in rows if row[1] >= now - KEEP_SECONDS]

    def note(self, reason: str, sender: str, count: int, now: float) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM hits WHERE at < ?", (now - KEEP_HITS_SECONDS,))
            (held,) = connection.execute("SELECT count(*) FROM hits").fetchone()
            sender = sender if held < HITS_AT_MOST else "…"
            connection.execute(
                "INSERT INTO hits VALUES (?, ?, ?, ?) ON CONFLICT (reason, sender) "
                "DO UPDATE SET count = count + excluded.count, at = excluded.at",
                (reason, sender, count, now),
            )

    def hits(self, since: float) -> Sequence[LimitHit]:
        with self._lock:
            rows = self._connection.execute(
                "SELECT reason, sender, count, at FROM hits WHERE at >= ? ORDER BY at DESC, reason, sender", (since,)
            ).fetchall()
        return [LimitHit(*row) for row in rows]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a write transaction; it is undone if the block raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file, one process after the other: who finds it broken must not take away what another began anew."""
    with prepare(path.with_suffix(".lock")).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return _sound(path)
        except (ConfigError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.OperationalError) or not path.exists() or not _is_broken(error):
                raise
            log.warning("%s is broken and begun anew: %s", path, error)
            for each in (path, path.with_name(f"{path.name}-journal"), path.with_name(f"{path.name}-wal")):
                each.unlink(missing_ok=True)
            return _sound(path)


def _is_broken(error: Exception) -> bool:
    return isinstance(error, sqlite3.DatabaseError) or isinstance(error.__cause__, sqlite3.DatabaseError)


def _sound(path: Path) -> sqlite3.Connection:
    connection = connect(prepare(path), Synchronous.NORMAL)
    try:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(SCHEMA)
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except BaseException:
        connection.close()
        raise
    if said != "ok":
        connection.close()
        raise sqlite3.DatabaseError(said)
    return connection
