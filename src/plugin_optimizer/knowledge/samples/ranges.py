"""A stretch of one plugin's past, from whatever resolution its age still has."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...domain import InvalidValue
from . import codec
from .columns import Columns, columns_of
from .retention import full_hour
from .rollup import HOUR_SECONDS, MINUTE_SECONDS, last_of_each_time

F64 = NDArray[np.float64]
Pairs = list[tuple[float, float]]


class Figures(NamedTuple):
    """Means of one metric, each standing for `weight` samples around the time `at`. All arrays are [n]."""

    at: F64
    mean: F64
    weight: F64


class Section(NamedTuple):
    """A part of the asked stretch, [begin, end), and the table it is read from."""

    table: str
    begin: float
    end: float


def read_range(
    connection: sqlite3.Connection, plugin: int, metrics: Sequence[int], begin: float, end: float, points: int
) -> Mapping[int, Pairs]:
    """Return (time, value) pairs per metric number in [begin, end], at most `points` each.

    Where there are no more than `points` they come as they are; else the stretch is cut into equal buckets and
    each that holds something yields its mean at its middle. A gap stays a gap.
    """
    if points < 1 or end < begin:
        raise InvalidValue(f"a range needs begin <= end and at least one point, not {begin:g}, {end:g}, {points}")
    after_end = float(np.nextafter(end, np.inf))
    hot = _hot(connection, plugin, begin, end)
    sections = _sections(connection, begin, after_end, (end - begin) / points)
    return {
        metric: _reduced(_figures(connection, plugin, metric, sections, hot), begin, end, points) for metric in metrics
    }


def _sections(connection: sqlite3.Connection, begin: float, end: float, bucket_seconds: float) -> list[Section]:
    """Choose per age the finest table that is still complete, and none finer than the buckets need."""
    horizon = dict(connection.execute("SELECT resolution, complete_from FROM horizon"))
    raw_from = horizon["raw"] if bucket_seconds < MINUTE_SECONDS else np.inf
    minutes_from = horizon["minutes"] if bucket_seconds < HOUR_SECONDS else np.inf
    first = min(max(begin, minutes_from), end)
    second = min(max(first, raw_from), end)
    sections = [Section("hours", begin, first), Section("minutes", first, second), Section("chunks", second, end)]
    return [section for section in sections if section.begin < section.end]


def _hot(connection: sqlite3.Connection, plugin: int, begin: float, end: float) -> Columns:
    return columns_of(
        connection.execute(
            "SELECT plugin, at, body FROM hot WHERE plugin=? AND at BETWEEN ? AND ? ORDER BY sequence",
            (plugin, begin, end),
        )
    )


def _figures(
    connection: sqlite3.Connection, plugin: int, metric: int, sections: Sequence[Section], hot: Columns
) -> Figures:
    parts = [_READERS[section.table](connection, plugin, metric, section) for section in sections]
    mine = hot.where(hot.metric == metric)
    parts.append(Figures(mine.at, mine.value, np.ones(len(mine))))
    at, mean, weight = (np.concatenate([part[i] for part in parts]) for i in range(3))
    _, last = last_of_each_time(at, np.arange(len(at), dtype=np.float64))
    chosen = last.astype(np.int64)
    return Figures(at[chosen], mean[chosen], weight[chosen])


def _blobs(connection: sqlite3.Connection, plugin: int, metric: int, section: Section) -> list[list[F64]]:
    rows = connection.execute(
        f"SELECT body FROM {section.table} "  # noqa: S608 - our own tables
        "WHERE plugin=? AND metric=? AND start BETWEEN ? AND ? ORDER BY start",
        (plugin, metric, full_hour(section.begin), section.end),
    )
    return [codec.decode(body) for (body,) in rows]


def _chunks(connection: sqlite3.Connection, plugin: int, metric: int, section: Section) -> Figures:
    parts = [
        Figures(times, values, np.ones(len(times))) for times, values in _blobs(connection, plugin, metric, section)
    ]
    return _within(parts, section)


def _minutes(connection: sqlite3.Connection, plugin: int, metric: int, section: Section) -> Figures:
    blobs = _blobs(connection, plugin, metric, section)
    parts = [Figures(start + MINUTE_SECONDS / 2, mean, count) for start, _, mean, _, count in blobs]
    return _within(parts, section)


def _hours(connection: sqlite3.Connection, plugin: int, metric: int, section: Section) -> Figures:
    rows = connection.execute(
        "SELECT start, mean, count FROM hours WHERE plugin=? AND metric=? AND start BETWEEN ? AND ? ORDER BY start",
        (plugin, metric, full_hour(section.begin), section.end),
    ).fetchall()
    start, mean, count = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return _within([Figures(start + HOUR_SECONDS / 2, mean, count)], section)


_READERS = {"chunks": _chunks, "minutes": _minutes, "hours": _hours}


def _within(parts: Sequence[Figures], section: Section) -> Figures:
    if not parts:
        return Figures(np.empty(0), np.empty(0), np.empty(0))
    at, mean, weight = (np.concatenate([part[i] for part in parts]) for i in range(3))
    inside = (at >= section.begin) & (at < section.end)
    return Figures(at[inside], mean[inside], weight[inside])


def _reduced(figures: Figures, begin: float, end: float, points: int) -> Pairs:
    """Return the figures as they are if they are few, else the weighted mean of each bucket at its middle."""
    if len(figures.at) <= points:
        return list(zip(figures.at.tolist(), figures.mean.tolist(), strict=True))
    width = (end - begin) / points
    bucket = np.minimum((figures.at - begin) // width, points - 1).astype(np.int64)
    weight = np.bincount(bucket, figures.weight, points)
    total = np.bincount(bucket, figures.weight * figures.mean, points)
    filled = np.flatnonzero(weight)
    middles = begin + (filled + 0.5) * width
    return list(zip(middles.tolist(), (total[filled] / weight[filled]).tolist(), strict=True))
