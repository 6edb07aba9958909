"""Did the floor of a series rise over a day, beyond what its waves and its wandering make of it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

BLOCK_ROWS = 10  # whose least value is the floor under a garbage collector's saw-tooth
WAVES = 4  # as many waves a day are not taken for a trend
ROUNDS = 2
MOST_CORRELATION = 0.985
CRITICAL = 2.05  # of t: calibrated to 1 % of healthy memory (benchmarks/analysis); the normal distribution says 2.33
LEAST_BLOCKS = 60


@dataclass(frozen=True, slots=True)
class DayTrend:
    """Per series, [series] each: rise over the stretch with its standard error, and their ratio; NaN where too little is known."""

    rise: F64
    error: F64
    t: F64

    @property
    def rises(self) -> NDArray[np.bool_]:
        """Tell which series surely rise: at most 1.5 % of healthy ones do by chance."""
        return np.asarray(np.nan_to_num(self.t) > CRITICAL)


def day_trend(values: F64) -> DayTrend:
    """Return the trend of each series. `values` is [series, T] minutes, NaN is missing; a day is what it is made for.

    Least values of ten minutes each, fitted by a line and four pairs of waves with noise that follows itself (AR(1),
    generalised least squares: Prais, Winsten, Trend estimators and serial correlation, 1954; the correlation made larger
    by what is lost to the fit: Kendall, Note on bias in the estimation of autocorrelation, 1954). Waves are fitted along
    since one or two of them a day look like a slope; plain least squares calls over a third of healthy memory a leak.
    Fails for a leak slower than the noise of a day, and for a step, which it takes for a rise: the onset says which.

    | memory                                 | t       |
    |----------------------------------------|---------|
    | flat, or one to four waves a day       | below 2 |
    | rises by 3 sd of what wanders slowly   | 2 … 6   |
    | a saw-tooth whose floor stays          | below 2 |
    """
    floors = _floors(values)
    count, blocks = floors.shape
    unknown = np.full(count, np.nan)
    if blocks < LEAST_BLOCKS:
        return DayTrend(unknown, unknown.copy(), unknown.copy())
    design = _design(blocks)
    residual = floors - floors @ np.linalg.pinv(design).T @ design.T
    for _ in range(ROUNDS):
        fit, variance, residual = _fitted(floors, design, _correlation(residual, design.shape[1]))
    error = np.sqrt(np.maximum(variance, 0.0))
    known = ~np.isnan(values).all(axis=1) & (error > 0)
    return DayTrend(
        np.where(known, fit, np.nan),
        np.where(known, error, np.nan),
        np.where(known, fit / np.maximum(error, 1e-300), np.nan),
    )


def _floors(values: F64) -> F64:
    """Return the least value of each ten rows: [series, T // 10]; a block without any takes that of the one before."""
    rows = values.shape[1] // BLOCK_ROWS * BLOCK_ROWS
    blocks = values[:, values.shape[1] - rows :].reshape(len(values), -1, BLOCK_ROWS)
    least = np.where(np.isnan(blocks), np.inf, blocks).min(axis=2, initial=np.inf)
    known = np.isfinite(least)
    place = np.maximum.accumulate(np.where(known, np.arange(least.shape[1]), -1), axis=1)
    first = known.argmax(axis=1)[:, None]
    held = np.take_along_axis(least, np.where(place < 0, first, place), axis=1)
    return np.where(np.isfinite(held), held, 0.0)


def _design(blocks: int) -> F64:
    """Return a constant, a line that rises by 1 over the stretch, and the waves: [blocks, 2 + 2 · WAVES]."""
    at = np.arange(blocks) / blocks
    waves = [wave(2 * np.pi * k * at) for k in range(1, WAVES + 1) for wave in (np.sin, np.cos)]
    return np.stack([np.ones(blocks), at - at.mean(), *waves], axis=1)


def _correlation(residual: F64, fitted: int) -> F64:
    power = np.maximum((residual**2).sum(axis=1), 1e-300)
    seen = (residual[:, 1:] * residual[:, :-1]).sum(axis=1) / power
    lost = (1 + 3 * np.clip(seen, 0.0, 1.0) + fitted) / residual.shape[1]
    return np.asarray(np.clip(seen + lost, 0.0, MOST_CORRELATION))


def _fitted(y: F64, a: F64, phi: F64) -> tuple[F64, F64, F64]:
    """Return the line's coefficient, its variance, and residuals, with noise of correlation `phi` [series]."""
    before, after = a[:-1], a[1:]
    cross = after.T @ before
    parts = (a.T @ a, -(cross + cross.T), before.T @ before - np.outer(a[0], a[0]))
    powers = np.stack([np.ones_like(phi), phi, phi**2])
    gram = np.einsum("ks,kij->sij", powers, np.stack(parts))
    sides = (y @ a, -(y[:, 1:] @ before + y[:, :-1] @ after), y[:, :-1] @ before - y[:, :1] * a[0])
    side = np.einsum("ks,ksi->si", powers, np.stack(sides))
    inverse = np.linalg.inv(gram)
    fit = np.einsum("sij,sj->si", inverse, side)
    residual = y - fit @ a.T
    white = (1 - phi**2) * residual[:, 0] ** 2 + ((residual[:, 1:] - phi[:, None] * residual[:, :-1]) ** 2).sum(axis=1)
    return fit[:, 1], white / (len(a) - a.shape[1]) * inverse[:, 1, 1], residual
