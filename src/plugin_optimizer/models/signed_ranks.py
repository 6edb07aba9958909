"""The exact signed rank test, and the estimate and interval that go with it: one look at a few pairs.

Nothing is assumed of the differences but that each is as likely to be as far above their middle as below, which
drawing the order of each pair at random makes true.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much one side lies above the other: the estimate, and an interval that holds it."""

    estimate: float
    low: float
    high: float


def two_sided_chance(differences: F64) -> float:
    """Return the exact p-value of the signed rank test against no shift (1 for no differences: [0]).

    | differences        | chance      |
    |--------------------|-------------|
    | 1, 2, 3, 4, 5, 6   | 2 / 64      |
    | −1, 2, 3, 4, 5, 6  | 4 / 64      |
    | 1, −1, 2, −2       | 1           |
    Equal sizes share their mean rank and zeros keep theirs, without a sign. The distribution is over all signs of
    the ranks at hand, so it is exact with ties too.
    Source: Wilcoxon, Individual comparisons by ranking methods (1945); Pratt, Remarks on zeros and ties (1959).
    """
    ranks = _doubled_ranks(np.abs(differences))
    signed = differences != 0
    at = int(ranks[differences > 0].sum())
    distribution = _distribution(tuple(ranks[signed].tolist()))
    return min(1.0, 2 * float(min(distribution[: at + 1].sum(), distribution[at:].sum())))


def shift(differences: F64, alpha: float) -> Shift:
    """Return the Hodges-Lehmann estimate and the interval of all shifts that the test at level `alpha` accepts.

    Differences are [n], n >= 1. The interval is infinite where no result of so few pairs could be significant, and
    holds the truth at least as often with ties (both of its ends belong to it: Noether 1967).
    Source: Hodges, Lehmann, Estimates of location based on rank tests (1963); Hollander, Wolfe, Chicken,
    Nonparametric Statistical Methods (2014), sections 3.2 and 3.3.
    """
    averages = _walsh_averages(differences)
    count = critical_count(len(differences), alpha)
    estimate = float(np.median(averages))
    if count < 0:
        return Shift(estimate, -np.inf, np.inf)
    return Shift(estimate, float(averages[count]), float(averages[len(averages) - 1 - count]))


def critical_count(pairs: int, alpha: float) -> int:
    """Return the largest rank sum that is significant at `alpha`, two-sided; −1 where none is.

    | pairs      | 5  | 6 | 7 | 8 | 9 | 10 | 14 | 20 | 25 |
    |------------|----|---|---|---|---|----|----|----|----|
    | alpha 0.05 | −1 | 0 | 2 | 3 | 5 | 8  | 21 | 52 | 89 |
    """
    below = np.cumsum(_distribution(tuple(range(1, pairs + 1))))
    return int(np.searchsorted(below, alpha / 2 * (1 + 1e-12), side="right")) - 1


def least_pairs(alpha: float) -> int:
    """Return with how many pairs a result can be significant at `alpha` at all (0.05: 6)."""
    pairs = 1
    while 2.0 ** (1 - pairs) > alpha:
        pairs += 1
    return pairs


def _walsh_averages(differences: F64) -> F64:
    """Return the means of every two differences and of each with itself, ascending: [n·(n + 1) / 2]."""
    first, second = np.triu_indices(len(differences))
    averages: F64 = np.sort((differences[first] + differences[second]) / 2)
    return averages


def _doubled_ranks(sizes: F64) -> I64:
    """Return twice the rank of each size, equal ones sharing their mean rank: whole numbers, [n]."""
    ordered = np.sort(sizes)
    first, last = (np.searchsorted(ordered, sizes, side=side) for side in ("left", "right"))
    return np.asarray(first + 1 + last, dtype=np.int64)


@lru_cache(maxsize=64)
def _distribution(ranks: tuple[int, ...]) -> F64:
    """Return the probability of each sum of those ranks that get a plus, each by a fair coin: [sum of ranks + 1]."""
    chances = np.ones(1)
    for rank in ranks:
        padded = np.concatenate((chances, np.zeros(rank)))
        padded[rank:] += chances
        chances = padded / 2
    return chances
