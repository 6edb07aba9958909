"""When a score is worth an alert: once for each episode, again only where it has become twice as bad."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .pace import Pace
from .scores import Scores
from .state import State

F32 = NDArray[np.float32]
WORSE = np.float32(2)


class Sensitivity(StrEnum):
    """How unusual something has to be: `low` asks half as much again, `high` a third less."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def factor(self) -> float:
        return {"low": 1 / 1.5, "normal": 1.0, "high": 1.5}[self.value]


@dataclass(frozen=True, slots=True)
class Alerts:
    """`beyond`: the row is unusual; `new`: it begins an episode, or is twice as bad as that was. [series] each.

    `kind` is in which way it is most unusual: an index of CLASSES.
    """

    beyond: NDArray[np.bool_]
    new: NDArray[np.bool_]
    score: F32
    kind: NDArray[np.int64]


def weigh(state: State, scores: Scores, seen: NDArray[np.bool_], pace: Pace, factor: "float | F32" = 1.0) -> Alerts:
    """Return what is to be told, and remember it, in place. `seen` says which series had a row.

    `factor` is what scores are multiplied by: one for all, [series], or [4, series] in the order of CLASSES.

    An episode lasts while rows are beyond the bar, and for a quarter of a day (250 rows at most) after the last of them.
    """
    by_class = scores.by_class * np.asarray(factor, np.float32)
    score: F32 = by_class.max(axis=0)
    beyond = seen & (score >= 1)
    begins = beyond & (state.since_alert > pace.rest_rows)
    new = begins | (beyond & (score > WORSE * state.worst))
    kept = np.where(beyond, np.maximum(state.worst, score), state.worst)
    state.worst[:] = np.where(begins, score, kept)
    state.since_alert[:] = np.where(beyond, np.float32(1), state.since_alert + seen)
    return Alerts(beyond, new, score, np.asarray(by_class.argmax(axis=0)))
