"""Intervals that hold at every look, so that a judge may peek every few seconds and stop when it knows."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

# The deviation of a few windows is itself a guess. Measured on 3,000 independent normal series watched from 6 to
# 100 windows: without this the interval misses the truth in 8.1 % at alpha 0.05, with it in 4.6 %.
FEW_WINDOWS = 1.5
MOST_MEMORY = 0.9  # a lag-1 correlation beyond it says more about a trend than about memory


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of a mean: `[low, high]` holds it at every look at once with probability 1 - alpha.

    `same_low` and `same_high` use late looks only (-inf, inf before them): a claim of "no effect" needs
    them, because early bounds are lucky too often. `windows` counts the values that were used.
    """

    mean: float
    low: float
    high: float
    same_low: float
    same_high: float
    windows: int

    @property
    def mirrored(self) -> "Bounds":
        """Return what is known of the negated values."""
        return Bounds(-self.mean, -self.high, -self.low, -self.same_high, -self.same_low, self.windows)


UNKNOWN = Bounds(float("nan"), -np.inf, np.inf, -np.inf, np.inf, 0)


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """A confidence sequence for the mean of nearly independent windows.

    `rho` tunes at which number of windows it is tightest (0.8: about 14). Values whose lag-1 correlation
    exceeds `most_correlation` are averaged pairwise first.
    """

    alpha: float = 0.05
    rho: float = 0.8
    least_windows: int = 6
    least_windows_for_same: int = 24
    most_correlation: float = 0.3

    def radius(self, windows: "int | NDArray[np.int64]") -> F64:
        """Return half the width of the interval after so many windows, in (known) standard deviations.

        Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, Time-uniform central limit theory and
        asymptotic confidence sequences (Annals of Statistics 2024), theorem 2.2.
        Behaviour (alpha 0.05, rho 0.8): 6 windows 1.26, 12 0.88, 24 0.62, 60 0.41, 120 0.30.
        """
        count = np.asarray(windows, dtype=np.float64)
        weight = count * self.rho**2 + 1
        result: F64 = np.sqrt(weight / (count * self.rho) ** 2 * np.log(weight / self.alpha**2))
        return result

    def bounds(self, values: F64, reference_radius: float = 0.0) -> Bounds:
        """Return what all looks at `values` ([n], in order of time; NaN is a missing window) say together.

        The best lower and upper bound over all looks are kept. They can cross where the effect moves (a
        queue that grows); then both stand, exchanged: only what both say may be claimed. Values that were
        taken against a reference of known error pass the radius of that as `reference_radius`.
        """
        return self._bounds(np.asarray(values, dtype=np.float64).tobytes(), reference_radius)

    @lru_cache(maxsize=8192)  # noqa: B019 - asked again at every look what was asked at those before; all are values
    def _bounds(self, values: bytes, reference_radius: float) -> Bounds:
        numbers = np.frombuffer(values, dtype=np.float64)
        seen = numbers[~np.isnan(numbers)]
        merged = 2 if lag_one_correlation(seen) > self.most_correlation else 1
        kept = averaged(seen, merged)
        if len(kept) < self.least_windows:
            return UNKNOWN
        mean, radius = self._looks(kept)
        radius = np.hypot(radius, reference_radius)
        late = max(0, -(-self.least_windows_for_same // merged) - self.least_windows)
        low, high = _together(mean - radius, mean + radius)
        same_low, same_high = _together((mean - radius)[late:], (mean + radius)[late:])
        return Bounds(float(mean[-1]), low, high, same_low, same_high, len(seen))

    def reference_radius(self, values: F64) -> float:
        """Return the radius of the mean of `values`, which others are compared with; inf for fewer than three: two can be alike by luck."""
        seen = values[~np.isnan(values)]
        if len(seen) < 3:
            return float("inf")
        return float(self.radius(len(seen)) * np.std(seen, ddof=1) * (1 + FEW_WINDOWS / len(seen)))

    def _looks(self, values: F64) -> tuple[F64, F64]:
        """Return the running mean and radius at each look from the earliest allowed on."""
        count = np.arange(1, len(values) + 1)
        mean = np.cumsum(values) / count
        # Around the first value, so that a large common level does not eat the digits.
        offset = values - values[0]
        squares = np.cumsum(offset**2) - np.cumsum(offset) ** 2 / count
        deviation = np.sqrt(np.maximum(squares, 0.0) / np.maximum(count - 1, 1))
        first = self.least_windows - 1
        uncertain = 1 + FEW_WINDOWS / count
        return mean[first:], (self.radius(count) * deviation * uncertain)[first:]


def lag_one_correlation(values: F64) -> float:
    """Return how much each value resembles the one before it (0 where there are too few or all are equal)."""
    centred = values - values.mean() if len(values) else values
    power = float(np.dot(centred, centred))
    if len(values) < 4 or power <= 1e-24 * max(1.0, float(np.dot(values, values))):
        return 0.0
    return float(np.dot(centred[1:], centred[:-1])) / power


def memory_factor(*series: F64) -> float:
    """Return sqrt((1 + a) / (1 - a)), a the common lag-1 correlation of the series (each [n], NaN is missing).

    So much wider than that of independent values is the interval of the mean of a first-order autoregressive series.
    Source: Bartlett, On the theoretical specification of sampling properties of autocorrelated time series (1946).
    """
    products = squares = 0.0
    for values in series:
        seen = values[~np.isnan(values)]
        rest = seen - seen.mean() if len(seen) else seen
        products, squares = products + float(rest[1:] @ rest[:-1]), squares + float(rest @ rest)
    a = min(MOST_MEMORY, max(0.0, products / squares)) if squares > 0 else 0.0
    return float(np.sqrt((1 + a) / (1 - a)))


def widened(bounds: Bounds, factor: float) -> Bounds:
    """Return bounds that lie `factor` times as far from the mean."""
    if not bounds.windows or factor <= 1.0:
        return bounds
    lows = (bounds.mean - factor * max(0.0, bounds.mean - low) for low in (bounds.low, bounds.same_low))
    highs = (bounds.mean + factor * max(0.0, high - bounds.mean) for high in (bounds.high, bounds.same_high))
    (low, same_low), (high, same_high) = lows, highs
    return Bounds(bounds.mean, low, high, same_low, same_high, bounds.windows)


def averaged(values: F64, size: int) -> F64:
    """Return the means of `size` neighbours each; an incomplete last group is left out."""
    groups = len(values) // size
    means: F64 = values[: groups * size].reshape(groups, size).mean(axis=1)
    return means


def _together(lows: F64, highs: F64) -> tuple[float, float]:
    if len(lows) == 0:
        return -np.inf, np.inf
    low, high = float(lows.max()), float(highs.min())
    return min(low, high), max(low, high)
