"""Reads recordings: requests of a stretch, and how plugins were set. Nothing is ever written through it."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from ...domain import RequestTrace, SeenSettings
from ..sqlite import connect_to_read
from ..values import decode
from .body import unpacked
from .schema import UNKNOWN_BYTES, VERSION, require_version

LEAST_SPAN_SECONDS = 3_600.0  # of a row; they are of about a minute, but a request that hangs lengthens its own


class RecordedPast:
    """The requests and settings on record, safe to read beside an engine that writes them. Used by one thread."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        """`connection` is None where nothing was ever recorded."""
        self._connection = connection
        self._spans: dict[str, tuple[float, int]] = {}  # of a plugin the longest row, and the newest that was looked at

    def requests(self, plugin_id: str, begin: float, end: float) -> RequestTrace:
        """Return the requests that arrived in [begin, end), by arrival; empty where none were recorded."""
        if self._connection is None:
            return RequestTrace.empty()
        rows = self._connection.execute(
            "SELECT body FROM requests WHERE plugin = (SELECT id FROM plugins WHERE name = ?) "
            "AND begin < ? AND begin >= ? AND finish >= ? ORDER BY begin",
            (plugin_id, end, begin - self._span_seconds(self._connection, plugin_id), begin),
        ).fetchall()
        return RequestTrace.merge(*(unpacked(body) for (body,) in rows)).between(begin, end).waiting_where_unknown()

    def _span_seconds(self, connection: sqlite3.Connection, plugin_id: str) -> float:
        """Return how long before its finish a row may begin: without it, each question would read all rows before its time."""
        longest, looked_until = self._spans.get(plugin_id, (LEAST_SPAN_SECONDS, 0))
        newest, span = connection.execute(
            "SELECT max(rowid), max(finish - begin) FROM requests "
            "WHERE plugin = (SELECT id FROM plugins WHERE name = ?) AND rowid > ?",
            (plugin_id, looked_until),
        ).fetchone()
        if newest is not None:
            self._spans[plugin_id] = longest, _ = max(longest, span), newest
        return longest

    def settings(self, plugin_id: str) -> list[SeenSettings]:
        """Return how a plugin was set, each from its time on, oldest first; empty where that was not recorded."""
        if self._connection is None:
            return []
        rows = self._connection.execute(
            "SELECT body FROM settings WHERE plugin = (SELECT id FROM plugins WHERE name = ?) ORDER BY at", (plugin_id,)
        ).fetchall()
        return [_restored(decode(body, SeenSettings)) for (body,) in rows]

    def settings_between(self, plugin_id: str, begin: float, end: float) -> list[SeenSettings]:
        """Return how it was set at `begin` and what changed until `end`, oldest first."""
        if self._connection is None:
            return []
        rows = self._connection.execute(
            "SELECT body FROM settings WHERE plugin = (SELECT id FROM plugins WHERE name = ?1) AND at <= ?3 AND at >= "
            "coalesce((SELECT max(at) FROM settings WHERE plugin = (SELECT id FROM plugins WHERE name = ?1) "
            "AND at < ?2), ?2) ORDER BY at",
            (plugin_id, begin, end),
        ).fetchall()
        return [_restored(decode(body, SeenSettings)) for (body,) in rows]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


def _restored(seen: SeenSettings) -> SeenSettings:
    if seen.pool is None or seen.pool.worker_memory_bytes != UNKNOWN_BYTES:
        return seen
    return replace(seen, pool=replace(seen.pool, worker_memory_bytes=float("nan")))


def open_recorded_past(path: Path) -> RecordedPast:
    """Open the file of recordings for reading; one that is not there holds nothing. Raises ConfigError."""
    if not path.is_file():
        return RecordedPast(None)
    connection = connect_to_read(path)
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0]:  # 0: made, and nothing was written yet
            require_version(connection, VERSION)
            return RecordedPast(connection)
    except BaseException:
        connection.close()
        raise
    connection.close()
    return RecordedPast(None)
