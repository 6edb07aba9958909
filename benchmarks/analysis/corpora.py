"""Labelled series on disk: the Numenta Anomaly Benchmark, and Microsoft's cloud monitoring dataset. Read, never shipped."""

import csv
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
UNSCORED_SHARE, UNSCORED_ROWS = 0.15, 750
SAME_EVENT_ROWS = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """`spans` are (first, last) rows of what was wrong: windows of NAB, or events. The first `unscored` rows do not count."""

    name: str
    times: F64
    values: F64
    spans: tuple[tuple[int, int], ...]

    @property
    def unscored(self) -> int:
        return int(min(UNSCORED_SHARE * len(self.values), UNSCORED_ROWS))

    @property
    def step_seconds(self) -> float:
        """Return the median distance of the first thirty rows: what is known early."""
        return float(np.median(np.diff(self.times[:30])))


def read_nab(folder: Path) -> list[Labelled]:
    """Return the series named in `windows.json` of the folder, in the order of their names."""
    windows = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    return [_nab_series(folder, name, windows[name]) for name in sorted(windows)]


def _nab_series(folder: Path, name: str, windows: Sequence[Sequence[str]]) -> Labelled:
    rows = [(moment(at), float(value)) for at, value in _rows(folder / f"{name}.gz")]
    times, values = (np.array(column) for column in zip(*rows, strict=True))
    spans = tuple(
        (int(np.flatnonzero(times == moment(begin))[0]), int(np.flatnonzero(times == moment(end))[0]))
        for begin, end in windows
    )
    return Labelled(name, times, values, spans)


def read_cloud(folder: Path) -> list[Labelled]:
    """Return all series below the folder; rows whose time or value cannot be read are left out."""
    return [_cloud_series(folder, path) for path in sorted(folder.glob("*/*.csv.gz"))]


def _cloud_series(folder: Path, path: Path) -> Labelled:
    read = []
    for row in _rows(path):
        try:
            read.append((moment(row[0]), float(row[1]), int(float(row[2]))))
        except (ValueError, IndexError):
            continue
    times, values, labels = (np.array(column) for column in zip(*read, strict=True))
    series = Labelled(path.relative_to(folder).as_posix(), times, values, ())
    return Labelled(series.name, times, values, _events(labels, series.unscored))


def _events(labels: NDArray[np.int64], first: int) -> tuple[tuple[int, int], ...]:
    """Return runs of labelled rows from `first` on; labels at most three rows apart are one event."""
    events: list[tuple[int, int]] = []
    for row in np.flatnonzero(labels).tolist():
        if row < first:
            continue
        if events and row - events[-1][1] <= SAME_EVENT_ROWS:
            events[-1] = (events[-1][0], row)
        else:
            events.append((row, row))
    return tuple(events)


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        yield from reader


def moment(text: str) -> float:
    """Return Unix seconds of a time without a zone, which is read as UTC."""
    found = datetime.fromisoformat(text.strip().strip('"').replace("Z", "+00:00")[:26])
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
