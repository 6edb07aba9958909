"""Remembers what is normal for every series of the fleet, minute by minute, and says what is not."""

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..contracts import SampleStore
from ..domain import Sample, Unusual, Unusualness
from ..models.anomaly import Alerts, Scores, State, weigh
from ..models.error_burn import Burn
from ..models.raised_bars import Place
from .attention import Attention
from .minute_step import KINDS, PACE, factors_of, step
from .minutes import ERRORS, LOAD, MINUTE_SECONDS, WATCHED, Minutes
from .relearning import Relearning

F64 = NDArray[np.float64]

CLEAR_ROWS = 10  # minutes within the usual, after which an episode is over


@dataclass(slots=True)
class AnomalyWatch:
    """One memory for all plugins, six series each; about 400 bytes a series.

    A plugin that is new to this process is learnt again from its stored samples, some at a time, by the very steps that
    live minutes take: what is known afterwards is the same as if the process had never stopped, as far back as minutes
    are kept. Until that is done nothing is said about it.
    """

    samples: SampleStore
    offset_seconds: float = field(default_factory=lambda: float(time.localtime().tm_gmtoff))  # local time ahead of UTC
    names: list[str] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    state: State = field(default_factory=lambda: State.new(0))
    burn: Burn = field(default_factory=lambda: Burn.new(0))
    minutes: Minutes = field(default_factory=Minutes)
    standing: dict[int, Unusual] = field(default_factory=dict)
    waiting: deque[str] = field(default_factory=deque)
    relearning: Relearning | None = None
    learnt: set[str] = field(default_factory=set)
    raised: Mapping[Place, float] = field(default_factory=dict)  # as of the last turn

    def look(self, samples: Iterable[Sample], attention: Attention, now: float) -> tuple[Unusual, ...]:
        """Take in what was measured in this turn; return what is unusual now, worst first."""
        self._join(tuple(attention.bars))
        self._heed(attention.raised)
        self.minutes.add(samples)
        for begin, means in self.minutes.over(now):
            self._take(begin, means, attention)
        self._learn_again(attention)
        present = (one for one in self.standing.values() if one.plugin_id in attention.bars)
        return tuple(sorted(present, key=lambda one: -one.score))

    def error_shares(self) -> Mapping[str, tuple[float, ...]]:
        """Return per plugin the share of failed requests over each window of `models.error_burn`; NaN where nothing was asked."""
        shares = self.burn.shares()
        return {name: tuple(shares[:, place].tolist()) for name, place in self.place.items() if name in self.learnt}

    def _join(self, plugin_ids: Sequence[str]) -> None:
        new = [name for name in plugin_ids if name not in self.place]
        if not new:
            return
        for name in new:
            self.place[name] = len(self.names)
            self.names.append(name)
        self.waiting.extend(new)
        self.state = self.state.grown(len(WATCHED) * len(new))
        self.burn = self.burn.grown(len(new))

    def _heed(self, raised: Mapping[Place, float]) -> None:
        """Drop what somebody has just called no problem: it is told again only where it clears the bar that rose."""
        for row, one in list(self.standing.items()):
            place = (one.plugin_id, one.metric, one.kind)
            if raised.get(place, 1.0) > self.raised.get(place, 1.0):
                del self.standing[row]
        self.raised = raised

    @classmethod
    def ready_for(cls, samples: SampleStore, plugin_ids: Sequence[str]) -> "AnomalyWatch":
        """Return one that knows nothing of these plugins yet, and takes their minutes as they are handed to it."""
        watch = cls(samples)
        watch._join(plugin_ids)
        watch.waiting.clear()
        watch.learnt.update(plugin_ids)
        return watch

    def _take(self, begin: float, means: Mapping[tuple[str, int], float], attention: Attention) -> None:
        values = np.full((len(self.names), len(WATCHED)), np.nan)
        for (name, metric), mean in means.items():
            if name in self.learnt:
                values[self.place[name], metric] = mean
        self.take(begin, values, attention)

    def take(self, begin: float, values: F64, attention: Attention) -> None:
        """Take in the minute from `begin` on. `values` is [plugins, 6], in the order of `names` and WATCHED; NaN is missing."""
        self._rest(attention.resting(begin), values)
        if not values.size:
            return
        at, before = begin + MINUTE_SECONDS, self.state.rows.copy()
        scores = step(self.state, at, values, self.offset_seconds)
        self.burn.add(values[:, ERRORS], values[:, LOAD] * MINUTE_SECONDS)
        seen = self.state.rows != before
        held = np.array([name in attention.changed for name in self.names]).repeat(len(WATCHED))
        told = weigh(self.state, scores, seen & ~held, PACE, factors_of(self.names, attention))
        self._note(told, scores, values.ravel(), at)

    def _rest(self, resting: AbstractSet[str], values: F64) -> None:
        """Take plugins in maintenance or on a holiday as not measured; what was told of them is over."""
        values[[self.place[name] for name in resting if name in self.place]] = np.nan
        for row in [row for row, one in self.standing.items() if one.plugin_id in resting]:
            del self.standing[row]

    def _note(self, told: Alerts, scores: Scores, values: F64, at: float) -> None:
        for row in np.flatnonzero(told.beyond).tolist():
            before = self.standing.get(row)
            if before is None or told.new[row]:
                self.standing[row] = self._unusual(row, scores, told, float(values[row]), at)
            elif told.score[row] > before.score:
                self.standing[row] = replace(before, score=float(told.score[row]), value=float(values[row]))
        over = [row for row in self.standing if self.state.since_alert[row] > CLEAR_ROWS]
        for row in over:
            del self.standing[row]

    def _unusual(self, row: int, scores: Scores, told: Alerts, value: float, at: float) -> Unusual:
        kind = KINDS[int(told.kind[row])]
        begun = float(scores.since[row])
        lasting = kind in (Unusualness.SHIFT, Unusualness.VARIANCE) and np.isfinite(begun)
        expected, reach = float(scores.expected[row]), float(scores.reach[row])
        return Unusual(
            self.names[row // len(WATCHED)],
            WATCHED[row % len(WATCHED)],
            kind,
            float(told.score[row]),
            begun - MINUTE_SECONDS if lasting else at - MINUTE_SECONDS,
            value,
            expected,
            expected - reach,
            expected + reach,
            bool(scores.rising[row]),
        )

    def _learn_again(self, attention: Attention) -> None:
        if self.relearning is None:
            if not self.waiting:
                return
            batch = [self.waiting.popleft() for _ in range(min(len(self.waiting), Relearning.MOST_PLUGINS))]
            self.relearning = Relearning.of(batch)
        if self.relearning.go_on(self.samples, self.minutes.done, self.offset_seconds, attention):
            rows = np.array([self.place[name] for name in self.relearning.names])
            series = (rows[:, None] * len(WATCHED) + np.arange(len(WATCHED))).ravel()
            self.state.put(series, self.relearning.state)
            self.burn.put(rows, self.relearning.burn)
            self.learnt.update(self.relearning.names)
            self.relearning = None
