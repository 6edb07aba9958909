"""How far a value lies beyond everything ever seen, in widths of the range seen."""

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEAST_MARGIN = np.float32(0.03)
CHANCE_DAYS = np.float32(
    80
)  # four streams of which most go together count as two: together a record by chance in forty days
SIDES = 2  # a record is a highest or a lowest one
FEWEST_ROWS, SEEN_FOR_DAYS = np.float32(30), np.float32(0.5)
PRIOR_TIMES, TAIL_MEMORY = np.float32(30), np.float32(20)  # excesses come in bunches: twenty of them say little


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


def chance_margin(rows: F32, days: F64, excess: F32, exceeded: F32) -> F32:
    """Return the margin that a record by chance has once in eighty days, at least 3 %: [series].

    Of n values with normal tails the range is about 2σ·√(2 ln n), and a record lies beyond the one before it by σ/√(2 ln n)
    on average, so by 1/(4 ln n) of the range. Where tails are heavier, records are larger: `excess` is by how much values
    went beyond their bar on average (in ranges), `exceeded` how often they did; the normal figure counts as thirty such times.
    Excesses fall exponentially, and records come from either side, 2/days of them a day: ln(160/days) times the mean is
    passed once in eighty days. Rows are taken as independent; where they go together there are fewer records, larger ones.
    Sources: Leadbetter, Lindgren, Rootzén, Extremes and related properties of random sequences and processes (1983), 1.5;
    Davison, Smith, Models for exceedances over high thresholds (1990) for the mean excess.

    | rows   | days | excess | exceeded | margin |
    |--------|------|--------|----------|--------|
    | 2,880  | 2    | –      | 0        | 0.138  |
    | 10,080 | 7    | –      | 0        | 0.085  |
    | 10,080 | 7    | 0.10   | 15       | 0.161  |
    | 40,320 | 28   | –      | 0        | 0.041  |
    | 86,400 | 60   | –      | 0        | 0.030  |
    """
    normal = np.float32(0.25) / np.log(np.maximum(rows, FEWEST_ROWS))
    known = np.minimum(exceeded, TAIL_MEMORY)
    mean = (PRIOR_TIMES * normal + known * excess) / (PRIOR_TIMES + known)
    seldom = np.log(SIDES * CHANCE_DAYS / np.maximum(days.astype(np.float32), SEEN_FOR_DAYS))
    return np.asarray(np.maximum(LEAST_MARGIN, mean * seldom), dtype=np.float32)
