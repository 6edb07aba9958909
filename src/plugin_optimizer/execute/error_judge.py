"""Judges an error ratio by counting: so many of so many requests failed before, and after."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Goal, Metric, Outcome, Verdict
from ..models.confidence import UNKNOWN, Bounds
from ..models.counts import rate_ratio_interval
from .judgement import Figures, Floor, Look, about, first_decision, verdict_of

F64 = NDArray[np.float64]

METHOD = "windows"
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Failures:
    """Requests and how many of them failed, per window in order of time: both [n]."""

    failed: F64
    requests: F64

    @property
    def total(self) -> tuple[float, float]:
        return float(self.failed.sum()), float(self.requests.sum())

    @property
    def ratio(self) -> float:
        """Return the share that failed; NaN without requests."""
        failed, requests = self.total
        return failed / requests if requests > 0 else math.nan

    def first(self, windows: int) -> "Failures":
        return Failures(self.failed[:windows], self.requests[:windows])

    def last(self, windows: int) -> "Failures":
        return Failures(self.failed[-windows:], self.requests[-windows:])

    def gathered(self, windows: int) -> "Failures":
        """Return the same in windows that many times as long; an incomplete last one is left out."""
        groups = len(self.failed) // windows
        failed, requests = (
            each[: groups * windows].reshape(groups, windows).sum(axis=1) for each in (self.failed, self.requests)
        )
        return Failures(failed, requests)

    @property
    def dispersion(self) -> float:
        """Return by how much errors come in bursts: 1 if they are independent, more if one brings others.

        Pearson's chi-square per degree of freedom, never below 1.
        """
        ratio = self.ratio
        used = self.requests > 0
        if not 0 < ratio < 1 or used.sum() < 2:
            return 1.0
        expected = self.requests[used] * ratio
        excess = (self.failed[used] - expected) ** 2 / (expected * (1 - ratio))
        return max(1.0, float(excess.sum()) / (int(used.sum()) - 1))


def failures(observation: Observation, plugin_id: str, window_seconds: float) -> Failures:
    """Return what failed per window of `window_seconds`: requests that are on record one by one, else counts."""
    trace = observation.trace
    if len(trace):
        index = np.floor((trace.arrival - trace.arrival[0]) / window_seconds).astype(np.int64)
        failed = (trace.status >= SERVER_ERROR).astype(np.float64)
        return Failures(np.bincount(index, weights=failed).astype(np.float64), np.bincount(index).astype(np.float64))
    requests = observation.window.of(plugin_id, Metric.REQUESTS).astype(np.float64)
    ratio = observation.window.of(plugin_id, Metric.ERROR_RATIO).astype(np.float64)
    seen = ~np.isnan(requests) & ~(np.isnan(ratio) & (requests > 0))
    counts = requests[seen]
    return Failures(np.round(np.nan_to_num(ratio[seen]) * counts), counts)


@dataclass(frozen=True, slots=True)
class ErrorJudge:
    """`alpha` is spent over the looks, so that judging at each of them stays within it."""

    alpha: float
    floor: Floor
    least_band: float
    least_windows_for_same: int
    window_seconds: float

    def judge(self, goal: Goal, plugin_id: str, before: Observation, after: Observation) -> Verdict:
        """Return the verdict on the ratio of the two error rates."""
        old, new = (failures(side, plugin_id, self.window_seconds) for side in (before, after))
        band = math.log1p(max(self.least_band, goal.least_effect))
        present = np.where(new.requests > 0, new.requests, np.nan)

        def look_at(looked: int) -> Look:
            seen = new.first(looked)
            enough = self.floor.reached(present[:looked], seen.requests) and old.total[1] >= self.floor.requests / 2
            return Look(self._bounds(old, seen, looked) if enough else UNKNOWN, band)

        decided = first_decision(look_at, len(present), goal)
        reasons = about(decided, goal, self.floor, present, new.requests)
        seen = new.first(decided.looked) if decided.outcome is not Outcome.INCONCLUSIVE else new
        figures = Figures(old.ratio, seen.ratio, int((new.requests > 0).sum()), int(seen.total[1]))
        return verdict_of(goal, METHOD, decided, figures, reasons)

    def _bounds(self, old: Failures, new: Failures, looked: int) -> Bounds:
        """Return the bounds of log(rate after / rate before); bursts count as fewer, independent requests."""
        bursts = max(old.dispersion, new.dispersion)
        before, after = ((failed / bursts, requests / bursts) for failed, requests in (old.total, new.total))
        low, high = rate_ratio_interval(before, after, self._spent(looked))
        low, high = (_log(bound) for bound in (low, high))
        mean = _log((after[0] + 0.5) / (after[1] + 1) / ((before[0] + 0.5) / (before[1] + 1)))
        late = looked >= self.least_windows_for_same
        return Bounds(mean, low, high, low if late else -math.inf, high if late else math.inf, looked)

    def _spent(self, looked: int) -> float:
        """Return this look's part of alpha: alpha·(m − 1) / (n·(n − 1)) for n = m, m + 1, … sums up to alpha."""
        least = max(2, self.floor.windows)
        look = max(looked, least)
        return self.alpha * (least - 1) / (look * (look - 1))


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf
