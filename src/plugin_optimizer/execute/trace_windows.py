"""Requests gathered into windows by the time they arrived."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace

F64 = NDArray[np.float64]

LONGEST_PENDING_SECONDS = 60.0
READ_LAG_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Grid:
    """Windows of `seconds` each, the first at `begin`, `count` of them complete."""

    begin: float
    seconds: float
    count: int

    @property
    def at(self) -> F64:
        return self.begin + self.seconds * np.arange(self.count, dtype=np.float64)

    def index(self, trace: RequestTrace) -> NDArray[np.int64]:
        """Return for each request the window it arrived in; `count` for those in none."""
        index = np.floor((trace.arrival - self.begin) / self.seconds).astype(np.int64)
        return np.where((index >= 0) & (index < self.count), index, self.count)

    def sums(self, index: NDArray[np.int64], weights: F64) -> F64:
        """Return the sum of `weights` per window: [count]."""
        return np.bincount(index, weights=weights, minlength=self.count + 1)[: self.count].astype(np.float64)

    def counts(self, index: NDArray[np.int64]) -> F64:
        """Return the number of requests per window: [count]."""
        return np.bincount(index, minlength=self.count + 1)[: self.count].astype(np.float64)


def window_seconds(trace: RequestTrace, step_seconds: float, least_requests: int) -> float:
    """Return the shortest multiple of `step_seconds` that holds `least_requests` at the trace's rate."""
    span = float(trace.arrival[-1] - trace.arrival[0]) if len(trace) > 1 else 0.0
    if span <= 0:
        return step_seconds
    rate = (len(trace) - 1) / span
    return step_seconds * max(1, math.ceil(least_requests / (rate * step_seconds) - 1e-9))


def complete_grid(trace: RequestTrace, seconds: float, seen_until: float) -> Grid:
    """Return the windows all of whose requests are recorded by now.

    Requests are recorded when they end, so the last end is "now"; where nothing ends any more, `seen_until`
    (Unix seconds) less the time in which records are read. A window is complete when nearly all (99 %)
    requests that arrived at its end would have ended since.
    """
    if len(trace) == 0:
        return Grid(seen_until, seconds, 0)
    now = max(seen_until - READ_LAG_SECONDS, float(trace.end.max()))
    pending = min(LONGEST_PENDING_SECONDS, float(np.quantile(trace.sojourn, 0.99)))
    begin = float(trace.arrival[0])
    return Grid(begin, seconds, max(0, math.floor((now - pending - begin) / seconds + 1e-9)))


def log_ratio(over: F64, under: F64) -> F64:
    """Return log(over / under); NaN where either is not positive."""
    usable = (over > 0) & (under > 0)
    return np.where(usable, np.log(np.where(usable, over, 1.0) / np.where(usable, under, 1.0)), np.nan)
