"""How far a figure of a recorded stretch may lie from the same figure of the next one."""

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

DRAWS = 200
MAXIMUM_CELLS = 2_000_000  # draws * requests: bounds the memory of one interval to 16 MB
BOTH_STRETCHES = 2**0.5  # the recorded and the future stretch are both samples


def block_ratios(values: F64, quantile: float | None, block: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return the factors [low, high] around the mean (`quantile` None) or a quantile that hold with probability 0.8.

    Resamples circular blocks of `block` neighbours, so that what comes in bursts stays in bursts. The spread is
    that of a *future* stretch of the same length against the recorded one, hence wider by the root of 2.
    Source: Politis, Romano, A circular block-resampling procedure for stationary data (1992).
    """
    count = len(values)
    if count < 2:
        return 0.0, float("inf")
    draws = int(min(DRAWS, max(40, MAXIMUM_CELLS // count)))
    block = min(max(1, block), count)
    starts = rng.integers(count, size=(draws, -(-count // block)))
    index = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :count] % count
    figures = _figure(values[index], quantile)
    centre = float(_figure(values[None, :], quantile)[0])
    spread = np.log(np.maximum(figures, 1e-12) / max(centre, 1e-12)) * BOTH_STRETCHES
    low, high = np.quantile(spread, (0.1, 0.9))
    return float(np.exp(min(low, 0.0))), float(np.exp(max(high, 0.0)))


def _figure(rows: F64, quantile: float | None) -> F64:
    result: F64 = rows.mean(axis=1) if quantile is None else np.quantile(rows, quantile, axis=1)
    return result
