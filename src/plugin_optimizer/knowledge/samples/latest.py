"""The newest value of every series."""

import math
import sqlite3
from collections.abc import Mapping

from . import codec
from .columns import Columns, columns_of

ROWS_TO_LOOK_BACK = 64
NEVER = (math.nan, math.nan)
Newest = dict[int, tuple[float, float]]


class Latest:
    """By plugin and metric number: time and value of the newest sample. Read from the file once per plugin."""

    def __init__(self) -> None:
        self._newest: dict[int, Newest] = {}
        self._read: set[int] = set()

    def add(self, columns: Columns) -> None:
        """Take in samples in the order of their arrival."""
        cells = (columns.plugin.tolist(), columns.metric.tolist(), columns.at.tolist(), columns.value.tolist())
        for plugin, metric, at, value in zip(*cells, strict=True):
            mine = self._newest.setdefault(plugin, {})
            if metric not in mine or at >= mine[metric][0]:
                mine[metric] = (at, value)

    def of(self, connection: sqlite3.Connection, plugin: int) -> Mapping[int, tuple[float, float]]:
        """Return the newest (time, value) by metric number; empty if nothing was ever measured."""
        if plugin not in self._read:
            self._read.add(plugin)
            known = dict(self._newest.pop(plugin, {}))
            self._newest[plugin] = {**_sealed(connection, plugin), **_hot(connection, plugin), **known}
        return self._newest.get(plugin, {})

    def last(self, connection: sqlite3.Connection, plugin: int, metric: int | None) -> tuple[float, float]:
        """Return the newest (time, value) of a metric, of any where it is None; NaN where there is none."""
        newest = self.of(connection, plugin)
        if metric is not None:
            return newest.get(metric, NEVER)
        return max(newest.values(), default=NEVER)


def _hot(connection: sqlite3.Connection, plugin: int) -> Newest:
    rows = connection.execute(
        "SELECT plugin, at, body FROM hot WHERE plugin=? ORDER BY at DESC, sequence DESC LIMIT ?",
        (plugin, ROWS_TO_LOOK_BACK),
    ).fetchall()
    columns = columns_of(reversed(rows))
    return dict(
        zip(columns.metric.tolist(), zip(columns.at.tolist(), columns.value.tolist(), strict=True), strict=True)
    )


def _sealed(connection: sqlite3.Connection, plugin: int) -> Newest:
    """Return the end of the newest sealed hour of each metric."""
    rows = connection.execute(
        "SELECT metric, body, max(start) FROM chunks WHERE plugin=? GROUP BY metric", (plugin,)
    ).fetchall()
    ends = {metric: codec.decode(body) for metric, body, _ in rows}
    return {metric: (float(times[-1]), float(values[-1])) for metric, (times, values) in ends.items()}
