"""Where many series will be some rows ahead: the plain forecast that would have served each best so far, and a band from its errors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

F64 = NDArray[np.float64]

MEDIAN_ROWS = (5, 24, 120)
RATES = (0.2, 0.5)
FIRST_ROWS = 24  # after which forecasts are compared
LEAST_SEASONS, MOST_SEASONS = 3, 7
LEAST_ERRORS = 20
COVERED = 0.8


@dataclass(frozen=True, slots=True)
class Ahead:
    """Expected value and the ends of the 80 % band, [series] each; NaN where too little is known."""

    expected: F64
    low: F64
    high: F64


def foretell(past: F64, ahead: int) -> Ahead:
    """Return where each series will be `ahead` rows from its last one. `past` is [series, T] without NaN, oldest first.

    Of six plain forecasts (the last value; medians of the last 5, 24 and 120 rows; exponentially weighted means of rate
    0.2 and 0.5) the one whose absolute error at this very distance was least over the past, series by series. The band:
    how far that one was off (split conformal: Lei et al., Distribution-free predictive inference for regression, 2018).
    No trend: only who has tested for one may name it. Fails where a series turns into something else.

    | rows known | ahead | expected          | band       |
    |------------|-------|-------------------|------------|
    | 24 + ahead or fewer | any | last value | NaN        |
    | 240        | 12    | the best of six   | 205 errors |
    | 240        | 60    | the best of six   | 157 errors |
    """
    return foretell_each(past, (ahead,))[0]


def foretell_each(past: F64, aheads: Sequence[int], seasons: Sequence[int] = ()) -> list[Ahead]:
    """Return what `foretell` does for several distances at the cost of one.

    `seasons`: rows of a day, of a week. Beside the six then stand the value of the same row of the last whole season that
    is known, and the median of that row over up to seven seasons; they are taken only where they have been better. A season
    is left out where fewer than three were seen, or fewer than twenty of its own errors are known.
    """
    forecasts = np.stack(_plain(past)) if past.shape[1] >= FIRST_ROWS else np.empty((0, *past.shape))
    return [_foretold(past, forecasts, ahead, seasons) for ahead in aheads]


def _foretold(past: F64, forecasts: F64, ahead: int, seasons: Sequence[int]) -> Ahead:
    count, rows = past.shape
    unknown = np.full(count, np.nan)
    if rows - FIRST_ROWS + 1 - ahead < LEAST_ERRORS:
        return Ahead(past[:, -1].copy() if rows else unknown, unknown, unknown.copy())
    lags = {season: season * -(-ahead // season) for season in seasons if rows >= LEAST_SEASONS * season}
    used = [season for season, lag in lags.items() if rows - lag >= LEAST_ERRORS]
    first = max(
        [FIRST_ROWS - 1, *(lags[season] - ahead for season in used)]
    )  # from which on all of them can be compared
    by_season = [_seasonal(past, first, ahead, season) for season in used]
    made = np.concatenate([forecasts[:, :, first - FIRST_ROWS + 1 :], *by_season])
    errors = past[None, :, first + ahead :] - made[:, :, :-ahead]
    best = np.abs(errors).mean(axis=2).argmin(axis=0)
    series = np.arange(count)
    expected = made[best, series, -1]
    low, high = _band(errors[best, series], ahead)
    return Ahead(expected, expected + low, expected + high)


def _band(errors: F64, ahead: int) -> tuple[F64, F64]:
    """Return the errors that 80 % of all lie between, a little more where few of them are independent.

    Errors at a distance of `ahead` overlap: n of them say as much as m = n/ahead. Each tail holds 10 % · m/(m + 1); and
    where m is small both ends are moved out to what errors of either sign reach, since a drift that went one way so far
    may go the other: the share of the symmetric band is 1/(1 + m/3).
    """
    count = errors.shape[1]
    independent = count / ahead
    tail = (1 - COVERED) / 2 * independent / (independent + 1)
    below = max(0, int(np.floor(tail * (count + 1))) - 1)
    ordered, either = np.sort(errors, axis=1), np.sort(np.abs(errors), axis=1)
    reach = either[:, max(0, count - 1 - 2 * below)]
    share = 1 / (1 + independent / 3)
    low = np.minimum(ordered[:, below], share * -reach + (1 - share) * ordered[:, below])
    high = np.maximum(ordered[:, count - 1 - below], share * reach + (1 - share) * ordered[:, count - 1 - below])
    return low, high


def _plain(past: F64) -> list[F64]:
    """Return each forecast as it stood after each row from the 24th on: [series, T − 23]."""
    kept = past.shape[1] - FIRST_ROWS + 1
    medians = [_medians(past, rows)[:, -kept:] for rows in MEDIAN_ROWS]
    return [past[:, -kept:], *medians, *(_weighted(past, rate)[:, -kept:] for rate in RATES)]


def _seasonal(past: F64, first: int, ahead: int, season: int) -> F64:
    """Return two forecasts as they stood after each row from `first` on, [2, series, T − first]: what the row foretold was in
    the last whole season known, and its median over up to seven of them.
    """
    nearest = season * -(-ahead // season)
    targets = np.arange(first, past.shape[1]) + ahead
    places = targets - nearest - season * np.arange(MOST_SEASONS)[:, None]
    seen = np.where(places >= 0, past[:, np.maximum(places, 0)], np.nan)
    return np.stack([seen[:, 0], np.nanmedian(seen, axis=1)])


def _medians(past: F64, rows: int) -> F64:
    """Return the median of the last `rows`, of all so far where there are fewer."""
    whole = np.median(sliding_window_view(past, rows, axis=1), axis=2) if past.shape[1] >= rows else past[:, :0]
    first = min(rows - 1, past.shape[1])
    begun = np.stack([np.median(past[:, : n + 1], axis=1) for n in range(first)], axis=1)
    return np.concatenate([begun, whole], axis=1)


def _weighted(past: F64, rate: float) -> F64:
    level = past[:, 0].copy()
    levels = [level]
    for column in range(1, past.shape[1]):
        level = level + max(rate, 1 / (column + 1)) * (past[:, column] - level)
        levels.append(level)
    return np.stack(levels, axis=1)
