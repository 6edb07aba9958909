"""What a change has come to that was judged early: a cache while it still fills, workers when the first were replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Series = Sequence[tuple[float, float]]

FIRST_SECONDS, LAST_SECONDS = (
    960.0,
    30_720.0,
)  # after the change: 16 minutes, then twice that, to eight and a half hours
MINUTE_SECONDS = 60.0
CYCLES_END = 3.0  # in times of the effect: the first lives, and two more
KNOWN_SHARE = 0.8
LEAST_POINTS = 3  # of a stretch
LEVEL_LOOKS = 2  # one after the other: what has hardly begun to climb looks level once
FLAT_POINTS = 0.01  # of the share: two stretches that differ by less are level …
SURE_POINTS = 0.01  # … if their difference is known better than that


@dataclass(frozen=True, slots=True)
class LateFigure:
    """The level, and until when it was looked at (Unix seconds)."""

    at: float
    value: float


def settled_figure(changed_at: float, points: Series) -> LateFigure | None:
    """Return the level that a share came to after `changed_at`; None while it still moves, or where too little is known.

    `points` are (Unix seconds, share) in order of time. Looks at moments that double; level is
    what differs, twice running, by no more than one point between the second quarter and the second half of the time
    since the change. Such stretches are as long as the filling takes.

    | fills by           | with a time constant of | is level after | and then lacks |
    |--------------------|-------------------------|----------------|----------------|
    | 30 points          | 1 minute                | 32 minutes     | nothing        |
    | 10 points          | 30 minutes              | 8.5 hours      | nothing        |
    | 30 points          | 2 hours                 | None           |                |
    | 5 points           | 2 hours                 | 32 minutes     | 4 points       |

    The last line is the limit of looking: what climbs that slowly cannot be told from what does not.
    """
    if not points:
        return None
    since, values = _by_minute(changed_at, points)
    seconds, level = FIRST_SECONDS, 0
    while seconds <= min(LAST_SECONDS, float(since[-1])):
        late = values[(since > seconds / 2) & (since <= seconds)]
        level = level + 1 if _is_level(values[(since > seconds / 4) & (since <= seconds / 2)], late) else 0
        if level == LEVEL_LOOKS:
            return LateFigure(changed_at + seconds, float(late.mean()))
        seconds *= 2
    return None


def _by_minute(changed_at: float, points: Series) -> tuple[F64, F64]:
    """Return the means of each minute since the change and its end in seconds: the same from whatever resolution."""
    at, values = (np.array(column, dtype=np.float64) for column in zip(*points, strict=True))
    minutes, place = np.unique(np.ceil((at - changed_at) / MINUTE_SECONDS), return_inverse=True)
    means: F64 = np.bincount(place, weights=values) / np.bincount(place)
    return minutes * MINUTE_SECONDS, means


def cycled_figure(changed_at: float, effect_seconds: float, points: Series) -> LateFigure | None:
    """Return the mean over two spans of `effect_seconds` from when an effect that comes and goes was first seen.

    That is what workers take together that are replaced again and again: right after the first were, it is the least
    of what they ever take. None until those spans have passed, or where too little of them is known.
    """
    if not points:
        return None
    since, values = _by_minute(changed_at, points)
    end = CYCLES_END * effect_seconds
    inside = (since > effect_seconds) & (since <= end)
    needed = KNOWN_SHARE * (end - effect_seconds) / MINUTE_SECONDS
    if since[-1] < end or inside.sum() < max(1.0, needed):
        return None
    return LateFigure(changed_at + end, float(values[inside].mean()))


def _is_level(early: F64, late: F64) -> bool:
    if min(len(early), len(late)) < LEAST_POINTS:
        return False
    error = float(np.hypot(_error(early), _error(late)))
    return error <= SURE_POINTS and abs(float(late.mean() - early.mean())) <= FLAT_POINTS


def _error(values: F64) -> float:
    """Return the standard error of the mean, from the steps between neighbours: a slow climb is no scatter."""
    return float(np.sqrt((np.diff(values) ** 2).mean() / 2 / len(values)))
