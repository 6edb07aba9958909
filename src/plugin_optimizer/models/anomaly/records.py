"""How far a value lies beyond everything ever seen, in widths of the range seen."""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Flags = NDArray[np.bool_]


def margin(low: F32, high: F32, value: F32, floor: F32, warm: Flags) -> F32:
    """Return the margin of a record, 0 where there is none or the series is not `warm` yet; widen the range in place.

    margin = max(value − high, low − value, 0) / max(high − low, floor); of n values that come in any order the next is
    a record with probability 2/(n + 1) (Rényi, Théorie des éléments saillants d'une suite d'observations, 1962), so its
    margin is what counts. Fails where a series grows for good reasons: each new value is a record, by little.

    | range seen | floor | value | margin |
    |------------|-------|-------|--------|
    | 10 … 20    | 1     | 15    | 0      |
    | 10 … 20    | 1     | 22    | 0.2    |
    | 10 … 10    | 1     | 12    | 2      |
    """
    beyond = np.maximum(value - high, low - value)
    width = np.maximum(high - low, floor)
    found = np.where(warm & (beyond > 0), beyond / width, np.float32(0))
    np.minimum(low, value, out=low)
    np.maximum(high, value, out=high)
    return np.asarray(found, dtype=np.float32)
