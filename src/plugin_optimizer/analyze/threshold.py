"""A metric stands above its policy's threshold for long enough."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Finding, FindingKind, Fleet, Message, Metric, Policies, Policy, Severity, Window
from ..models.breach import breach_of, surely_late
from ..models.proportions import binomial_tail
from ..models.series import columns_of, known_lately, level, until

F64 = NDArray[np.float64]

CRITICAL_RATIO = 1.5  # of the threshold
CRITICAL_SHARE = 0.95  # for what cannot exceed 1: CPU and memory
BLOCK_ROWS = 256
WEIGHED = (Metric.ERROR_RATIO, Metric.RESPONSE_TIME_P95_SECONDS)  # figures that mean little for few requests


@dataclass(frozen=True, slots=True)
class ThresholdDetector:
    """Finds what exceeded its threshold for `sustain_seconds` and has not fallen below `clear_ratio` of it since.

    Where a plugin's requests are recorded they decide on its response time: a breach that they show for certain is
    found at once, however short, and one that chance may have made is not, however long. Failures are weighed by their
    counts likewise.
    The hysteresis is read from the window alone: a finding that began before the window and is still on is found
    again as long as the value stays above the threshold for the sustain time anywhere in it.
    """

    name: str = "threshold"
    least_requests: int = 20  # within the sustain time; one failure of one request is no outage
    chance: float = 0.01  # of so many failures where the share allowed is just kept

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        window = until(window, fleet.now)
        if not len(window.times):
            return
        each = [policies.of(plugin_id) for plugin_id in window.plugin_ids]
        for metric, limits in _limits(each).items():
            yield from self._of(metric, limits, window, each, fleet)

    def _of(self, metric: Metric, limits: F64, window: Window, each: list[Policy], fleet: Fleet) -> Iterator[Finding]:
        values = level(window, metric)
        need = np.array([columns_of(window, policy.sustain_seconds) for policy in each])
        since = _on_since(values, limits, limits * [policy.clear_ratio for policy in each], need)
        breached = _breached(window, fleet) if metric is Metric.RESPONSE_TIME_P95_SECONDS else {}
        for broken, column in breached.items():
            if np.isnan(values[broken, column:]).all():
                continue
            last = len(window.times) - column
            yield _finding(metric, window, broken, values[broken], float(limits[broken]), column, last)
            since[broken] = -1
        for row in np.flatnonzero(since >= 0):
            columns = int(need[row])
            if not known_lately(values[row : row + 1], columns)[0] or self._too_few(metric, window, int(row), columns):
                continue
            if metric is Metric.ERROR_RATIO and self._by_chance(window, int(row), int(since[row]), float(limits[row])):
                continue
            if metric is Metric.RESPONSE_TIME_P95_SECONDS and not _surely(window, fleet, int(row), int(since[row])):
                continue
            yield _finding(metric, window, int(row), values[row], float(limits[row]), int(since[row]), columns)

    def _too_few(self, metric: Metric, window: Window, row: int, columns: int) -> bool:
        counts = window.series(Metric.REQUESTS)[row, -columns:]
        return metric in WEIGHED and not np.isnan(counts).all() and float(np.nansum(counts)) < self.least_requests

    def _by_chance(self, window: Window, row: int, since: int, limit: float) -> bool:
        """Tell whether chance may have made so many failures of a share that is allowed; False where nobody counted.

        One failure in each of four columns of ten requests stands above 5 % all the time, and is what 1 % makes now and then.
        """
        shares = window.series(Metric.ERROR_RATIO)[row, since:].astype(np.float64)
        counts = window.series(Metric.REQUESTS)[row, since:].astype(np.float64)
        known = ~np.isnan(shares) & ~np.isnan(counts)
        total = float(counts[known].sum())
        return (
            total > 0 and binomial_tail(round(float(shares[known] @ counts[known])), round(total), limit) >= self.chance
        )


def _breached(window: Window, fleet: Fleet) -> Mapping[int, int]:
    """Return the rows whose requests show a breach, each with the first column of it."""
    found = {}
    for row, plugin_id in enumerate(window.plugin_ids):
        view = fleet.views.get(plugin_id)
        breach = breach_of(view, window, fleet.now) if view is not None else None
        if breach is not None:
            found[row] = min(int(np.searchsorted(window.times, breach.since)), len(window.times) - 1)
    return found


def _surely(window: Window, fleet: Fleet, row: int, since: int) -> bool:
    """Tell whether the requests themselves, where they are recorded, leave no doubt since that column."""
    view = fleet.views.get(window.plugin_ids[row])
    return view is None or surely_late(view, float(window.times[since]) - window.step_seconds, fleet.now)


def _limits(each: list[Policy]) -> dict[Metric, F64]:
    """Return per metric the thresholds of all plugins: [plugins]."""
    return {
        Metric.CPU_RATIO: np.array([policy.cpu_ratio for policy in each]),
        Metric.MEMORY_RATIO: np.array([policy.memory_ratio for policy in each]),
        Metric.ERROR_RATIO: np.array([policy.error_ratio for policy in each]),
        Metric.RESPONSE_TIME_P95_SECONDS: np.array([policy.response_time_seconds for policy in each]),
    }


def _on_since(values: F64, limits: F64, clears: F64, need: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return per plugin the column at which the present exceedance began, −1 where there is none.

    A missing value neither ends nor begins an exceedance; one run needs `need` columns, 80 % of them known.
    """
    everywhere = np.full(len(values), -1)
    rows = np.flatnonzero((values > limits[:, None]).any(axis=1))  # most of a fleet never exceed anything
    if len(rows):
        everywhere[rows] = _began(values[rows], limits[rows], clears[rows], need[rows])
    return everywhere


def _began(values: F64, limits: F64, clears: F64, need: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the same for rows that are above at some time; rows in blocks, as each takes a few tables of its size."""
    blocks = [slice(first, first + BLOCK_ROWS) for first in range(0, len(values), BLOCK_ROWS)]
    return np.concatenate([_began_in_block(values[b], limits[b, None], clears[b, None], need[b, None]) for b in blocks])


def _began_in_block(values: F64, limits: F64, clears: F64, need: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the beginning of the first run long enough after the last value that cleared; `limits` etc. are [rows, 1]."""
    columns = np.arange(values.shape[1])
    above = values > limits
    counted = above.cumsum(axis=1)
    known = counted - np.maximum.accumulate(np.where(values <= limits, counted, 0), axis=1)  # since the last one below
    began = np.maximum.accumulate(np.where(above & (known == 1), columns, -1), axis=1)
    length = columns - began + 1
    sustained = (known > 0) & (length >= need) & (known >= 0.8 * length)
    cleared = np.where(values < clears, columns, -1).max(axis=1, keepdims=True)
    sustained &= columns > cleared
    first = sustained.argmax(axis=1)
    rows = np.arange(len(values))
    return np.where(sustained[rows, first], began[rows, first], -1)


def _finding(metric: Metric, window: Window, row: int, values: F64, limit: float, since: int, columns: int) -> Finding:
    value = float(np.nanmedian(values[-columns:]))
    bounded = metric in (Metric.CPU_RATIO, Metric.MEMORY_RATIO)
    critical = value >= (max(limit, CRITICAL_SHARE) if bounded else CRITICAL_RATIO * limit)
    begun = float(window.times[since])
    evidence = Message("above_threshold", {"lasting_seconds": float(window.times[-1]) - begun + window.step_seconds})
    return Finding(
        plugin_id=window.plugin_ids[row],
        metric=metric,
        kind=FindingKind.THRESHOLD,
        severity=Severity.CRITICAL if critical else Severity.WARNING,
        score=float(np.clip(value / (2 * limit), 0.5, 1.0)),
        since=begun,
        value=value,
        limit=limit,
        evidence=(evidence,),
    )
