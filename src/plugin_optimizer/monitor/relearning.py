"""What is normal for some plugins, learnt again from what is stored, a part each turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..contracts import SampleStore
from ..models.anomaly import Pace, State, weigh
from ..models.error_burn import Burn
from ..models.time_grid import grid_by
from ..models.times_apart import TimesApart
from .attention import Attention
from .minute_step import factors_of, step
from .minutes import ERRORS, LOAD, MINUTE_SECONDS, WATCHED

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

PAST_SECONDS = 14 * 86_400.0  # as far back as minutes are kept
STEPS_A_TURN = 720  # minutes that are learnt in one turn: tens of milliseconds


@dataclass(slots=True)
class Relearning:
    """Reads one plugin a turn, then advances all of them together; at the end catches up with the present."""

    names: Sequence[str]
    state: State
    burn: Burn
    offset: int = 0  # the next minute of `values` that is to be learnt
    upto: float | None = None  # end of what has been read
    begin: float = 0.0
    read: list[F64] = field(default_factory=list)
    values: F64 = field(default_factory=lambda: np.empty((0, 0, 0)))

    MOST_PLUGINS = 16

    @classmethod
    def of(cls, names: Sequence[str]) -> "Relearning":
        return cls(tuple(names), State.new(len(names) * len(WATCHED)), Burn.new(len(names)))

    def go_on(self, samples: SampleStore, done: float, offset_seconds: float, attention: Attention) -> bool:
        """Do one turn's part; return True when everything up to `done` is learnt."""
        if done <= 0:
            return False
        if self.upto is None:
            self.begin, self.upto = done - PAST_SECONDS, done
        if len(self.read) < len(self.names):
            name = self.names[len(self.read)]
            self.read.append(minutes_of(samples, name, self.begin, self.upto, attention.apart.get(name)))
            if len(self.read) < len(self.names):
                return False
            self.values, self.offset = _from_first(np.stack(self.read)), 0
        self._advance(offset_seconds, factors_of(self.names, attention))
        if self.offset < self.values.shape[2]:
            return False
        if self.upto < done:
            self.begin, self.upto, self.read = self.upto, done, []
            return False
        return True

    def _advance(self, offset_seconds: float, factors: F32) -> None:
        total, pace = self.values.shape[2], Pace.of(MINUTE_SECONDS)
        assert self.upto is not None
        for column in range(self.offset, min(self.offset + STEPS_A_TURN, total)):
            at = self.upto - (total - 1 - column) * MINUTE_SECONDS
            values, before = self.values[:, :, column], self.state.rows.copy()
            scores = step(self.state, at, values, offset_seconds)
            self.burn.add(values[:, ERRORS], values[:, LOAD] * MINUTE_SECONDS)
            weigh(self.state, scores, self.state.rows != before, pace, factors)
        self.offset = min(self.offset + STEPS_A_TURN, total)


def minutes_of(samples: SampleStore, plugin_id: str, begin: float, end: float, apart: TimesApart | None = None) -> F64:
    """Return the stored means of a plugin's minutes in [begin, end): [6, minutes], NaN where nothing was measured, or `apart`."""
    grid = grid_by(begin, end, MINUTE_SECONDS)
    last = float(np.nextafter(grid.end, 0.0))
    found = samples.range(plugin_id, WATCHED, grid.begin, last, grid.points)
    values = np.stack([grid.means(found.get(metric, ())) for metric in WATCHED])
    if apart is not None:
        values[:, _away(apart, grid.begin, grid.points)] = np.nan
    return values


@lru_cache(maxsize=64)  # mostly one calendar for all: that of the default policy
def _away(apart: TimesApart, begin: float, minutes: int) -> NDArray[np.bool_]:
    return apart.mask(begin + MINUTE_SECONDS * np.arange(minutes, dtype=np.float64))


def _from_first(values: F64) -> F64:
    """Return the minutes from the first in which anything was measured: [plugins, 6, n]."""
    known = ~np.isnan(values).all(axis=(0, 1))
    return values[:, :, int(known.argmax()) :] if known.any() else values[:, :, :0]
