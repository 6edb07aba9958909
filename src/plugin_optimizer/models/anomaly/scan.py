"""Whole series, row by row: what would have been said at each moment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .advance import advance
from .alerts import weigh
from .pace import Pace
from .scores import CLASSES
from .state import State
from .week import hour_of_week

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scan:
    """`scores` is [4, series, T] in the order of CLASSES, the rest [series, T]; NaN in the band where nothing is known."""

    scores: F32
    expected: F32
    reach: F32
    since: F64
    rising: NDArray[np.bool_]
    alerts: NDArray[np.bool_]
    state: State


def scan(
    times: F64,
    values: NDArray[np.floating],
    pace: Pace,
    *,
    offset_seconds: float = 0.0,
    least: "float | F32" = 0.0,
    factor: float = 1.0,
    state: State | None = None,
) -> Scan:
    """Advance through `values` [series, T] at `times` ([T] or [series, T]), from `state` on (changed) or from nothing.

    Row by row and all at once are the same: each row is scored by those before it.
    """
    count, columns = values.shape
    state = State.new(count) if state is None else state
    each = np.broadcast_to(times, values.shape)
    found = np.zeros((len(CLASSES), count, columns), np.float32)
    expected, reach = (np.full((count, columns), np.nan, np.float32) for _ in range(2))
    since = np.full((count, columns), np.nan)
    rising, alerts = (np.zeros((count, columns), np.bool_) for _ in range(2))
    hours = hour_of_week(each, offset_seconds)
    for column in range(columns):
        before = state.rows.copy()
        scores = advance(state, each[:, column], values[:, column], hours[:, column], pace, least)
        told = weigh(state, scores, state.rows != before, pace, factor)
        found[:, :, column], since[:, column] = scores.by_class, scores.since
        expected[:, column], reach[:, column] = scores.expected, scores.reach
        rising[:, column], alerts[:, column] = scores.rising, told.new
    return Scan(found, expected, reach, since, rising, alerts, state)
