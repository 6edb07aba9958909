"""The sample store on one SQLite file."""

import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...domain import InvalidValue, Metric, Sample, Window
from ..sqlite import prepare
from .columns import Columns, HotRow, body_of, columns_of
from .connections import Connections
from .grid import first_moment, grid_times, window_of
from .latest import NEVER, Latest
from .names import Names, metric_of
from .past import read_past
from .ranges import read_range
from .retention import Retention, drop_old, drop_until_fits, full_hour, give_back, note_horizon
from .sealing import seal
from .tail import Tail

TAIL_SECONDS = 900.0  # the last 10 minutes are asked for each turn
PLUGINS_PER_TRANSACTION = 32
Measured = dict[tuple[str, float], dict[Metric, float]]


class SqliteSampleStore:
    """Keeps samples, with retention; fulfils `contracts.SampleStore`.

    Thread-safe. Several processes of a host may open the same file: one writes the turns, all see them.
    """

    def __init__(self, path: Path, retention: Retention | None = None) -> None:
        self._retention = retention or Retention()
        self._connections = Connections(prepare(path))
        self._plugins, self._metrics = Names("plugins"), Names("metrics")
        self._tail, self._latest = Tail(TAIL_SECONDS), Latest()
        self._seen_sequence, self._seen_version = 0, -1
        self._raw_from = -math.inf
        self._trimmed_hour: int | None = None
        with self._connections.writing() as connection:
            self._load(connection)

    def write(self, samples: Iterable[Sample]) -> None:
        """Keep samples, all or none. One of the same plugin, metric and time replaces the one before.

        Raises InvalidValue for a number that is not finite, and for a time of which raw samples were dropped already.
        """
        measured = _measured(samples)
        if not measured:
            return
        with self._connections.alone():
            seen = self._seen_sequence
            try:
                with self._connections.writing() as connection:
                    self._sync(connection)
                    seen = self._seen_sequence
                    self._require_kept(measured)
                    rows = self._insert(connection, measured)
            except BaseException:  # names and numbers of an undone transaction are not to be trusted
                self._seen_sequence, self._seen_version = seen, -1
                raise
            self._remember(rows)

    def window(self, plugin_ids: Sequence[str], end: float, seconds: float, step_seconds: float) -> Window:
        """Return the grid that ends at `end`; NaN where there is no sample.

        Each sample goes to the nearest column of the grid (turns come a little early or late); the last in a
        column wins. The last 15 minutes are answered from memory.
        """
        times = grid_times(end, seconds, step_seconds)
        begin = first_moment(times, step_seconds)
        with self._connections.alone() as connection:
            self._sync(connection)
            numbers = [-1 if (n := self._plugins.number(name)) is None else n for name in plugin_ids]
            recent = begin >= self._tail.complete_from
            columns = self._tail.between(begin, end) if recent else Columns.empty()
        if not recent:
            with self._connections.reading() as reader:
                columns = read_past(reader, [n for n in numbers if n >= 0], begin, end)
        return window_of(plugin_ids, numbers, columns, times, step_seconds, lambda n: metric_of(self._metrics, n))

    def range(
        self, plugin_id: str, metrics: Sequence[Metric], begin: float, end: float, points: int
    ) -> Mapping[Metric, Sequence[tuple[float, float]]]:
        """Return (time, value) pairs, averaged down to at most `points` buckets; empty where nothing was measured."""
        with self._connections.alone() as connection:
            self._sync(connection)
        plugin = self._plugins.number(plugin_id)
        numbers = {metric: self._metrics.number(metric) for metric in metrics}
        asked = [number for number in numbers.values() if number is not None and plugin is not None]
        with self._connections.reading() as reader:
            found = read_range(reader, -1 if plugin is None else plugin, asked, begin, end, points)
        return {metric: found.get(-1 if number is None else number, []) for metric, number in numbers.items()}

    def latest(self, plugin_ids: Sequence[str]) -> Mapping[str, Mapping[Metric, Sample]]:
        """Return the newest sample of each metric that the plugins ever had; their time says how old it is."""
        with self._connections.alone() as connection:
            self._sync(connection)
            known = {name: self._plugins.number(name) for name in plugin_ids}
            return {
                name: {
                    metric: Sample(name, metric, at, value)
                    for key, (at, value) in ({} if n is None else self._latest.of(connection, n)).items()
                    if (metric := metric_of(self._metrics, key)) is not None
                }
                for name, n in known.items()
            }

    def last_values(
        self, plugin_ids: Sequence[str], metric: Metric | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return time and value of each plugin's newest sample of the metric, of any metric for None; NaN: there is none."""
        with self._connections.alone() as connection:
            self._sync(connection)
            wanted = None if metric is None else self._metrics.number(metric)
            numbers = [self._plugins.number(name) for name in plugin_ids]
            if metric is not None and wanted is None:
                numbers = [None] * len(numbers)
            found = [NEVER if n is None else self._latest.last(connection, n, wanted) for n in numbers]
        columns = np.array(found, np.float64).reshape(len(found), 2)
        return columns[:, 0], columns[:, 1]

    def written(self) -> int:
        """Return a number that grows with every write, also of other processes."""
        with self._connections.alone() as connection:
            self._sync(connection)
            return self._seen_sequence

    def trim(self, now: float) -> None:
        """Seal, roll up and drop what retention says. Cheap until the next full hour is due."""
        hour = full_hour(now - self._retention.hot_seconds)
        if hour == self._trimmed_hour:
            return
        plugins = self._plugins.known()
        for i in range(0, len(plugins), PLUGINS_PER_TRANSACTION):
            batch = plugins[i : i + PLUGINS_PER_TRANSACTION]
            with self._connections.writing() as connection:
                for plugin in batch:
                    seal(connection, plugin, hour)
                drop_old(connection, batch, self._retention, now)
        with self._connections.writing() as connection:
            note_horizon(connection, self._retention, now)
            drop_until_fits(connection, self._retention.cap_bytes)
            self._read_horizon(connection)
        with self._connections.alone() as connection:
            give_back(connection)
        self._trimmed_hour = hour

    def close(self) -> None:
        self._connections.close()

    # Memory and file

    def _load(self, connection: sqlite3.Connection) -> None:
        (newest,) = connection.execute("SELECT max(at) FROM hot").fetchone()
        (self._seen_sequence,) = connection.execute("SELECT coalesce(max(sequence), 0) FROM hot").fetchone()
        self._note_names(connection)
        if newest is not None:
            rows = connection.execute(
                "SELECT plugin, at, body FROM hot WHERE at>=? ORDER BY sequence", (newest - TAIL_SECONDS,)
            )
            self._tail.add(columns_of(rows))
            self._tail.complete_from = newest - TAIL_SECONDS

    def _sync(self, connection: sqlite3.Connection) -> None:
        """Take in what other processes wrote since the last look; nothing is read where nobody did."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version == self._seen_version:
            return
        self._note_names(connection)
        rows = connection.execute(
            "SELECT plugin, at, body, sequence FROM hot WHERE sequence>? ORDER BY sequence", (self._seen_sequence,)
        ).fetchall()
        if rows:
            self._seen_sequence = rows[-1][3]
            self._remember([row[:3] for row in rows])
        self._seen_version = version

    def _note_names(self, connection: sqlite3.Connection) -> None:
        self._plugins.reload(connection)
        self._metrics.reload(connection)
        self._read_horizon(connection)

    def _read_horizon(self, connection: sqlite3.Connection) -> None:
        (self._raw_from,) = connection.execute("SELECT complete_from FROM horizon WHERE resolution='raw'").fetchone()

    def _require_kept(self, measured: Measured) -> None:
        oldest = min(at for _, at in measured)
        if oldest < self._raw_from:
            raise InvalidValue(
                f"raw samples before {self._raw_from:.0f} were dropped already; {oldest:.0f} comes too late"
            )

    def _insert(self, connection: sqlite3.Connection, measured: Measured) -> list[HotRow]:
        rows = [
            (
                self._plugins.add(connection, plugin_id),
                at,
                body_of({self._metrics.add(connection, metric): value for metric, value in values.items()}),
            )
            for (plugin_id, at), values in measured.items()
        ]
        connection.executemany("INSERT INTO hot (plugin, at, body) VALUES (?, ?, ?)", rows)
        (self._seen_sequence,) = connection.execute("SELECT last_insert_rowid()").fetchone()
        return rows

    def _remember(self, rows: Sequence[HotRow]) -> None:
        columns = columns_of(rows)
        self._tail.add(columns)
        self._latest.add(columns)


def _measured(samples: Iterable[Sample]) -> Measured:
    """Group samples by plugin and time; raise InvalidValue for the first that is not finite."""
    measured: Measured = {}
    for sample in samples:
        if not (math.isfinite(sample.value) and math.isfinite(sample.at)):
            raise InvalidValue(
                f"{sample.metric} of {sample.plugin_id} is {sample.value} at {sample.at}; leave out what was not measured"
            )
        measured.setdefault((sample.plugin_id, float(sample.at)), {})[sample.metric] = float(sample.value)
    return measured
