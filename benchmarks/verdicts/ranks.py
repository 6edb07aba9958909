"""The Mann-Whitney U test as published, and the interval of the shift that Kayenta reads from it."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

TOLERANCE = 1e-4  # of the roots, in the unit of the data
BISECTIONS = 200


class AllTied(ValueError):
    """All observations are equal: no interval can be computed."""


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much one sample lies above another: `estimate` (Hodges-Lehmann) within [low, high]."""

    estimate: float
    low: float
    high: float


def above(sample: F64, reference: F64) -> F64:
    """Return for each value how many of `reference` lie below it, ties counting half: [n]; their sum is U.

    Source: Mann, Whitney, On a test of whether one of two random variables is stochastically larger (1947).
    """
    ordered = np.sort(reference)
    below, until = (np.searchsorted(ordered, sample, side) for side in ("left", "right"))
    return np.asarray((below + until) / 2.0)


def p_value(u: float, n: int, m: int) -> float:
    """Return the two-sided chance of `u` for n and m values without ties: normal, with continuity correction."""
    deviation = math.sqrt(n * m * (n + m + 1) / 12)
    distance = max(0.0, abs(u - n * m / 2) - 0.5)
    return 2 * (1 - NormalDist().cdf(distance / deviation)) if deviation > 0 else 1.0


@dataclass(frozen=True)
class _Moved:
    """The z value of the test once `mu` is taken off the sample: falls as `mu` grows."""

    sample: F64
    reference: F64
    differences: F64  # of all pairs, ascending
    ties: float

    @classmethod
    def of(cls, sample: F64, reference: F64) -> "_Moved":
        pairs = np.sort(np.subtract.outer(sample, reference).ravel())
        return cls(sample, reference, pairs, _cubes(sample) + _cubes(reference))

    def z(self, mu: float) -> float:
        n, m = len(self.sample), len(self.reference)
        left, right = (int(np.searchsorted(self.differences, mu, side)) for side in ("left", "right"))
        distance = (n * m - right) + (right - left) / 2 - n * m / 2
        ties = self.ties if left == right else _cubes(np.concatenate((self.sample - mu, self.reference)))
        variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
        if variance <= 0:
            raise AllTied("all observations are tied")
        correction = 0.5 * float(np.sign(distance))
        return (distance - correction) / math.sqrt(variance)

    def root(self, quantile: float) -> float:
        """Return where z falls to `quantile`; the end of the range where it does not."""
        low, high = float(self.differences[0]), float(self.differences[-1])
        if self.z(low) <= quantile:
            return low
        if self.z(high) >= quantile:
            return high
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            if high - low < TOLERANCE:
                break
            low, high = (middle, high) if self.z(middle) > quantile else (low, middle)
        return (low + high) / 2


def shift(sample: F64, reference: F64, confidence: float) -> Shift:
    """Return the shift of `sample` over `reference` with its asymptotic interval; raise AllTied.

    Source: R, wilcox.test (two samples, asymptotic, with correction), as Kayenta's MannWhitney has it; Hodges, Lehmann,
    Estimates of location based on rank tests (1963).
    """
    moved = _Moved.of(sample, reference)
    quantile = NormalDist().inv_cdf((1 - confidence) / 2)
    return Shift(moved.root(0.0), moved.root(-quantile), moved.root(quantile))


def _cubes(values: F64) -> float:
    """Return the sum over groups of equal values of t³ - t."""
    _, counts = np.unique(values, return_counts=True)
    return float((counts.astype(np.float64) ** 3 - counts).sum())
