"""Numbers over time, read from a CSV file that anybody wrote."""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from ..domain import InvalidValue

F64 = NDArray[np.float64]

MOST_COLUMNS, MOST_ROWS = 24, 2_000_000
LEAST_ROWS = 3
TIME_NAMES = ("time", "timestamp", "date", "datetime", "at", "ts")
MILLISECONDS_FROM = 1e11  # a number so large is no count of seconds: the year 5138


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """`times` [T] in Unix seconds, as the file has them; `values` [series, T], NaN where a cell is empty or no number."""

    names: tuple[str, ...]
    times: F64
    values: F64
    skipped: int  # rows whose time could not be read

    @property
    def step_seconds(self) -> float:
        """Return the median distance of the first thirty rows: what is known early."""
        steps = np.diff(self.times[:30])
        return float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0


def read_series(path: Path, offset_seconds: float = 0.0) -> SeriesFile:
    """Return the series of a CSV file with a header, a column of times and columns of numbers.

    Times are ISO 8601 (without a zone: local by `offset_seconds`) or Unix seconds or milliseconds, in the column called
    time, timestamp or alike, else in the first. Raises InvalidValue where the file cannot be read or holds no series.
    """
    try:
        with _opened(path) as file:
            sample = file.read(4096)
            file.seek(0)
            rows = list(csv.reader(file, _dialect(sample)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidValue(f"{path} cannot be read as CSV: {error}") from error
    if len(rows) < LEAST_ROWS + 1:
        raise InvalidValue(f"{path} has {max(0, len(rows) - 1)} rows below its header; expected at least {LEAST_ROWS}")
    header, body = [cell.strip() for cell in rows[0]], rows[1 : MOST_ROWS + 1]
    place = next((i for i, name in enumerate(header) if name.lower() in TIME_NAMES), 0)
    times = np.array([_moment(row[place] if place < len(row) else "", offset_seconds) for row in body])
    kept = np.flatnonzero(~np.isnan(times))
    columns = [i for i in range(len(header)) if i != place]
    values = {header[i]: np.array([_number(body[row], i) for row in kept.tolist()]) for i in columns}
    known = {
        name or f"column {n}": v for n, (name, v) in enumerate(values.items(), 1) if (~np.isnan(v)).sum() >= LEAST_ROWS
    }
    if not known or len(kept) < LEAST_ROWS:
        raise InvalidValue(
            f"{path}: expected a header, a column of times (ISO 8601 or Unix seconds) and one of numbers"
        )
    names = tuple(known)[:MOST_COLUMNS]
    return SeriesFile(names, times[kept], np.stack([known[name] for name in names]), len(body) - len(kept))


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _dialect(sample: str) -> "type[csv.Dialect]":
    try:
        return csv.Sniffer().sniff(sample, delimiters=",;\t")
    except csv.Error:
        return csv.excel


def _moment(text: str, offset_seconds: float) -> float:
    text = text.strip().strip('"')
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return number / 1000 if abs(number) >= MILLISECONDS_FROM else number
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return float("nan")
    return found.timestamp() if found.tzinfo else found.replace(tzinfo=UTC).timestamp() - offset_seconds


def _number(row: Sequence[str], column: int) -> float:
    try:
        value = float(row[column].strip().strip('"')) if column < len(row) else float("nan")
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")
