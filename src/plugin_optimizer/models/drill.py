"""One series looked at closely: where its level changed, and when it went like this before.

On demand only: the libraries (extra `analysis`) are heavy, so they are imported where they are used, and by a process of
its own (`web/drill`). Nothing that runs in a turn imports this.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

MOST_SEGMENTS, MOST_ALIKE = 12, 10
LEAST_ROWS = 20  # below which there is nothing to be cut
NORMAL_MAD = 0.6745  # of the standard normal distribution
PENALTY = 3.0  # times ln(n) for each change point
SMOOTH_ROWS = 25  # of the running median around which noise is measured
MOST_CORRELATION = 0.95
HARDER = 1.5  # times the penalty, where there are too many segments to read
LEAST_CORRELATION = 0.8  # between two shapes, to be called alike


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows `first` to `last` (both within): the median of their values, and the robust standard deviation around it."""

    first: int
    last: int
    level: float
    spread: float


@dataclass(frozen=True, slots=True)
class Alike:
    """A stretch from row `first` on, as long as the shape that was sought; `correlation` with it in 0.8…1."""

    first: int
    correlation: float


def segments(values: F64) -> list[Segment]:
    """Return the stretches of one level, in order. `values` is [T], NaN is missing; none where fewer than 20 are known.

    The cut with the least sum of squares plus 3·ln(n)·(1 + a)/(1 − a) noise variances for each change: Killick, Fearnhead,
    Eckley, Optimal detection of changepoints with a linear computational cost (2012), as `ruptures` computes it with a linear kernel
    (Celisse et al., New efficient algorithms for multiple change-point detection with reproducing kernels, 2018). Noise is
    measured around a running median; a, its lag-1 correlation, makes wandering less likely to be taken for steps. Where
    there would be more than twelve stretches, only the greater changes are told. Fails for waves: they are cut in pieces.
    """
    from ruptures import KernelCPD

    known = np.flatnonzero(~np.isnan(values))
    if len(known) < LEAST_ROWS:
        return []
    own = values[known]
    noise, penalty = _noise(own)
    search = KernelCPD(kernel="linear", min_size=max(3, len(own) // 200)).fit((own / noise).reshape(-1, 1))
    ends = search.predict(pen=penalty)
    while len(ends) > MOST_SEGMENTS:
        penalty *= HARDER
        ends = search.predict(pen=penalty)
    return [_segment(own, known, first, end) for first, end in zip([0, *ends[:-1]], ends, strict=True)]


def alike(values: F64, first: int, rows: int) -> list[Alike]:
    """Return when the series went before as in the `rows` from `first` on, the most alike first; none where it never did.

    Shapes are compared whatever their level and scale, by the distance of z-normalised stretches (Mueen's algorithm, as `stumpy`
    computes it: Law, STUMPY, 2019), told as their correlation r = 1 − d²/(2·rows). Only what ended before `first` counts,
    at most ten, none overlapping by more than three quarters. A shape with a gap, or one that does not move, is like nothing.
    """
    import stumpy

    sought, before = values[first : first + rows], values[:first]
    if len(sought) < rows or len(before) < rows or np.isnan(sought).any() or np.ptp(sought) == 0:
        return []
    most = sqrt(2 * rows * (1 - LEAST_CORRELATION))
    found = stumpy.match(sought, before, max_distance=most, max_matches=MOST_ALIKE)
    told = [Alike(int(place), 1 - float(distance) ** 2 / (2 * rows)) for distance, place in found]
    return sorted(told, key=lambda one: -one.correlation)


def _noise(own: F64) -> tuple[float, float]:
    """Return the standard deviation of the noise, and the penalty of a change in its squares."""
    half = SMOOTH_ROWS // 2
    padded = np.pad(own, half, mode="edge")
    residual = own - np.median(np.lib.stride_tricks.sliding_window_view(padded, SMOOTH_ROWS), axis=1)
    floor = max(1e-12, 1e-6 * float(np.abs(own).max()))
    noise = max(floor, float(np.median(np.abs(residual - np.median(residual)))) / NORMAL_MAD)
    power = max(float(residual @ residual), 1e-30)
    follows = min(max(float(residual[1:] @ residual[:-1]) / power, 0.0), MOST_CORRELATION)
    return noise, PENALTY * log(len(own)) * (1 + follows) / (1 - follows)


def _segment(own: F64, known: NDArray[np.int64], first: int, end: int) -> Segment:
    part = own[first:end]
    level = float(np.median(part))
    spread = float(np.median(np.abs(part - level))) / NORMAL_MAD
    return Segment(int(known[first]), int(known[end - 1]), level, spread)
