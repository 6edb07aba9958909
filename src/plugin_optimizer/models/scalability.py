"""The Universal Scalability Law: does a pool get as much faster as it works on more requests at once?

A cross-check beside the replay, which assumes that it does. A flat curve says that something is serial, but not what:
a lock, a quota and a slow database look alike.
"""

from dataclasses import dataclass
from itertools import product
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace

F64 = NDArray[np.float64]

LEAST_LEVELS = 4  # three parameters, and one observation more
LEAST_COMPLETIONS = 20  # at a level before its throughput says anything


@dataclass(frozen=True, slots=True)
class Scalability:
    """The law X(N) = γN / (1 + σ(N − 1) + κN(N − 1)).

    `rate` γ is what one at a time gets done per second, `contention` σ the share that is serial, `coherency` κ
    what each pair costs.
    """

    rate: float
    contention: float
    coherency: float

    @property
    def peak(self) -> float:
        """The concurrency beyond which more at once gets less done: N* = √((1 − σ)/κ), inf where it never falls."""
        if self.contention >= 1.0:
            return 1.0
        return sqrt((1.0 - self.contention) / self.coherency) if self.coherency > 0 else inf

    def throughput(self, concurrency: F64) -> F64:
        n = concurrency
        result: F64 = self.rate * n / (1.0 + self.contention * (n - 1.0) + self.coherency * n * (n - 1.0))
        return result


def fit_scalability(concurrency: F64, throughput: F64) -> Scalability | None:
    """Return the law fitted to levels of concurrency and their requests per second; None for fewer than four.

    N/X is linear in 1/γ, σ/γ and κ/γ, none of them negative: least squares of the relative errors over each subset
    of them that is not zero, the best of which counts. Source: Gunther, Guerrilla Capacity Planning (2007), chapter 5.
    """
    usable = (throughput > 0) & (concurrency > 0)
    n, per_request = concurrency[usable], concurrency[usable] / throughput[usable]
    if len(np.unique(n)) < LEAST_LEVELS:
        return None
    terms = np.stack([np.ones(len(n)), n - 1.0, n * (n - 1.0)], axis=1) / per_request[:, None]
    best, least = np.zeros(3), inf
    for used in product((True,), (True, False), (True, False)):
        columns = np.flatnonzero(used)
        found = np.linalg.lstsq(terms[:, columns], np.ones(len(n)), rcond=None)[0]
        error = float(((terms[:, columns] @ found - 1.0) ** 2).sum())
        if (found >= 0).all() and found[0] > 0 and error < least * (1 - 1e-9):
            best, least = np.zeros(3), error
            best[columns] = found
    if not best[0] > 0:
        return None
    return Scalability(1.0 / float(best[0]), float(best[1] / best[0]), float(best[2] / best[0]))


def observed_scalability(trace: RequestTrace) -> Scalability | None:
    """Return the law fitted to what a trace shows of itself; None where fewer than four levels were seen enough.

    The throughput at a level is what was completed while so many requests were inside workers, per second of that.
    """
    concurrency, seconds, completions = levels(trace)
    seen = (completions >= LEAST_COMPLETIONS) & (concurrency > 0)
    return fit_scalability(concurrency[seen], completions[seen] / np.maximum(seconds[seen], 1e-9))


def levels(trace: RequestTrace) -> tuple[F64, F64, F64]:
    """Return 0…most requests inside workers at once, the seconds at each, and the completions out of each."""
    if not len(trace):
        return np.zeros(1), np.zeros(1), np.zeros(1)
    moments = np.concatenate([trace.end - trace.wall, trace.end])
    steps = np.repeat([1.0, -1.0], len(trace))
    order = np.lexsort((steps, moments))  # at equal times one ends before the next begins
    inside = np.cumsum(steps[order]).astype(np.int64)
    before = np.concatenate([[0], inside[:-1]])
    most = int(inside.max()) + 1
    seconds = np.bincount(np.maximum(inside[:-1], 0), weights=np.diff(moments[order]), minlength=most)
    completions = np.bincount(np.maximum(before[steps[order] < 0], 0), minlength=most)
    return np.arange(most).astype(np.float64), seconds.astype(np.float64), completions.astype(np.float64)
