"""What would have been called unusual: the minutes of the past, taken in one after the other as the engine takes them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..contracts import SampleStore
from ..models.raised_bars import raised_bars
from ..models.time_grid import grid_by
from ..models.times_apart import TimesApart
from ..monitor.anomaly_watch import AnomalyWatch
from ..monitor.attention import Attention
from ..monitor.minutes import MINUTE_SECONDS, WATCHED
from ..monitor.relearning import PAST_SECONDS
from .question import Question, Samples
from .record import Record
from .report import WasUnusual

F64 = NDArray[np.float64]

TOGETHER = 16  # plugins at a time: what bounds the memory
DAY_SECONDS = 86_400.0  # read at a time


@dataclass(slots=True)
class PastUnusual:
    """Learns the fourteen days before the replay, as a start of the engine does, and then tells.

    The bars are those of the replayed policies, and of what people had called no problem by then; what was just
    changed is learnt without a word, as far as it is on record.
    """

    question: Question
    samples: Samples
    record: Record
    found: list[WasUnusual] = field(default_factory=list)

    def told(self) -> tuple[WasUnusual, ...]:
        """Return all episodes of the plugins that are asked about, by the time they would have been told."""
        names = sorted(self.question.asked)
        for first in range(0, len(names), TOGETHER):
            self._of(names[first : first + TOGETHER])
        return tuple(sorted(self.found, key=lambda one: (one.told_at, one.unusual.plugin_id, one.unusual.metric)))

    def _of(self, names: Sequence[str]) -> None:
        watch = AnomalyWatch.ready_for(cast("SampleStore", self.samples), names)  # it asks it for nothing
        standing: dict[int, WasUnusual] = {}
        bars = {name: self.question.policies.of(name).anomaly_bar for name in names}
        apart = {name: times for name in names if (times := TimesApart.of(self.question.policies.of(name)))}
        for begin, values in self._minutes(names):
            raised = raised_bars(self.record.feedback, begin)
            watch.take(begin, values, Attention(bars, raised, self._changed(begin), apart))
            self._note(watch, begin + MINUTE_SECONDS, standing)
        self._close(standing.values())

    def _minutes(self, names: Sequence[str]) -> Iterator[tuple[float, F64]]:
        """Yield the beginning and the values, [plugins, 6], of each minute in which anything was measured."""
        begin = (self.question.since - PAST_SECONDS) // MINUTE_SECONDS * MINUTE_SECONDS
        end = self.question.until // MINUTE_SECONDS * MINUTE_SECONDS
        while begin < end:
            upto = min(begin + DAY_SECONDS, end)
            day = np.stack([self._minutes_of(name, begin, upto) for name in names])
            for minute in np.flatnonzero(~np.isnan(day).all(axis=(0, 1))).tolist():
                yield begin + minute * MINUTE_SECONDS, day[:, :, minute].copy()
            begin = upto

    def _minutes_of(self, plugin_id: str, begin: float, end: float) -> F64:
        """Return the means of the minutes in [begin, end): [6, minutes]. One more is read, and left out: a range holds its end."""
        grid = grid_by(begin, end + MINUTE_SECONDS, MINUTE_SECONDS)
        found = self.samples.range(plugin_id, WATCHED, grid.begin, grid.end, grid.points)
        return np.stack([grid.means(found.get(metric, ())) for metric in WATCHED])[:, :-1]

    def _changed(self, at: float) -> frozenset[str]:
        """Return the plugins a setting of which had just been changed, or was being changed."""
        lately = {change.plugin_id for change in self.record.changes_between(at - self.question.window_seconds, at)}
        busy = {
            e.change.plugin_id
            for e in self.record.executions
            if e.created_at <= at and (e.finished_at is None or at < e.finished_at)
        }
        return frozenset(lately | busy)

    def _note(self, watch: AnomalyWatch, at: float, standing: dict[int, WasUnusual]) -> None:
        for row, one in watch.standing.items():
            known = standing.get(row)
            if known is None or (known.unusual.since, known.unusual.kind) != (one.since, one.kind):
                self._close([] if known is None else [known])
                standing[row] = WasUnusual(one, at, at)
            elif watch.state.since_alert[row] <= 1:
                standing[row] = replace(known, unusual=one, until=at)
        for row in [row for row in standing if row not in watch.standing]:
            self._close([standing.pop(row)])

    def _close(self, over: Iterable[WasUnusual]) -> None:
        self.found.extend(one for one in over if one.until >= self.question.since)
