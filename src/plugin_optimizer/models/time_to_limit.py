"""When a limit will be reached, if it will: the level, its trend as far as that can be believed, and how far it strays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

TREND_ROWS, LEVEL_ROWS = 120, 24
MOST_CORRELATION = 0.97
Z80 = 1.2816  # two-sided 80 % of the normal distribution
SURE_Z = 3.0


@dataclass(frozen=True, slots=True)
class Slope:
    """Per series, [series] each and by row: slope with its standard error, level, and spread around the line."""

    slope: F64
    error: F64
    level: F64
    spread: F64


@dataclass(frozen=True, slots=True)
class Reached:
    """Rows until the limit: expected and the ends of an 80 % interval; NaN where no date can be named. [series] each."""

    expected: F64
    low: F64
    high: F64


def slope_of(past: F64) -> Slope:
    """Return the line through the last 120 rows of each series. `past` is [series, T] without NaN, at least 8 rows.

    The standard error of its slope is that of least squares times √((1 + a)/(1 − a)), a the lag-1 correlation of the
    residuals, at most 0.97: plain least squares calls a third of all healthy memory a leak, since memory wanders.
    Source of the factor: Bartlett, Some aspects of the time-correlation problem (1935).
    """
    recent = past[:, -TREND_ROWS:]
    rows = recent.shape[1]
    t = np.arange(rows) - (rows - 1) / 2
    mean = recent.mean(axis=1)
    slope = recent @ t / (t @ t)
    residual = recent - mean[:, None] - slope[:, None] * t
    power = np.maximum((residual**2).sum(axis=1), 1e-30)
    lagged = np.clip((residual[:, 1:] * residual[:, :-1]).sum(axis=1) / power, 0.0, MOST_CORRELATION)
    spread = np.sqrt(power / max(1, rows - 2))
    error = spread / np.sqrt(t @ t) * np.sqrt((1 + lagged) / (1 - lagged))
    level = (past[:, -1] + past[:, -LEVEL_ROWS:].mean(axis=1)) / 2
    return Slope(slope, error, level, spread)


def rows_to(past: F64, limit: "float | F64") -> Reached:
    """Return the rows until each series reaches its limit from below, with the 80 % interval; NaN where no date can be named.

    A date is named where the slope is three of its errors above none: (limit − level)/(slope ± 1.28·error).

    | level | slope ± error | limit | rows               |
    |-------|---------------|-------|--------------------|
    | 70    | 0.1 ± 0.01    | 100   | 300 (266 … 344)    |
    | 70    | 0.1 ± 0.05    | 100   | none               |
    | 105   | 0.1 ± 0.01    | 100   | 0                  |
    """
    line = slope_of(past)
    left = np.maximum(np.asarray(limit) - line.level, 0.0)
    sure = (line.slope > 0) & (line.slope >= SURE_Z * line.error)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = [np.where(sure, left / (line.slope + side * Z80 * line.error), np.nan) for side in (0.0, 1.0, -1.0)]
    return Reached(*times)
