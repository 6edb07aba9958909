"""The past in slabs: samples of the whole fleet over an hour or so, read once, looked at from many moments.

Opened so that nothing can be written. Each slab is one short transaction: an engine that writes meanwhile waits for
milliseconds, not for the whole replay.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...domain import ConfigError, Metric, Window
from ..sqlite import connect_to_read
from . import codec
from .columns import Columns
from .grid import grid_times, window_of
from .names import Names, metric_of
from .past import read_past
from .ranges import read_range
from .retention import full_hour
from .rollup import HOUR_SECONDS, MINUTE_SECONDS
from .schema import VERSION

F64 = NDArray[np.float64]
COUNTED = frozenset(
    {Metric.REQUESTS, Metric.RESTARTS, Metric.OOM_KILLS}
)  # counts within a turn: of a minute their sum is wanted


@dataclass(frozen=True, slots=True)
class Slab:
    """Samples of `plugin_ids` by time. `step_seconds` is that of its windows: a turn's, or 60 where only minutes are left."""

    plugin_ids: tuple[str, ...]
    step_seconds: float
    numbers: tuple[int, ...]
    columns: Columns
    metrics: Names

    def moment(self, at: float) -> float:
        """Return the time of the last turn at or before `at`, as far as one was there lately; else `at` itself."""
        newest = int(np.searchsorted(self.columns.at, at, side="right")) - 1
        last = float(self.columns.at[newest]) if newest >= 0 else -np.inf
        return last if at - last < 2 * self.step_seconds else at

    def window(self, end: float, seconds: float) -> Window:
        """Return the grid that ends at `end`, of nothing that was measured later."""
        times = grid_times(end, seconds, self.step_seconds)
        first = np.searchsorted(self.columns.at, float(times[0]) - self.step_seconds)
        last = np.searchsorted(self.columns.at, end, side="right")
        part = Columns(*(getattr(self.columns, name)[first:last] for name in Columns.__slots__))
        return window_of(
            self.plugin_ids,
            self.numbers,
            part,
            times,
            self.step_seconds,
            lambda number: metric_of(self.metrics, number),
        )


class SamplePast:
    """Reads a sample file beside whoever writes it. Used by one thread."""

    def __init__(self, connection: sqlite3.Connection, interval_seconds: float) -> None:
        self._connection, self._interval_seconds = connection, interval_seconds
        self._plugins, self._metrics = Names("plugins"), Names("metrics")

    def extent(self) -> tuple[float, float] | None:
        """Return between which times there is anything finer than hours; None where there is nothing."""
        ends = self._connection.execute(
            f"SELECT min(first), max(last) FROM ("  # noqa: S608 - our own constants
            f"SELECT min(at) AS first, max(at) AS last FROM hot UNION ALL "
            f"SELECT min(start), max(start) + {HOUR_SECONDS} FROM minutes UNION ALL "
            f"SELECT min(start), max(start) + {HOUR_SECONDS} FROM chunks)"
        ).fetchone()
        return None if ends[0] is None else (float(ends[0]), float(ends[1]))

    def slab(self, plugin_ids: Sequence[str], begin: float, end: float) -> Slab:
        """Return all samples of [begin, end], by the turn if those are still complete, else by the minute."""
        self._connection.execute("BEGIN")
        try:
            self._plugins.reload(self._connection)
            self._metrics.reload(self._connection)
            numbers = tuple(-1 if (n := self._plugins.number(name)) is None else n for name in plugin_ids)
            known = [n for n in numbers if n >= 0]
            (raw_from,) = self._connection.execute(
                "SELECT complete_from FROM horizon WHERE resolution='raw'"
            ).fetchone()
            if begin >= raw_from:
                columns, step = read_past(self._connection, known, begin, end), self._interval_seconds
            else:
                columns, step = self._minutes(known, begin, end), max(float(MINUTE_SECONDS), self._interval_seconds)
        finally:
            self._connection.execute("ROLLBACK")
        return Slab(tuple(plugin_ids), step, numbers, columns, self._metrics)

    def range(
        self, plugin_id: str, metrics: Sequence[Metric], begin: float, end: float, points: int
    ) -> Mapping[Metric, Sequence[tuple[float, float]]]:
        """Return what the store's own `range` would have at `end`: a minute that was not over then is left out."""
        end = max(begin, end // MINUTE_SECONDS * MINUTE_SECONDS)
        self._plugins.reload(self._connection)
        self._metrics.reload(self._connection)
        plugin = self._plugins.number(plugin_id)
        numbers = {n: metric for metric in metrics if (n := self._metrics.number(metric)) is not None}
        if plugin is None or not numbers:
            return {}
        found = read_range(self._connection, plugin, list(numbers), begin, end, points)
        return {numbers[n]: pairs for n, pairs in found.items()}

    def close(self) -> None:
        self._connection.close()

    def _minutes(self, plugins: Sequence[int], begin: float, end: float) -> Columns:
        parts = [
            _minute_columns(plugin, metric, body, metric_of(self._metrics, metric))
            for plugin in plugins
            for metric, body in self._connection.execute(
                "SELECT metric, body FROM minutes WHERE plugin=? AND start BETWEEN ? AND ?",
                (plugin, full_hour(begin) - HOUR_SECONDS, end),
            )
        ]
        return Columns.join(parts).between(begin, end).by_time()


def _minute_columns(plugin: int, metric: int, body: bytes, kind: Metric | None) -> Columns:
    """Return minutes as samples of the moment when they are over: before that nobody could know them."""
    start, _, mean, _, samples = codec.decode(body)
    value = mean * samples if kind in COUNTED else mean
    return Columns(np.full(len(start), plugin), np.full(len(start), metric), start + MINUTE_SECONDS, value)


def open_sample_past(path: Path, interval_seconds: float) -> SamplePast:
    """Open a sample file for reading. Raises NotFound, ConfigError."""
    connection = connect_to_read(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        connection.close()
        raise ConfigError(f"{path} has format {version}; this version of the product knows {VERSION}")
    return SamplePast(connection, interval_seconds)
