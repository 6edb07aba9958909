"""Writes what the engine saw: every request once, settings when they change. Bounded in time and in bytes."""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ...domain import RequestTrace, SeenSettings
from ..sqlite import Synchronous, connect, prepare
from ..values import encode
from .body import packed
from .schema import UNKNOWN_BYTES, create

log = logging.getLogger(__name__)
FLUSH_SECONDS = 60.0  # what a crash of the engine may cost
MOST_WAITING = 50_000  # requests of all plugins kept in memory at a time
TRIM_SECONDS = 900.0
KEEP_SECONDS = 14 * 86_400.0  # as long as samples by the minute
TRIM_TO = 0.9  # of the cap, so that not every quarter of an hour has to trim again
MEGABYTE = 1_000_000
OLDEST_ROWS = "DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests ORDER BY finish LIMIT 500)"


class RequestRecorder:
    """Keeps requests and settings in a file of at most `cap_bytes`. Used by one thread; the thread of the turns.

    What cannot be written is lost and logged: the loop does not depend on it.
    """

    def __init__(self, path: Path, cap_bytes: int, keep_seconds: float = KEEP_SECONDS) -> None:
        self._path, self._cap_bytes, self._keep_seconds = path, cap_bytes, keep_seconds
        self._connection: sqlite3.Connection | None = None
        self._waiting: dict[str, list[RequestTrace]] = {}
        self._settings: dict[str, str] = {}
        self._changed: list[tuple[str, float, str]] = []
        self._flushed_at: float | None = None
        self._trimmed_at: float | None = None

    def record(self, traces: Mapping[str, RequestTrace], settings: Mapping[str, SeenSettings], now: float) -> None:
        """Take what one look brought; write once a minute. `now` (Unix seconds) is the time of the turn."""
        for plugin_id, trace in traces.items():
            if len(trace):
                self._waiting.setdefault(plugin_id, []).append(trace)
        for plugin_id, seen in settings.items():
            self._note(plugin_id, seen)
        if self._flushed_at is None:
            self._flushed_at = now
        if abs(now - self._flushed_at) >= FLUSH_SECONDS or self._held() > MOST_WAITING:
            self.flush(now)

    def flush(self, now: float) -> None:
        """Write what waits, and drop what is too old or too much."""
        self._flushed_at = now
        waiting, self._waiting = self._waiting, {}
        changed, self._changed = self._changed, []
        try:
            with self._writing() as connection:
                self._write(connection, waiting, changed)
                if self._trimmed_at is None or abs(now - self._trimmed_at) >= TRIM_SECONDS:
                    self._trimmed_at = now
                    self._trim(connection, now)
        except (sqlite3.Error, OSError) as error:
            self._settings.clear()  # what was seen is written anew
            log.warning("requests of the last minute could not be recorded in %s: %s", self._path, error)

    def close(self) -> None:
        """Write what still waits, and close the file."""
        if self._flushed_at is not None:
            self.flush(self._flushed_at)
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _held(self) -> int:
        return sum(len(trace) for traces in self._waiting.values() for trace in traces)

    def _note(self, plugin_id: str, seen: SeenSettings) -> None:
        pool = replace(seen.pool, worker_memory_bytes=UNKNOWN_BYTES) if seen.pool else None  # that one is a sample, too
        seen = replace(seen, pool=pool)
        without_time = encode(replace(seen, at=0.0))
        if self._settings.get(plugin_id) != without_time:
            self._settings[plugin_id] = without_time
            self._changed.append((plugin_id, seen.at, encode(seen)))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Lend a write transaction; it is undone if the block raises."""
        if self._connection is None:
            self._connection = connect(self._path, Synchronous.NORMAL)
            create(self._connection)
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _write(
        self,
        connection: sqlite3.Connection,
        waiting: Mapping[str, list[RequestTrace]],
        changed: list[tuple[str, float, str]],
    ) -> None:
        numbers = {name: _number(connection, name) for name in {*waiting, *(name for name, _, _ in changed)}}
        merged = [(numbers[name], RequestTrace.merge(*traces)) for name, traces in waiting.items()]
        connection.executemany(
            "INSERT INTO requests (plugin, begin, finish, body) VALUES (?, ?, ?, ?)",
            [(n, float(t.arrival[0]), float(t.end.max()), packed(t)) for n, t in merged],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO settings (plugin, at, body) VALUES (?, ?, ?)",
            [(numbers[name], at, body) for name, at, body in changed],
        )

    def _trim(self, connection: sqlite3.Connection, now: float) -> None:
        before = now - self._keep_seconds
        connection.execute("DELETE FROM requests WHERE finish < ?", (before,))
        connection.execute(
            "DELETE FROM settings WHERE at < ? AND EXISTS (SELECT 1 FROM settings AS later "
            "WHERE later.plugin = settings.plugin AND later.at > settings.at AND later.at < ?)",
            (before, before),
        )
        if _used_bytes(connection) > self._cap_bytes:
            while _used_bytes(connection) > TRIM_TO * self._cap_bytes and connection.execute(OLDEST_ROWS).rowcount > 0:
                pass


def _number(connection: sqlite3.Connection, name: str) -> int:
    connection.execute("INSERT OR IGNORE INTO plugins (name) VALUES (?)", (name,))
    return int(connection.execute("SELECT id FROM plugins WHERE name = ?", (name,)).fetchone()[0])


def _used_bytes(connection: sqlite3.Connection) -> int:
    page_bytes, pages, free = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    return page_bytes * (pages - free)


def open_recorder(path: Path, megabytes: float) -> RequestRecorder | None:
    """Open or create the file of recordings; None where nothing is to be kept. Raises ConfigError."""
    return RequestRecorder(prepare(path), int(megabytes * MEGABYTE)) if megabytes > 0 else None
