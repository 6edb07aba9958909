"""Does memory grow steadily since a worker's start, and not because of more load?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric, Window
from .series import columns_of, level, mean_lately
from .trend import Trend, row_medians, theil_sen

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

BLOCKS = 12
LEAST_BLOCKS = 10  # of 12 have to hold a value
FRESH_DROP = 0.9  # a worker that is 10 % smaller than just before is another worker
SIGNIFICANT_Z = 3.0  # with the limits below: at most 1.5 % of flat AR(1) series of any memory pass (tests/analyze)
RISING_SHARE = 0.8  # of the steps from block to block
STILL_GROWING = 0.65  # slope of the last third over that of the first: what levels off is a warm-up
WARM_UP_SECONDS = 10.0  # after a start, in which imports and first requests fill memory once
STRAIGHT = 0.10  # median deviation from the line over the whole rise, where the trend is significant …
RULED = 0.04  # … and where it need not be: no wandering series runs that straight, however correlated its noise
LOAD_EXPLAINS = 0.7  # of the variance, from which the load itself may be the cause
SCREEN_RATIO = 0.01  # rises below 1 % are not looked at: keeps large fleets cheap


@dataclass(frozen=True, slots=True)
class Growth:
    """Memory growth per plugin since its clock began (window start, restart, another count). All [plugins].

    `slope`, `low`, `high`: all processes, bytes per second with an 80 % interval; `worker_slope`, `level_bytes`,
    `gained_bytes`: of the largest worker. NaN where nothing can be said. `steady` is the verdict.
    """

    steady: Flags
    slope: F64
    low: F64
    high: F64
    worker_slope: F64
    level_bytes: F64
    gained_bytes: F64
    total_bytes: F64
    bytes_per_request: F64
    certainty: F64
    since: F64
    until: float

    def seconds(self, row: int) -> float:
        return self.until - float(self.since[row])

    def seconds_to(self, row: int, limit_bytes: float) -> tuple[float, float, float] | None:
        """Return expected, earliest and latest time to the limit (80 %); None where no date can be named."""
        left, slope = limit_bytes - float(self.total_bytes[row]), float(self.slope[row])
        if not np.isfinite(left) or not slope > 0 or not self.low[row] > 0:
            return None
        left = max(0.0, left)
        return left / slope, left / float(self.high[row]), left / float(self.low[row])


def measure_growth(window: Window, least_seconds: float) -> Growth:
    """Judge every plugin of the window. The cheap screen looks at all, the trend test at what rose at all."""
    worker, total = level(window, Metric.WORKER_MEMORY_BYTES), level(window, Metric.MEMORY_BYTES)
    unknown = np.isnan(worker).all(axis=1, keepdims=True)
    worker = np.where(unknown, total, worker)
    start = _clock_start(window, worker)
    worker = np.where(np.arange(worker.shape[1]) >= start[:, None], worker, np.nan)
    total = np.where(np.isnan(worker), np.nan, total)
    first, last = _ends(worker)
    rows = _screened(window, worker, first, last, least_seconds)
    return _judged(window, worker, total, rows, first, last)


def _screened(window: Window, worker: F64, first: I64, last: I64, least_seconds: float) -> I64:
    """Return the plugins worth a closer look: long enough, measured just now, and larger than at the start."""
    index = np.arange(len(worker))
    long = (last - first + 1) * window.step_seconds >= least_seconds
    fresh = last >= worker.shape[1] - 2
    with np.errstate(invalid="ignore"):
        rose = np.asarray(worker[index, last] > worker[index, first] * (1 + SCREEN_RATIO))
    return np.flatnonzero(long & fresh & rose)


def _judged(window: Window, worker: F64, total: F64, rows: I64, first: I64, last: I64) -> Growth:
    growth = _nothing(window, len(worker), first)
    if not len(rows):
        return growth
    span = (last[rows] - first[rows]) * window.step_seconds
    middle, blocks = _blocks(worker[rows], first[rows], last[rows])
    own = theil_sen(middle, blocks)
    requests = _blocks(level(window, Metric.THROUGHPUT_PER_SECOND)[rows], first[rows], last[rows])[1]
    whole = _of_all_workers(window, rows, own, theil_sen(middle, _blocks(total[rows], first[rows], last[rows])[1]))
    growth.steady[rows] = _is_steady(middle, blocks, own) & ~_follows_load(blocks, requests)
    growth.worker_slope[rows], growth.gained_bytes[rows] = own.slope / span, own.slope
    growth.level_bytes[rows] = own.intercept + own.slope
    for column, figure in ((growth.slope, whole.slope), (growth.low, whole.low), (growth.high, whole.high)):
        column[rows] = figure / span
    growth.total_bytes[rows] = mean_lately(total[rows], 3)
    growth.bytes_per_request[rows] = np.nan_to_num(whole.slope / span / np.maximum(mean_lately(requests, BLOCKS), 1e-9))
    growth.certainty[rows] = np.nan_to_num(0.5 + own.z / 10)
    return growth


def _of_all_workers(window: Window, rows: I64, own: Trend, whole: Trend) -> Trend:
    """Return the trend of all processes together; where their sum is not known, that of one times their number."""
    workers = np.nan_to_num(mean_lately(level(window, Metric.WORKERS)[rows], BLOCKS), nan=1.0)
    unknown = np.isnan(whole.slope)
    pairs = ((whole.slope, own.slope), (whole.low, own.low), (whole.high, own.high))
    slope, low, high = (np.where(unknown, one * workers, all_of_it) for all_of_it, one in pairs)
    return Trend(slope, low, high, own.z, own.intercept)


def _nothing(window: Window, count: int, first: I64) -> Growth:
    """Return columns to be filled for the plugins that were looked at."""
    return Growth(
        steady=np.zeros(count, dtype=np.bool_),
        slope=np.full(count, np.nan),
        low=np.full(count, np.nan),
        high=np.full(count, np.nan),
        worker_slope=np.full(count, np.nan),
        level_bytes=np.full(count, np.nan),
        gained_bytes=np.full(count, np.nan),
        total_bytes=np.full(count, np.nan),
        bytes_per_request=np.zeros(count),
        certainty=np.zeros(count),
        since=window.times[first],
        until=float(window.times[-1]),
    )


def _clock_start(window: Window, worker: F64) -> I64:
    """Return the column from which each plugin's present workers are seen: after the last restart or change of count."""
    replaced: Flags = np.asarray(np.nan_to_num(window.series(Metric.RESTARTS)) > 0)
    held = _held(worker)
    replaced[:, 1:] |= held[:, 1:] < held[:, :-1] * FRESH_DROP
    workers = _held(level(window, Metric.WORKERS))
    with np.errstate(invalid="ignore"):
        replaced[:, 1:] |= np.abs(workers[:, 1:] - workers[:, :-1]) > 0
    known = ~np.isnan(worker)
    replaced |= known & (np.cumsum(known, axis=1) == 1) & (np.arange(worker.shape[1]) > 0)  # seen for the first time
    column = np.arange(worker.shape[1])
    begun = np.where(replaced, column + columns_of(window, WARM_UP_SECONDS), 0)
    return np.asarray(begun.max(axis=1, initial=0))


def _held(values: F64) -> F64:
    """Return the values with every gap filled by what was known before."""
    place = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(values.shape[1])), axis=1)
    return np.take_along_axis(values, place, axis=1)


def _ends(values: F64) -> tuple[I64, I64]:
    """Return the first and the last column with a value (0 and −1 where there is none)."""
    known = ~np.isnan(values)
    some = known.any(axis=1)
    first = np.where(some, known.argmax(axis=1), 0)
    last = np.where(some, values.shape[1] - 1 - known[:, ::-1].argmax(axis=1), -1)
    return first, last


def _blocks(values: F64, first: I64, last: I64) -> tuple[F64, F64]:
    """Return the middle of each block (0…1 of the span) and the median of each plugin in it: [12], [rows, 12]."""
    column = np.arange(values.shape[1])
    place = (column - first[:, None]) * BLOCKS // np.maximum(last - first + 1, 1)[:, None]
    medians = [row_medians(np.where(place == block, values, np.nan)) for block in range(BLOCKS)]
    return (np.arange(BLOCKS) + 0.5) / BLOCKS, np.stack(medians, axis=1)


def _is_steady(middle: F64, blocks: F64, trend: Trend) -> Flags:
    """Say where the blocks rise nearly every time, along a line, significantly, and in the last third about as fast as in the first."""
    steps = np.diff(blocks, axis=1)
    known = (~np.isnan(steps)).sum(axis=1)
    rising = (steps > 0).sum(axis=1) >= RISING_SHARE * np.maximum(known, 1)
    third = BLOCKS // 3
    early, late = (theil_sen(middle[part], blocks[:, part]).slope for part in (slice(third), slice(-third, None)))
    line = trend.intercept[:, None] + trend.slope[:, None] * middle
    with np.errstate(invalid="ignore"):
        deviation = row_medians(np.abs(blocks - line)) / np.abs(trend.slope)
        certain = (deviation <= RULED) | ((deviation <= STRAIGHT) & (trend.z >= SIGNIFICANT_Z) & (trend.low > 0))
        growing = (late > 0) & (late >= STILL_GROWING * early)
    enough = (~np.isnan(blocks)).sum(axis=1) >= LEAST_BLOCKS
    return np.asarray(enough & (trend.slope > 0) & rising & certain & growing)


def _follows_load(blocks: F64, load: F64) -> Flags:
    """Say where the memory may be explained by how much is asked now: more load takes more memory, which is no leak."""
    both = ~np.isnan(blocks) & ~np.isnan(load)
    count = np.maximum(both.sum(axis=1), 1)[:, None]
    x, y = np.where(both, load, 0.0), np.where(both, blocks, 0.0)
    x = np.where(both, x - x.sum(axis=1, keepdims=True) / count, 0.0)
    y = np.where(both, y - y.sum(axis=1, keepdims=True) / count, 0.0)
    product = (x * y).sum(axis=1)
    explained = product**2 / np.maximum((x**2).sum(axis=1) * (y**2).sum(axis=1), 1e-30)
    return np.asarray((product > 0) & (explained >= LOAD_EXPLAINS))
