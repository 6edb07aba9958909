"""Slopes that outliers cannot drag, for many series at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Z80 = 1.2816  # two-sided 80 % of the normal distribution
MOST_CORRELATION = 0.95


@dataclass(frozen=True, slots=True)
class Trend:
    """Per series: slope with its 80 % interval (value per second) and the Mann-Kendall statistic. All [series].

    NaN where fewer than four points are known. `z` is already reduced by the autocorrelation of the residuals.
    """

    slope: F64
    low: F64
    high: F64
    z: F64
    intercept: F64


def block_medians(times: F64, values: NDArray[np.floating], blocks: int) -> tuple[F64, F64]:
    """Return the mean time and the median of each of `blocks` stretches of equal length: [blocks], [series, blocks].

    NaN where a stretch holds nothing. Medians of blocks are what makes trends of noisy series readable.
    """
    edges = np.linspace(times[0], times[-1], blocks + 1)
    place = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, blocks - 1)
    middle = (edges[:-1] + edges[1:]) / 2
    medians = np.full((values.shape[0], blocks), np.nan)
    for block in range(blocks):
        medians[:, block] = row_medians(values[:, place == block].astype(np.float64))
    return middle, medians


def theil_sen(times: F64, values: F64) -> Trend:
    """Return the median slope of all pairs of points. Shapes: `times` [n], `values` [series, n], NaN is missing.

    Sources: Sen, Estimates of the regression coefficient based on Kendall's tau (1968), also for the interval;
    Mann (1945) for z; effective sample size by the lag-1 correlation of the residuals, √((1 − a)/(1 + a)).
    """
    first, second = np.triu_indices(len(times), 1)
    with np.errstate(invalid="ignore"):
        slopes = (values[:, second] - values[:, first]) / (times[second] - times[first])
        signs = np.sign(slopes)
    known = (~np.isnan(values)).sum(axis=1).astype(np.float64)
    slope = row_medians(slopes)
    intercept = row_medians(values - slope[:, None] * times)
    shrink = _independence(values - slope[:, None] * times - intercept[:, None])
    sigma = np.sqrt(np.maximum(known * (known - 1) * (2 * known + 5) / 18, 1e-12))
    z = np.nansum(signs, axis=1) / sigma * shrink
    low, high = _sen_interval(slopes, Z80 * sigma / shrink)
    few = known < 4
    for column in (slope, low, high, z, intercept):
        column[few] = np.nan
    return Trend(slope, low, high, z, intercept)


def _sen_interval(slopes: F64, width: F64) -> tuple[F64, F64]:
    """Return the slopes whose ranks lie `width / 2` pairs below and above the middle."""
    ordered = np.sort(slopes, axis=1)  # NaN goes last
    pairs = (~np.isnan(slopes)).sum(axis=1)
    last = np.maximum(pairs - 1, 0)
    low = np.clip(np.floor((pairs - width) / 2), 0, last).astype(np.int64)
    high = np.clip(np.ceil((pairs + width) / 2), 0, last).astype(np.int64)
    row = np.arange(len(slopes))
    return ordered[row, low], ordered[row, high]


def _independence(residuals: F64) -> F64:
    """Return √((1 − a)/(1 + a)) with a the lag-1 correlation in [0, 0.95]: [series]."""
    filled = np.nan_to_num(residuals - np.nan_to_num(row_medians(residuals))[:, None], nan=0.0)
    power = (filled**2).sum(axis=1)
    lagged = (filled[:, 1:] * filled[:, :-1]).sum(axis=1)
    correlation = np.clip(lagged / np.maximum(power, 1e-30), 0.0, MOST_CORRELATION)
    return np.asarray(np.sqrt((1 - correlation) / (1 + correlation)))


def row_medians(rows: F64) -> F64:
    """Return the median of each row without its NaN; NaN (and no warning) where nothing is left."""
    ordered = np.sort(rows, axis=1)
    known = (~np.isnan(rows)).sum(axis=1)
    if rows.shape[1] == 0:
        return np.full(rows.shape[0], np.nan)
    row = np.arange(rows.shape[0])
    low, high = np.maximum((known - 1) // 2, 0), np.minimum(known // 2, rows.shape[1] - 1)
    return np.where(known > 0, (ordered[row, low] + ordered[row, high]) / 2, np.nan)
