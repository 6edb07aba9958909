"""Recorded series as sources of load and service levels, read where they lie when the benchmark runs.

None is part of the project: without a folder everything is drawn. Expected are gzipped CSV files as the Numenta Anomaly
Benchmark (`timestamp,value`) and Microsoft's Cloud Monitoring Dataset (`TimeStamp,Value,Label`) have them.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LOADS = ("nab_dev/realTweets/*.csv.gz", "cloud_monitoring_dev/mongodb-*rps/*.csv.gz")
LEVELS = ("cloud_monitoring_dev/middle-tier-api-dependency-latency/*.csv.gz",)
STRETCH = 240  # rows, each for one turn of 5 s: as long as a case
SMALLEST, LARGEST = 0.5, 2.0  # factors, so that no stretch alone fills a pool
LEAST_ROWS = 2 * STRETCH


@dataclass(frozen=True, slots=True)
class Recordings:
    """Series of values, oldest first; empty where nothing was given."""

    loads: tuple[tuple[float, ...], ...] = ()
    levels: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def under(cls, folder: Path) -> "Recordings":
        """Read what lies there; raise FileNotFoundError where none of the expected files does."""
        loads, levels = (tuple(_series(folder, patterns)) for patterns in (LOADS, LEVELS))
        if not loads and not levels:
            raise FileNotFoundError(f"{folder} holds none of {', '.join((*LOADS, *LEVELS))}")
        return cls(loads, levels)

    def load(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Return factors on the rate, one for each turn: a random stretch, its median 1."""
        return _stretch(self.loads, rng)

    def level(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Return factors on service times, likewise."""
        return _stretch(self.levels, rng)


def _series(folder: Path, patterns: tuple[str, ...]) -> Iterator[tuple[float, ...]]:
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        values = tuple(_values(path))
        if len(values) >= LEAST_ROWS:
            yield values


def _values(path: Path) -> Iterator[float]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.reader(file):
            try:
                yield float(row[1])
            except (IndexError, ValueError):
                continue  # the header, or a row that does not parse


def _stretch(series: tuple[tuple[float, ...], ...], rng: np.random.Generator) -> tuple[float, ...]:
    if not series:
        return ()
    values = series[int(rng.integers(len(series)))]
    begin = int(rng.integers(len(values) - STRETCH))
    part = np.array(values[begin : begin + STRETCH])
    level = float(np.median(part))
    if level <= 0:
        return ()
    return tuple(np.clip(part / level, SMALLEST, LARGEST).tolist())
