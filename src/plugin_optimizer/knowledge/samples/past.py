"""Raw samples of several plugins from the file, for windows that reach back further than memory does."""

import sqlite3
from collections.abc import Sequence

import numpy as np

from . import codec
from .columns import Columns, columns_of
from .retention import full_hour


def read_past(connection: sqlite3.Connection, plugins: Sequence[int], begin: float, end: float) -> Columns:
    """Return the raw samples of [begin, end], by time; of equal times the later arrived stands later."""
    parts = [
        part
        for plugin in plugins
        for part in (*_sealed(connection, plugin, begin, end), _hot(connection, plugin, begin, end))
    ]
    return Columns.join(parts).between(begin, end).by_time()


def _hot(connection: sqlite3.Connection, plugin: int, begin: float, end: float) -> Columns:
    return columns_of(
        connection.execute(
            "SELECT plugin, at, body FROM hot WHERE plugin=? AND at BETWEEN ? AND ? ORDER BY sequence",
            (plugin, begin, end),
        )
    )


def _sealed(connection: sqlite3.Connection, plugin: int, begin: float, end: float) -> list[Columns]:
    rows = connection.execute(
        "SELECT metric, body FROM chunks WHERE plugin=? AND start BETWEEN ? AND ?", (plugin, full_hour(begin), end)
    )
    return [_columns(plugin, metric, body) for metric, body in rows]


def _columns(plugin: int, metric: int, body: bytes) -> Columns:
    times, values = codec.decode(body)
    return Columns(np.full(len(times), plugin), np.full(len(times), metric), times, values)
