"""From hot rows to sealed hours: a chunk, its minutes and its hour, per plugin and metric."""

import sqlite3
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from . import codec
from .columns import Columns, columns_of
from .rollup import HOUR_SECONDS, MINUTE_SECONDS, cells_of, last_of_each_time

F64 = NDArray[np.float64]
Place = tuple[int, int, int]  # plugin, start of the hour, metric


def seal(connection: sqlite3.Connection, plugin: int, before: float) -> None:
    """Move the plugin's hot rows older than `before` (a full hour) into sealed hours, merging with what is there."""
    rows = connection.execute(
        "SELECT plugin, at, body FROM hot WHERE plugin=? AND at<? ORDER BY sequence", (plugin, before)
    ).fetchall()
    for place, times, values in _by_hour(plugin, columns_of(rows)):
        _merge(connection, place, times, values)
    connection.execute("DELETE FROM hot WHERE plugin=? AND at<?", (plugin, before))


def _by_hour(plugin: int, columns: Columns) -> Iterator[tuple[Place, F64, F64]]:
    """Yield place, times and values per metric and hour; equal times still in the order of arrival."""
    hours = np.floor(columns.at / HOUR_SECONDS)
    order = np.lexsort((np.arange(len(columns)), hours, columns.metric))
    metric, hours = columns.metric[order], hours[order]
    times, values = columns.at[order], columns.value[order]
    changes = np.flatnonzero((metric[1:] != metric[:-1]) | (hours[1:] != hours[:-1])) + 1
    edges = [0, *changes.tolist(), len(order)]
    for begin, end in pairwise(edges):
        if begin < end:
            start = int(hours[begin]) * HOUR_SECONDS
            yield (plugin, start, int(metric[begin])), times[begin:end], values[begin:end]


def _merge(connection: sqlite3.Connection, place: Place, times: F64, values: F64) -> None:
    sealed = connection.execute("SELECT body FROM chunks WHERE plugin=? AND start=? AND metric=?", place).fetchone()
    if sealed is not None:
        earlier_times, earlier_values = codec.decode(sealed[0])
        times = np.concatenate((earlier_times, times))
        values = np.concatenate((earlier_values, values))
    times, values = last_of_each_time(times, values)
    minutes, hour = cells_of(times, values, MINUTE_SECONDS), cells_of(times, values, HOUR_SECONDS)
    connection.execute("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?)", (*place, codec.encode(times, values)))
    connection.execute("INSERT OR REPLACE INTO minutes VALUES (?, ?, ?, ?)", (*place, codec.encode(*minutes)))
    connection.execute(
        "INSERT OR REPLACE INTO hours VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*place, *(float(column[0]) for column in hour[1:4]), int(hour.samples[0])),
    )
