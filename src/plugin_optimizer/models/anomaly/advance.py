"""One row of every series: how unusual it is, by what was known before it; then it is learnt."""

import numpy as np
from numpy.typing import NDArray

from .habits import Habit, habit_of, learn_habit
from .pace import DAY_SECONDS, WARM_ROWS, Pace
from .records import TAIL_MEMORY, chance_margin, margin
from .scores import Scores
from .shifts import level_shift, spread_shift
from .state import State

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

FIRST_ROWS = 20  # over which mean and variance are plain averages
LEVEL_RATE, SPREAD_RATE, SLOW_RATE = np.float32(0.02), np.float32(0.01), np.float32(0.05)
MOST_PULL, MOST_SPREAD = np.float32(3), np.float32(4)  # sds by which one row may move the mean, and the spread
LEAST_SHARE = np.float32(0.01)  # of the level: changes below it are no change
LEAST_OF_RANGE = np.float32(
    0.01
)  # that it has shown, but no more than the spread of a day: changes below it are none either
TINY, ONE = np.float32(1e-12), np.float32(1)  # a count cannot change by less than one
GROWTH, YOUNG_GROWTH = np.float32(0.05), np.float32(0.2)  # of the bar, when a deviation clears it
ANSCOMBE = np.float32(0.375)
MOST_COUNT, LEAST_DISPERSION = np.float32(50), np.float32(0.5)  # beyond, or where counts hardly vary, they are levels
GAP_ROWS = np.float32(60)  # without one are a gap; after one of a day at least the level is looked for anew
STEP_BACK_SECONDS = 3_600.0  # farther back than that a clock was set; less is a row that comes late


def advance(
    state: State,
    at: F64,
    values: NDArray[np.floating],
    hour: NDArray[np.int64],
    pace: Pace,
    least: "float | F32" = 0.0,
    noise: "float | F32" = 0.0,
) -> Scores:
    """Score one row of each series and learn it, in place. Shapes: all [series]; NaN is "missing" and changes nothing.

    `at` is Unix time, `hour` of `hour_of_week`. `least` is the smallest change in the series' own unit that matters;
    `noise` the standard deviation that a value has by chance alone (of a count, its root). A row that is not later than
    the one before is left out, unless it lies more than an hour back: then the clock was set, and time goes on from there.
    The future never reaches back: what is returned depends on earlier rows alone.
    """
    count = len(state)
    value = np.asarray(values, dtype=np.float32)
    new = np.isfinite(value) & ((at > state.last_at) | (at < state.last_at - STEP_BACK_SECONDS))
    smallest = np.broadcast_to(np.asarray(least, np.float32), (count,))
    chance = np.broadcast_to(np.asarray(noise, np.float32), (count,))
    if new.all():
        return _advance(state, at, value, hour, pace, smallest, chance)
    rows, others = np.flatnonzero(new), np.flatnonzero(~new)
    if 2 * len(others) <= count:  # cheaper: advance all of them, and put back what must not have changed
        kept = state.take(others)
        scores = _advance(state, at, np.where(new, value, state.mean), hour, pace, smallest, chance)
        state.put(others, kept)
        scores.blank(others)
        return scores
    scores = Scores.nothing(count)
    if len(rows):
        part = state.take(rows)
        found = _advance(part, at[rows], value[rows], hour[rows], pace.of_rows(rows), smallest[rows], chance[rows])
        state.put(rows, part)
        for name in Scores.__slots__:
            getattr(scores, name)[..., rows] = getattr(found, name)
    return scores


def _advance(state: State, at: F64, value: F32, hour: NDArray[np.int64], pace: Pace, least: F32, noise: F32) -> Scores:
    gap = np.where(np.isfinite(state.last_at), at - state.last_at, 0.0)
    state.steady += 1
    state.steady[gap > GAP_ROWS * pace.step_seconds] = 0
    away = gap > np.maximum(DAY_SECONDS, GAP_ROWS * pace.step_seconds)
    if away.any():
        _resume(state, value, away)
    state.age_days += np.clip(gap, 0, DAY_SECONDS) / DAY_SECONDS
    state.last_at[:] = at
    state.whole &= (value == np.rint(value)) & (value >= 0)
    floor = np.maximum(np.maximum(LEAST_SHARE * np.abs(state.mean), least), np.where(state.whole, ONE, TINY))
    shown = np.where(state.rows > 0, state.high[0] - state.low[0], np.float32(0))
    # One spike may make a range of a thousand spreads: a hundredth of that would hide whatever comes later.
    floor = np.maximum(floor, np.minimum(LEAST_OF_RANGE * shown, np.sqrt(state.day_variance)))
    smallest = np.maximum(floor / 2, noise)
    sd = np.maximum(np.sqrt(state.variance), smallest)
    deviation = np.where(state.rows > 0, value - state.mean, np.float32(0))
    habit = habit_of(state, value, hour, smallest)
    by_level = _level(state, value, deviation, sd, habit, floor, pace)
    by_deviation, expected, reach = _deviation(state, value, deviation, sd, habit, pace)
    by_shift, rising, since = level_shift(state, at, value, habit, floor, pace)
    by_spread, spread_since = spread_shift(state, at, value, deviation, floor, pace)
    learn_habit(state, value, hour, habit, deviation)
    _learn(state, value, deviation, sd)
    known = np.stack([by_level, by_deviation, by_shift, by_spread])
    begun = np.where(by_shift >= by_spread, since, spread_since)
    up = np.where(by_shift >= 1, rising, value >= expected)
    return Scores(known, expected, reach, begun, up)


def _resume(state: State, value: F32, away: NDArray[np.bool_]) -> None:
    """After a long gap take the level as it is found: what was expected before it says nothing about now."""
    for level in (state.mean, state.slow):
        np.copyto(level, value, where=away)
    for evidence in (state.up, state.down, state.spread):
        evidence[away] = 0


def _level(state: State, value: F32, deviation: F32, sd: F32, habit: Habit, floor: F32, pace: Pace) -> F32:
    """Return how far beyond everything seen, over what chance makes of a young series.

    The larger of four margins: of the value, of its deviation, of its distance from the habit of the hour, and of the slow
    mean; over what chance would reach once in eighty days (`chance_margin`).
    """
    seen = state.rows
    state.slow += np.where(seen < 5, 1 / (seen + 1), SLOW_RATE) * (value - state.slow)
    warm = pace.warm_rows
    margins = margin(state.low[0], state.high[0], value, floor, seen >= warm)
    np.maximum(margins, margin(state.low[3], state.high[3], state.slow, floor, seen >= warm), out=margins)
    strayed = np.where(seen >= FIRST_ROWS, deviation, np.float32(0))
    np.maximum(margins, margin(state.low[1], state.high[1], strayed, floor, seen >= warm + FIRST_ROWS), out=margins)
    off = margin(state.low[2], state.high[2], habit.off, floor, habit.proven & (state.profile_rows >= warm))
    state.profile_rows += habit.known
    np.maximum(margins, off, out=margins)
    excess = np.asarray(state.excess * sd / np.maximum(state.high[0] - state.low[0], floor), dtype=np.float32)
    return np.asarray(margins / chance_margin(seen, state.age_days, excess, state.exceeded), dtype=np.float32)


def _deviation(state: State, value: F32, deviation: F32, sd: F32, habit: Habit, pace: Pace) -> tuple[F32, F32, F32]:
    """Return how sudden a deviation is, what was expected, and how far from there 1 is.

    z = |deviation|/sd over q, the bar that z hardly ever clears: q grows by 5 % when it is cleared (by 20 % on the first
    day) and fades slowly, so a series that strays often raises its own bar. A stochastic quantile as in Robbins, Monro,
    A stochastic approximation method (1951), with a floor of 1. More is asked of rows that come often, and of young series.
    """
    z: F32 = np.where(state.rows >= FIRST_ROWS, np.abs(deviation) / sd, np.float32(0))
    off = np.asarray(np.abs(habit.off) / habit.sd, dtype=np.float32)
    counts = state.whole & (state.mean < MOST_COUNT) & (state.variance > LEAST_DISPERSION * state.mean)
    if counts.any():
        z = np.where(counts, np.minimum(z, _of_counts(value, state.mean)), z)
        off = np.where(counts & habit.known, np.minimum(off, _of_counts(value, habit.level)), off)
    asked = (pace.strictness * (1 + 1 / np.maximum(state.age_days, 0.05))).astype(np.float32)
    score = np.where(habit.proven, off / state.profile_quantile, z / state.quantile) / asked
    expected = np.where(habit.proven, habit.level, state.mean)
    reach = np.where(habit.proven, habit.sd * state.profile_quantile, sd * state.quantile) * asked
    _learn_tail(state, z)
    young = np.where(state.rows < pace.young_rows, YOUNG_GROWTH, GROWTH)
    _move_bar(state.quantile, z, young, pace.fade, state.rows >= FIRST_ROWS)
    slow = np.where(state.proven_rows < pace.young_rows, YOUNG_GROWTH, GROWTH)
    _move_bar(state.profile_quantile, off, slow, pace.fade, habit.known & (state.proven_rows > 50))
    ready = state.rows >= WARM_ROWS
    unknown = np.float32(np.nan)
    return (
        np.where(ready, score, np.float32(0)),
        np.where(ready, expected, unknown),
        np.where(ready, reach, unknown),
    )


def _of_counts(value: F32, usual: F32) -> F32:
    """Return how many standard deviations a count lies from its mean: 2|√(x + 3/8) − √(m + 3/8)|.

    Of small counts a plain deviation says too much: at a mean of 0.05 a 2 lies nine of them away, and comes twice a day
    by chance. Source: Anscombe, The transformation of Poisson, binomial and negative-binomial data (1948).
    """
    shifted = np.sqrt(np.maximum(usual, np.float32(0)) + ANSCOMBE)
    found: F32 = 2 * np.abs(np.sqrt(np.maximum(value, np.float32(0)) + ANSCOMBE) - shifted)
    return found


def _learn_tail(state: State, z: F32) -> None:
    """Remember by how much z exceeds its bar when it does, on average over the last twenty times; no single time counts for more than the bar itself."""
    over = (z > state.quantile) & (state.rows >= FIRST_ROWS)
    state.exceeded += over
    rate = over * np.maximum(1 / TAIL_MEMORY, 1 / np.maximum(state.exceeded, 1))
    state.excess += rate * (np.minimum(z - state.quantile, state.quantile) - state.excess)


def _move_bar(bar: F32, z: F32, growth: F32, fade: F32, known: NDArray[np.bool_]) -> None:
    moved = bar * np.where(z > bar, 1 + growth, 1 - fade)
    np.copyto(bar, np.maximum(moved, np.float32(1)), where=known)


def _learn(state: State, value: F32, deviation: F32, sd: F32) -> None:
    """Move mean and variance: plainly over the first rows, then so that no row moves them by much."""
    first = state.rows < FIRST_ROWS
    share = 1 / (state.rows + 1)
    plain = state.mean + share * (value - state.mean)
    product = np.where(state.rows > 0, (value - state.mean) * (value - plain), np.float32(0))
    pull = LEVEL_RATE * np.clip(deviation, -MOST_PULL * sd, MOST_PULL * sd)
    strayed = np.minimum(np.abs(deviation), MOST_SPREAD * sd)
    state.variance += np.where(
        first, share * (product - state.variance), SPREAD_RATE * (strayed * strayed - state.variance)
    )
    state.mean[:] = np.where(first, plain, state.mean + pull)
    state.before[:] = value
    state.rows += 1
