"""More workers than the load ever needed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Severity, Window
from ..models.series import KNOWN_SHARE, columns_of, level, mean_lately, until

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WasteDetector:
    """Finds plugins whose busiest stretch of the window kept less than `busy_ratio` of their workers busy."""

    name: str = "waste"
    busy_ratio: float = 0.3
    least_seconds: float = 60.0
    least_requests: int = 300
    stretch_seconds: float = 15.0  # over which the busy share is averaged before its peak is taken

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        if not len(window.times):
            return
        busy, requests = level(window, Metric.BUSY_RATIO), window.series(Metric.REQUESTS)
        workers = mean_lately(level(window, Metric.WORKERS), columns_of(window, self.least_seconds))
        columns = columns_of(window, self.least_seconds)
        fresh = _known(busy, columns) & _known(requests.astype(np.float64), columns)
        peak = _peak(busy, columns_of(window, self.stretch_seconds))
        enough = np.nansum(requests, axis=1) >= self.least_requests
        for row in np.flatnonzero(fresh & enough & (peak < self.busy_ratio)):
            plugin_id = window.plugin_ids[row]
            if workers[row] > policies.of(plugin_id).shrink_floor and len(window.times) >= columns:
                yield _finding(window, plugin_id, float(peak[row]), float(workers[row]), self.busy_ratio)


def _known(values: F64, columns: int) -> NDArray[np.bool_]:
    last = ~np.isnan(values[:, -columns:])
    return np.asarray((last.mean(axis=1) >= KNOWN_SHARE) & last[:, -2:].any(axis=1) & (values.shape[1] >= columns))


def _peak(busy: F64, columns: int) -> F64:
    """Return the largest mean over `columns` neighbours, of what is known; NaN where nothing is: [plugins]."""
    known = ~np.isnan(busy)
    total = np.cumsum(np.pad(np.where(known, busy, 0.0), ((0, 0), (1, 0))), axis=1)
    count = np.cumsum(np.pad(known, ((0, 0), (1, 0))), axis=1)
    sums, counts = total[:, columns:] - total[:, :-columns], count[:, columns:] - count[:, :-columns]
    means = np.where(counts >= max(1, columns // 2), sums / np.maximum(counts, 1), -np.inf)
    peak = means.max(axis=1, initial=-np.inf)
    return np.where(np.isfinite(peak), peak, np.nan)


def _finding(window: Window, plugin_id: str, peak: float, workers: float, limit: float) -> Finding:
    return Finding(
        plugin_id=plugin_id,
        metric=Metric.BUSY_RATIO,
        kind=FindingKind.WASTE,
        severity=Severity.INFO,
        score=float(np.clip(1.0 - peak / limit, 0.0, 1.0)),
        since=float(window.times[0]),
        value=peak,
        limit=limit,
        evidence=(Message("workers_idle", {"busy_ratio": peak, "workers": round(workers)}),),
    )
