"""Other ways to tell what is unusual, on the same rows: two that look at nothing or almost nothing, and two from the literature."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from .corpora import Labelled

F64 = NDArray[np.float64]

CLOCK, CLOCK_SHARE, CLOCKS = "blind clock", 0.06, 12
WARM_ROWS = 100


def clock_of(one: Labelled, phase: int) -> F64:
    """Alert every 6 % of the file, and never look at a value: what a score is worth that this one also gets."""
    count = len(one.values)
    score = np.zeros(count)
    offset = CLOCK_SHARE * phase / CLOCKS
    rows = np.arange(offset * count, count, CLOCK_SHARE * count).astype(np.int64)
    score[rows[rows < count]] = 1.0
    return score


def blind_clock(one: Labelled) -> F64:
    return clock_of(one, 0)


def record(one: Labelled) -> F64:
    """Return how far beyond the least and the most value so far, in ranges; 0 in the first hundred rows."""
    most, least = np.maximum.accumulate(one.values), np.minimum.accumulate(one.values)
    score = np.zeros(len(one.values))
    above, below = one.values[1:] - most[:-1], least[:-1] - one.values[1:]
    width = np.maximum(most[:-1] - least[:-1], 0.01 * np.abs(one.values[:-1]) + 1e-12)
    score[1:] = np.maximum(np.maximum(above, below), 0) / width
    score[:WARM_ROWS] = 0
    return score


def ewma_z(one: Labelled, rate: float = 0.01) -> F64:
    """Return |value − mean|/sd, both exponentially weighted, before the row is learnt."""
    mean, variance = float(one.values[0]), 0.0
    score = np.zeros(len(one.values))
    for row, value in enumerate(one.values.tolist()):
        off = value - mean
        sd = variance**0.5
        score[row] = abs(off) / sd if row >= WARM_ROWS and sd > 0 else 0.0
        share = max(rate, 1 / (row + 1))
        mean += share * off
        variance = (1 - share) * (variance + share * off * off)
    return score


def half_space_trees(one: Labelled, trees: int = 25, depth: int = 8, window: int = 250, lags: int = 3) -> F64:
    """Return 1 − mass of half-space trees: Tan, Ting, Liu, Fast anomaly detection for streaming data (2011).

    Our own reference implementation, after the paper: 25 trees, depth 8, windows of 250 rows, the last three values as
    features scaled by the range so far. Where river is installed its own trees stand beside these (`libraries`).
    """
    rng = np.random.default_rng(42)
    nodes = 2 ** (depth + 1) - 1
    feature = rng.integers(0, lags, (trees, nodes))
    low, high = np.zeros((trees, nodes, lags)), np.ones((trees, nodes, lags))
    pivot = rng.uniform(0, 1, (trees, lags))
    reach = 2 * np.maximum(pivot, 1 - pivot)
    low[:, 0], high[:, 0] = pivot - reach, pivot + reach
    split = np.zeros((trees, nodes))
    tree = np.arange(trees)
    for node in range(2**depth - 1):
        f = feature[:, node]
        split[:, node] = (low[tree, node, f] + high[tree, node, f]) / 2
        for child in (2 * node + 1, 2 * node + 2):
            low[:, child], high[:, child] = low[:, node], high[:, node]
        high[tree, 2 * node + 1, f] = low[tree, 2 * node + 2, f] = split[:, node]
    return _mass_scores(_scaled_lags(one.values, lags), feature, split, depth, window)


def _scaled_lags(values: F64, lags: int) -> F64:
    least, most = np.minimum.accumulate(values), np.maximum.accumulate(values)
    rows = np.stack([np.concatenate([np.full(lag, values[0]), values[: len(values) - lag]]) for lag in range(lags)], 1)
    scaled: F64 = (rows - least[:, None]) / np.maximum(most - least, 1e-12)[:, None]
    return scaled


def _mass_scores(points: F64, feature: NDArray[np.int64], split: F64, depth: int, window: int) -> F64:
    tree = np.arange(len(feature))
    known, gathered = np.zeros(feature.shape), np.zeros(feature.shape)
    weight = 2.0 ** np.arange(depth + 1)
    most = window * len(feature) * 2.0**depth
    score = np.zeros(len(points))
    for row, point in enumerate(points):
        node = np.zeros(len(feature), dtype=np.int64)
        total, open_ = np.zeros(len(feature)), np.ones(len(feature), np.bool_)
        for level in range(depth + 1):
            mass = known[tree, node]
            total = np.where(open_, mass * weight[level], total)
            open_ &= mass >= 0.1 * window
            gathered[tree, node] += 1
            if level < depth:
                right = point[feature[tree, node]] >= split[tree, node]
                node = 2 * node + 1 + right
        score[row] = 1 - total.sum() / most if row >= window else 0.0
        if (row + 1) % window == 0:
            known, gathered = gathered, np.zeros(feature.shape)
    return score


PEERS: Mapping[str, Callable[[Labelled], F64]] = {
    CLOCK: blind_clock,
    "min/max record": record,
    "EWMA-z": ewma_z,
    "half-space trees": half_space_trees,
}
