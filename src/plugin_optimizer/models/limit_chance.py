"""How likely many series go beyond their limits within so many rows: by several courses at once, each as far as its past bears it out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

FAR_ROWS, NEAR_ROWS = 240, 120
LEAST_ROWS = 24
CORRELATIONS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)  # of a row's noise with that of the row before
SETTLING, PERIODS = (0.25, 0.5, 1.0), (1.0, 2.0, 4.0)  # in lengths of what is known
LOOKS = 12  # moments ahead at which the noise is asked
LEAST_SPREAD_SHARE = 1e-6  # of the largest value: below it float noise is no spread
NORMAL_X = np.linspace(-9.0, 9.0, 4001)
NORMAL_BELOW = np.array([0.5 * (1 + erf(x / sqrt(2))) for x in NORMAL_X])


@dataclass(frozen=True, slots=True)
class _Opinion:
    """Of one course: its evidence (log), and the chance (log) that the limit is kept. [series] each."""

    evidence: F64
    kept: F64


def limit_chance(past: F64, limit: "float | F64", ahead: int) -> F64:
    """Return the chance of each series to lie beyond its limit in any of the next `ahead` rows: [series], 0 to 1.

    `past` is [series, T] without NaN, oldest first, at least 24 rows (NaN is returned for fewer). The mean of two opinions:
    of the last 120 rows (a level, a line), and of the last 240 (those, a parabola, rises and falls that level off, waves no
    shorter than what is known). Each course is taken with noise that goes together from row to row, for eight correlations;
    what is known of its parameters is uncertain, and adds to the width of where it may be. Courses are weighed by their
    evidence. The chance to keep the limit is the product over twelve moments, each worth as many independent draws as lie
    between it and the one before: 2·arccos(φ)/π a row, since normal noise crosses its mean so much less often than where
    rows are independent.

    Sources: Prais, Winsten, Trend estimators and serial correlation (1954) for lines with such noise; Schwarz, Estimating the
    dimension of a model (1978) for the evidence; Hoeting and others, Bayesian model averaging (1999) for the mean; Rice,
    Mathematical analysis of random noise (1945) for the crossings. Fails
    where a series turns into something else, and for bursts: noise is taken as normal.

    | past                            | limit | chance |
    |---------------------------------|-------|--------|
    | noise of 1 around 100           | 110   | 0.00   |
    | noise of 1 around 100           | 100   | 1.00   |
    | rising by 0.1 a row to 104      | 106   | 1.00   |
    """
    count, rows = past.shape
    bound = np.broadcast_to(np.asarray(limit, dtype=np.float64), (count,))
    if rows < LEAST_ROWS:
        return np.full(count, np.nan)
    near = _kept(past[:, -NEAR_ROWS:], bound, ahead, _lines)
    far = _kept(past[:, -FAR_ROWS:], bound, ahead, _courses)
    chance: F64 = 1 - (near + far) / 2
    return chance


def _lines(t: F64) -> Iterator[F64]:
    """Yield the shapes of a level and of a line at `t`, in lengths of what is known, 0 at the last row: [rows, parameters]."""
    level = np.ones_like(t)
    yield np.stack([level], axis=1)
    yield np.stack([level, t], axis=1)


def _courses(t: F64) -> Iterator[F64]:
    level = np.ones_like(t)
    yield from _lines(t)
    yield np.stack([level, t, t * t], axis=1)
    for constant in SETTLING:
        yield np.stack([level, np.exp(-(t + 1) / constant)], axis=1)
    for period in PERIODS:
        yield np.stack([level, np.cos(2 * np.pi * t / period), np.sin(2 * np.pi * t / period)], axis=1)


def _kept(past: F64, limit: F64, ahead: int, courses: Callable[[F64], Iterator[F64]]) -> F64:
    """Return the chance that the limit is kept, over all courses and correlations: [series]."""
    rows = past.shape[1]
    moments = np.unique(np.geomspace(1, ahead, LOOKS).round().astype(np.int64))
    t = np.concatenate([np.arange(1 - rows, 1), moments]) / rows
    opinions = [
        _opinion(past, limit, shape[:rows], shape[rows:], moments, correlation)
        for shape in courses(t)
        for correlation in CORRELATIONS
    ]
    evidence = np.array([one.evidence for one in opinions])
    weight = np.exp(evidence - evidence.max(axis=0))
    chance: F64 = (weight * np.exp([one.kept for one in opinions])).sum(axis=0) / weight.sum(axis=0)
    return chance


def _opinion(past: F64, limit: F64, known: F64, next_: F64, moments: NDArray[np.int64], correlation: float) -> _Opinion:
    """Fit one shape with one correlation: rows less what the row before foretells are independent, and so is the first, scaled."""
    rows, parameters = known.shape
    first = np.sqrt(1 - correlation**2)
    shape = np.concatenate([first * known[:1], known[1:] - correlation * known[:-1]])
    value = np.concatenate([first * past[:, :1], past[:, 1:] - correlation * past[:, :-1]], axis=1)
    inverse = np.linalg.inv(shape.T @ shape)
    fitted = value @ shape @ inverse
    least = (LEAST_SPREAD_SHARE * np.maximum(np.abs(past).max(axis=1), 1e-9)) ** 2
    variance = np.maximum(((value - fitted @ shape.T) ** 2).sum(axis=1) / (rows - parameters), least)
    evidence = -(rows - parameters) / 2 * np.log(variance) + np.log(first) - parameters / 2 * np.log(rows)
    remembered = correlation**moments
    middle = fitted @ next_.T + (past[:, -1] - fitted @ known[-1])[:, None] * remembered
    unsure = next_ - remembered[:, None] * known[-1]
    doubt = np.einsum("mi,ij,mj->m", unsure, inverse, unsure)
    width = np.sqrt(variance[:, None] * ((1 - remembered**2) / (1 - correlation**2) + doubt))
    below = np.interp((limit[:, None] - middle) / width, NORMAL_X, NORMAL_BELOW)
    draws = np.diff(moments, prepend=0) * 2 * np.arccos(correlation) / np.pi
    return _Opinion(evidence, np.log(np.maximum(below, 1e-300)) @ draws)
