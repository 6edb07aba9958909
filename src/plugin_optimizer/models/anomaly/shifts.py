"""Evidence that the level, or the spread, of a series has changed and stays so."""

import numpy as np
from numpy.typing import NDArray

from .habits import Habit
from .pace import Pace
from .state import State

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVEL_EVIDENCE, SPREAD_EVIDENCE = np.float32(36), np.float32(24)  # where the sums raise an alarm
LEVEL_SLACK, SPREAD_SLACK = np.float32(2), np.float32(1)  # sds that count as usual: a day's own waves are within
MOST_LEVEL, MOST_SPREAD, MOST_DRAG = np.float32(4), np.float32(3), np.float32(3)
FIRST_ROWS, KNOWN_ROWS = np.float32(20), np.float32(100)
WEEK_DAYS = np.float32(7)
QUIETER = np.float32(0.5)  # after an alarm half of what was new is taken as usual
LEAST_SQUARE = np.float32(1e-37)


def level_shift(state: State, at: F64, value: F32, habit: Habit, floor: F32, pace: Pace) -> tuple[F32, Flags, F64]:
    """Return the evidence of a shifted level (1 = alarm), whether it goes up, and since when.

    Two-sided CUSUM, g = max(0, g + u − 2), u the distance from the mean of a day in its standard deviations (from the
    habit of the hour, where that is proven), at most 4: Page, Continuous inspection schemes (1954). The onset is where
    g last left 0. A shift of 4 sd or more is found after some twenty rows, so a surge of ten is none however high it goes; one
    below 2 never: it is within what a day does anyway.
    Fails for slow drifts, which the mean of a day follows.
    """
    sd = np.maximum(np.sqrt(state.day_variance), floor)
    few = np.sqrt(1 + 1 / np.maximum(habit.visits, 1).astype(np.float32))  # a habit of few days is itself uncertain
    unusual = np.where(habit.proven, habit.off / (few * np.maximum(habit.sd, floor)), (value - state.day_mean) / sd)
    unusual = np.clip(unusual, -MOST_LEVEL, MOST_LEVEL)
    ready = _ready(state, pace)
    for sums, since, push in ((state.up, state.up_since, unusual), (state.down, state.down_since, -unusual)):
        _gather(sums, since, push - LEVEL_SLACK, at, ready)
    most, rising = np.maximum(state.up, state.down), state.up >= state.down
    since = np.where(rising, state.up_since, state.down_since)
    alarm = most > LEVEL_EVIDENCE
    if alarm.any():
        state.up[alarm] = state.down[alarm] = 0
        state.day_mean[alarm] = state.mean[alarm]
    _follow_day(state, value, sd, pace)
    return np.asarray(most / LEVEL_EVIDENCE, dtype=np.float32), rising, since


def spread_shift(state: State, at: F64, value: F32, deviation: F32, floor: F32, pace: Pace) -> tuple[F32, F64]:
    """Return the evidence that values stray farther than they used to (1 = alarm), and since when.

    The same sum over ln d² against its own mean of a week: Hawkins, Cumulative sum control charts for individual observations'
    variability (1981) does so with √|d|. d is the deviation of a row or its step from the row before, the smaller: after a
    spike or a shift the mean lags, and deviations are large for long; steps are not (von Neumann and others, The mean square
    successive difference, 1941). A spread that is five times as large is found after 80 rows or so. Fails where a wave
    grows whose rows hardly differ from each other.
    """
    strayed = np.minimum(np.abs(deviation), np.abs(value - state.before))
    squared = strayed * strayed + np.float32(0.25) * floor * floor
    logged = np.log(np.maximum(squared, LEAST_SQUARE))
    sd = np.maximum(np.sqrt(state.log_variance), np.float32(0.5))
    unusual = np.clip((logged - state.log_mean) / sd, -MOST_SPREAD, MOST_SPREAD)
    push = np.asarray(unusual - SPREAD_SLACK, dtype=np.float32)
    _gather(state.spread, state.spread_since, push, at, _ready(state, pace))
    found = state.spread / SPREAD_EVIDENCE
    alarm = state.spread > SPREAD_EVIDENCE
    if alarm.any():
        state.spread[alarm] = 0
        state.log_mean[alarm] += QUIETER
    learnt = np.maximum(state.rows - FIRST_ROWS, 0)  # before, deviations say nothing yet
    rate = (state.rows >= FIRST_ROWS) * np.maximum(1 / (learnt + 1), pace.day_rate / WEEK_DAYS)
    off = logged - state.log_mean
    state.log_mean += rate * off
    state.log_variance += rate * (off * off - state.log_variance)
    return found, state.spread_since.copy()


def _ready(state: State, pace: Pace) -> Flags:
    """Tell where days enough were seen, the last of them without a gap."""
    return np.asarray((state.rows > pace.shift_rows) & (state.steady * pace.day_rate >= 1))


def _gather(sums: F32, since: F64, push: F32, at: F64, ready: Flags) -> None:
    """Add evidence where there is enough past; note where it begins."""
    after = np.where(ready, np.maximum(sums + push, np.float32(0)), np.float32(0))
    begins = (sums == 0) & (after > 0)
    if begins.any():
        since[begins] = at[begins]
    sums[:] = after


def _follow_day(state: State, value: F32, sd: F32, pace: Pace) -> None:
    rate = np.maximum(1 / (state.rows + 1), pace.day_rate)
    off = value - state.day_mean
    bounded = np.where(state.rows > KNOWN_ROWS, np.clip(off, -MOST_DRAG * sd, MOST_DRAG * sd), off)
    state.day_mean += rate * bounded
    state.day_variance += rate * (bounded * bounded - state.day_variance)
