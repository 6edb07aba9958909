"""What experiments say about the values between and beside them: a Gaussian process over differences.

A verdict is a ratio: what a value did beside the one it replaced. So what is observed is f(after) − f(before) on the
log scale, each with an uncertainty of its own, and never f itself: load that drifts between two experiments cancels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from .normal import density, distribution

F64 = NDArray[np.float64]

# What is believed before anything was tried, each combination weighed by how well it explains what was seen: how far
# apart (in shares of the range) two values still behave alike, and by how much (log ratio) values may differ at all.
LENGTHS = (0.1, 0.2, 0.35, 0.6, 1.0)
SPREADS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
USUAL_LENGTH, USUAL_SPREAD = 0.35, 0.3
LENGTH_DOUBT, SPREAD_DOUBT = 0.7, 1.0  # standard deviations of their logarithms
LEAST_DEVIATION = 1e-4
SQRT5 = sqrt(5.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """Judged differences, all [n]: places after and before, log effects, and their standard errors."""

    after: F64
    before: F64
    effect: F64
    error: F64


@dataclass(frozen=True, slots=True)
class Belief:
    """What f(x) − f(reference) is believed to be for each of [m] places: a mixture of normal distributions.

    Shapes: `weight` [k], sums to 1; `means` and `deviations` [k, m]. Below 0 is better than the reference.
    """

    weight: F64
    means: F64
    deviations: F64

    @property
    def mean(self) -> F64:
        """Return the expected log ratio: [m]."""
        return np.asarray(self.weight @ self.means)

    @property
    def deviation(self) -> F64:
        """Return the standard deviation of the log ratio: [m]."""
        second = self.weight @ (self.deviations**2 + self.means**2)
        return np.sqrt(np.maximum(second - self.mean**2, 0.0))

    def chance_above(self, limit: float) -> F64:
        """Return the probability that the log ratio exceeds `limit`: [m]."""
        return np.asarray(self.weight @ distribution((self.means - limit) / self.deviations))

    def expected_gain(self) -> F64:
        """Return the expected improvement E[max(0, −difference)] over the reference, a log ratio: [m].

        Source: Jones, Schonlau, Welch, Efficient global optimization of expensive black-box functions (1998),
        equation 15; here the incumbent is exact, since only differences to it are observed.
        """
        z = -self.means / self.deviations
        return np.asarray(self.weight @ (self.deviations * (density(z) + z * distribution(z))))


def belief(seen: Seen, places: Sequence[float], reference: float, ordered: bool) -> Belief:
    """Return what is believed of each place beside the `reference`, having seen what was seen.

    `ordered`: places near each other behave alike (Matérn 5/2); else each is only like itself. Averaged over the
    lengths and spreads above by their marginal likelihood, so that three experiments are not over-fitted.
    Source: Rasmussen, Williams, Gaussian processes for machine learning (2006), equations 2.25, 2.26, 2.30, 4.17.
    """
    x = np.asarray(places, dtype=np.float64)
    found = [_one(seen, x, reference, length, spread, ordered) for length in LENGTHS for spread in SPREADS]
    log_weight = np.array([weight for weight, _, _ in found])
    weight = np.exp(log_weight - log_weight.max())
    deviations = np.maximum(np.array([deviation for _, _, deviation in found]), LEAST_DEVIATION)
    return Belief(weight / weight.sum(), np.array([mean for _, mean, _ in found]), deviations)


def _one(seen: Seen, x: F64, reference: float, length: float, spread: float, ordered: bool) -> tuple[float, F64, F64]:
    """Return the log evidence of one combination, and the mean and deviation it gives each place."""

    def alike(one: F64, other: F64) -> F64:
        distance = np.abs(one[:, None] - other[None, :])
        return np.asarray(spread**2 * _correlation(distance, length, ordered))

    origin = np.full(1, reference)
    prior = 2 * (spread**2 - alike(x, origin)[:, 0])
    log_prior = _log_prior(length, USUAL_LENGTH, LENGTH_DOUBT) + _log_prior(spread, USUAL_SPREAD, SPREAD_DOUBT)
    if not len(seen.effect):
        return log_prior, np.zeros(len(x)), np.sqrt(np.maximum(prior, 0.0))
    a, b = seen.after, seen.before
    data = alike(a, a) - alike(a, b) - alike(b, a) + alike(b, b) + np.diag(seen.error**2)
    to = alike(x, a) - alike(x, b) - (alike(origin, a) - alike(origin, b))
    factor = np.linalg.cholesky(data)
    half, cross = np.linalg.solve(factor, seen.effect), np.linalg.solve(factor, to.T)
    evidence = -0.5 * float(half @ half) - float(np.log(np.diag(factor)).sum())
    variance = prior - (cross**2).sum(axis=0)
    return log_prior + evidence, cross.T @ half, np.sqrt(np.maximum(variance, 0.0))


def _correlation(distance: F64, length: float, ordered: bool) -> F64:
    if not ordered:
        return np.asarray(distance == 0, dtype=np.float64)
    scaled = SQRT5 * distance / length
    return np.asarray((1 + scaled + scaled**2 / 3) * np.exp(-scaled))


def _log_prior(value: float, usual: float, doubt: float) -> float:
    return -0.5 * (float(np.log(value / usual)) / doubt) ** 2
