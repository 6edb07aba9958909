"""Since when: the moment at which a series changed its level."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
EDGE = 3  # samples at either end that cannot be the boundary of anything


def rank_onset(values: NDArray[np.floating]) -> int | None:
    """Return the index of the first value of the new level; None for a series too short or without any change.

    S_k = |r_1 + … + r_k − k·mean| / √(k(n − k)/n) over the ranks r, largest at the onset: ranks make it
    indifferent to spikes and scale. NaN is left out. Source: Pettitt, A non-parametric approach to the
    change-point problem (1979), scaled by the length of the parts.
    """
    known = np.flatnonzero(~np.isnan(values))
    count = len(known)
    if count < 2 * EDGE + 1:
        return None
    ranks = _ranks(values[known].astype(np.float64))
    if np.ptp(ranks) == 0:
        return None
    k = np.arange(1, count)
    score = np.abs(np.cumsum(ranks)[:-1] - k * ranks.mean()) / np.sqrt(k * (count - k) / count)
    score[: EDGE - 1] = score[count - EDGE :] = -1.0
    return int(known[int(np.argmax(score)) + 1])


def _ranks(values: F64) -> F64:
    """Return ranks from 1, ties averaged."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    result: F64 = ((2 * last - counts + 1) / 2)[inverse]
    return result
