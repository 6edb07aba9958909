"""Samples of one plugin gathered into windows long enough to be compared."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric, Window

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WindowSeries:
    """Means per window in order of time: `at` (begin), `values` (NaN is missing) and `requests`, all [n].

    `requests` is None where nobody counts them.
    """

    at: F64
    values: F64
    requests: F64 | None

    @property
    def present(self) -> F64:
        return self.values[~np.isnan(self.values)]

    @property
    def mean(self) -> float:
        """Return the mean over windows; NaN where there is none."""
        return float(self.present.mean()) if len(self.present) else math.nan


def gather(window: Window, plugin_id: str, metric: Metric, steps: int) -> WindowSeries:
    """Return the series in windows of `steps` columns; an incomplete last window is left out.

    Figures about requests weigh by the number of requests, where that is known.
    """
    values = window.of(plugin_id, metric).astype(np.float64)
    requests = window.of(plugin_id, Metric.REQUESTS).astype(np.float64)
    groups = len(values) // steps
    table, counts = (array[: groups * steps].reshape(groups, steps) for array in (values, requests))
    counted = None if np.isnan(requests).all() else np.nansum(counts, axis=1)
    weights = np.nan_to_num(counts) if counted is not None and metric in ABOUT_REQUESTS else np.ones_like(table)
    at = window.times[: groups * steps : steps].astype(np.float64)
    return WindowSeries(at, _weighted_mean(table, weights), counted)


def steps_per_window(window: Window, plugin_id: str, metric: Metric, seconds: float, least_requests: int) -> int:
    """Return how many columns make one window of at least `seconds` and, for figures about requests, as many
    times that as hold `least_requests` on average; for gauges that are read less often, the time between two.
    """
    steps = max(1, math.ceil(seconds / window.step_seconds - 1e-9))
    if metric in GAUGES:
        return max(steps, _gap(window.of(plugin_id, metric)))
    requests = window.of(plugin_id, Metric.REQUESTS)
    if metric not in ABOUT_REQUESTS or np.isnan(requests).all():
        return steps
    rate = float(np.nanmean(requests))
    return steps * max(1, math.ceil(least_requests / (rate * steps))) if rate > 0 else steps


def _gap(values: NDArray[np.float32]) -> int:
    """Return the usual number of columns from one reading to the next (1 where there are fewer than two)."""
    gaps = np.diff(np.flatnonzero(~np.isnan(values)))
    return int(np.ceil(np.median(gaps))) if len(gaps) else 1


def _weighted_mean(table: F64, weights: F64) -> F64:
    seen = ~np.isnan(table) & (weights > 0)
    total = np.where(seen, weights, 0.0).sum(axis=1)
    summed = np.where(seen, np.nan_to_num(table) * weights, 0.0).sum(axis=1)
    return np.where(total > 0, summed / np.where(total > 0, total, 1.0), np.nan)


LATENCIES = frozenset(
    {
        Metric.RESPONSE_TIME_SECONDS,
        Metric.RESPONSE_TIME_P50_SECONDS,
        Metric.RESPONSE_TIME_P95_SECONDS,
        Metric.RESPONSE_TIME_P99_SECONDS,
        Metric.QUEUE_WAIT_SECONDS,
    }
)
GAUGES = frozenset({Metric.MEMORY_BYTES, Metric.MEMORY_RATIO, Metric.WORKER_MEMORY_BYTES})
ABOUT_REQUESTS = LATENCIES | {Metric.SERVICE_TIME_SECONDS, Metric.ERROR_RATIO}
