"""What a series does at this hour of a working day or a day of rest, and whether it pays to know that."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .state import State

F32 = NDArray[np.float32]
Flags = NDArray[np.bool_]

SLOWEST = np.float32(0.2)  # a habit follows its last five days
PROVEN_ROWS, GAIN = 50, np.float32(0.7)
ERROR_RATE, SPREAD_RATE, MOST_SDS = np.float32(0.005), np.float32(0.01), np.float32(4)


@dataclass(frozen=True, slots=True)
class Habit:
    """`known` where the hour was seen on an earlier day, `proven` where knowing it halves the error, or nearly so.

    `off` is the value less the habit (0 where it is not known), `sd` how far values stray from their habits, `visits` on
    how many days the hour was seen.
    """

    level: F32
    off: F32
    sd: F32
    known: Flags
    proven: Flags
    visits: NDArray[np.uint8]


def habit_of(state: State, value: F32, hour: NDArray[np.int64], least: F32) -> Habit:
    """Return what the hour foretells, before the row is learnt.

    Proven: after 50 rows foretold, the mean square of value − habit is below 0.7 of that of value − running mean, both
    taken before either was updated, so out of sample. Source: a profile must beat the forecast that it replaces.
    """
    row = np.arange(len(state))
    level, visits = state.profile[hour, row], state.visits[hour, row]
    known = visits > 0
    off = np.where(known, value - level, np.float32(0))
    sd = np.maximum(np.sqrt(state.profile_variance), least)
    better = state.profile_error < GAIN * state.level_error
    return Habit(level, off, sd, known, known & (state.proven_rows > PROVEN_ROWS) & better, visits)


def learn_habit(state: State, value: F32, hour: NDArray[np.int64], habit: Habit, deviation: F32) -> None:
    """Judge the habit by this row, and gather the row for the habit of its hour.

    An hour becomes a habit when it is over: within it, it would foretell itself.
    """
    tested = (habit.visits >= 2).astype(np.float32)
    state.proven_rows += tested
    young = 1 / np.maximum(state.proven_rows, 1)
    rate = tested * np.maximum(ERROR_RATE, young)
    state.profile_error += rate * (habit.off * habit.off - state.profile_error)
    state.level_error += rate * (deviation * deviation - state.level_error)
    strayed = np.abs(habit.off)
    bounded = np.where(state.proven_rows > 20, np.minimum(strayed, MOST_SDS * habit.sd), strayed)
    state.profile_variance += tested * np.maximum(SPREAD_RATE, young) * (bounded * bounded - state.profile_variance)
    over = (state.hour != hour) & (state.hour_rows > 0)
    if over.any():
        _keep(state, np.flatnonzero(over))
    state.hour_sum += value
    state.hour_rows += 1
    state.hour[:] = hour


def _keep(state: State, rows: NDArray[np.int64]) -> None:
    hour = state.hour[rows].astype(np.int64)
    visits = state.visits[hour, rows]
    rate = np.maximum(SLOWEST, 1 / (visits.astype(np.float32) + 1))
    mean = state.hour_sum[rows] / state.hour_rows[rows]
    before = state.profile[hour, rows]
    state.profile[hour, rows] = before + rate * (mean - before)
    state.visits[hour, rows] = np.minimum(visits, 254) + 1
    state.hour_sum[rows] = 0
    state.hour_rows[rows] = 0
