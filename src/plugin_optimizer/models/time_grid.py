"""A grid of equal buckets that does not shift under a reader: its edges are whole multiples of its step."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

STEPS_SECONDS = (
    *(0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0),
    *(3_600.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 604_800.0),
)


@dataclass(frozen=True, slots=True)
class Grid:
    """`points` buckets of `step_seconds` from `begin` on (Unix seconds)."""

    begin: float
    step_seconds: float
    points: int

    @property
    def end(self) -> float:
        return self.begin + self.points * self.step_seconds

    def means(self, pairs: Sequence[tuple[float, float]]) -> F64:
        """Return the mean of what falls into each bucket: [points], NaN where nothing does."""
        known = np.array(pairs, dtype=np.float64).reshape(-1, 2)
        place = np.floor((known[:, 0] - self.begin) / self.step_seconds).astype(np.int64)
        inside = (place >= 0) & (place < self.points)
        count = np.bincount(place[inside], minlength=self.points)
        total = np.bincount(place[inside], weights=known[inside, 1], minlength=self.points)
        means: F64 = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return means


def grid_of(begin: float, end: float, points: int, least_seconds: float) -> Grid:
    """Return the finest grid over [begin, end] of at most `points` + 1 buckets, none shorter than `least_seconds`."""
    needed = max(least_seconds, (end - begin) / points)
    place = bisect_left(STEPS_SECONDS, needed)
    step = STEPS_SECONDS[place] if place < len(STEPS_SECONDS) else float(ceil(needed))
    return grid_by(begin, end, step)


def grid_by(begin: float, end: float, step_seconds: float) -> Grid:
    """Return the grid of that step over [begin, end]."""
    first = floor(begin / step_seconds) * step_seconds
    return Grid(first, step_seconds, max(1, ceil((end - first) / step_seconds)))
