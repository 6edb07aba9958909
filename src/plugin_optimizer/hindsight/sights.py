"""The fleet as the engine saw it at a moment of the past, and nothing of what came later."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..domain import (
    FINAL,
    Change,
    Execution,
    Fleet,
    PluginStatus,
    PluginView,
    RequestTrace,
    SeenSettings,
    Trial,
    Window,
)
from ..engine import status_of
from ..execute.past_trials import trial_of
from ..models.knob_space import TRIED
from .question import Question, Requests
from .record import Record

TRACE_SLAB_SECONDS = 1_800.0
MOST_REQUESTS = 100_000  # of a plugin, as in the engine's own archive


@dataclass(slots=True)
class Sights:
    """Builds the Fleet of each moment. Moments are asked for in order of time."""

    question: Question
    requests: Requests
    record: Record
    settings: dict[str, Sequence[SeenSettings]] = field(default_factory=dict)
    traces: dict[str, RequestTrace] = field(default_factory=dict)
    slab: tuple[float, float] = (0.0, 0.0)
    statuses: dict[str, tuple[PluginStatus, float]] = field(default_factory=dict)

    def fleet(self, window: Window, executions: Sequence[Execution], now: float) -> Fleet:
        """Return every plugin as it stood at `now`; `executions` are the real ones as they stood then."""
        for plugin_id in self.question.plugins:
            self._note_status(plugin_id, window, now)
        changes = self.record.changes_between(now - self.question.window_seconds, now)
        busy = {e.change.plugin_id for e in executions if e.state not in FINAL}
        rest = {e.change.plugin_id: e.finished_at or 0.0 for e in executions if e.state in FINAL}
        views = {}
        for plugin_id, plugin in self.question.plugins.items():
            policy, seen = self.question.policies.of(plugin_id), self.settings_at(plugin_id, now)
            views[plugin_id] = PluginView(
                plugin=plugin,
                policy=policy,
                status=self.statuses[plugin_id][0],
                since=self.statuses[plugin_id][1],
                knobs=seen.knobs if seen else (),
                pool=seen.pool if seen else None,
                trace=self._trace(plugin_id, now),
                setting_changes=tuple(c for c in changes if c.plugin_id == plugin_id),
                in_flight=plugin_id in busy,
                rest_until=rest.get(plugin_id, 0.0) + policy.cooldown_seconds,
                trials=_trials(plugin_id, seen, executions),
            )
        return Fleet(now=now, cores=self.cores(now), views=views)

    def settings_at(self, plugin_id: str, now: float) -> SeenSettings | None:
        """Return how a plugin was set at `now`; None where that was not recorded."""
        if plugin_id not in self.settings:
            self.settings[plugin_id] = self.requests.settings(plugin_id)
        known = self.settings[plugin_id]
        place = bisect_right(known, now, key=lambda seen: seen.at)
        return known[place - 1] if place else None

    def stood_until(self, change: Change | None, begin: float, end: float) -> float:
        """Return until when within [begin, end] the recorded knob still had the value that `change` starts from."""
        if change is None:
            return end
        for seen in self.requests.settings(change.plugin_id):
            value = next((knob.value for knob in seen.knobs if knob.name == change.knob), change.before)
            if begin < seen.at < end and value != change.before:
                return seen.at
        return end

    def cores(self, now: float) -> int:
        """Return how many cores the host had."""
        seen = (self.settings_at(plugin_id, now) for plugin_id in self.question.plugins)
        return max((s.cores for s in seen if s is not None), default=self.question.cores)

    def _note_status(self, plugin_id: str, window: Window, now: float) -> None:
        status, before = status_of(window, plugin_id), self.statuses.get(plugin_id)
        self.statuses[plugin_id] = (status, before[1] if before is not None and before[0] is status else now)

    def _trace(self, plugin_id: str, now: float) -> RequestTrace:
        """Return the requests of the recent past that had arrived and been answered by `now`."""
        begin = now - self.question.window_seconds
        if not self.slab[0] <= begin <= now <= self.slab[1]:
            self.traces, self.slab = {}, (begin, now + TRACE_SLAB_SECONDS)
        if plugin_id not in self.traces:
            self.traces[plugin_id] = self.requests.requests(plugin_id, *self.slab)
        return answered(self.traces[plugin_id], begin, now)


def _trials(plugin_id: str, seen: SeenSettings | None, executions: Iterable[Execution]) -> tuple[Trial, ...]:
    """Return what real changes had taught by then, where the plugin has knobs to experiment with."""
    if seen is None or not any(knob.kind in TRIED for knob in seen.knobs):
        return ()
    mine = (e for e in executions if e.change.plugin_id == plugin_id and e.applied_at is not None and e.state in FINAL)
    return tuple(sorted((trial_of(e) for e in mine), key=lambda trial: trial.ended_at))


def answered(trace: RequestTrace, begin: float, now: float) -> RequestTrace:
    """Return the requests that arrived in [begin, now) and were answered by `now`: no others could have been known."""
    first, last = (int(place) for place in np.searchsorted(trace.arrival, (begin, now)))
    part = RequestTrace(*(getattr(trace, name)[max(first, last - MOST_REQUESTS) : last] for name in trace.__slots__))
    done = part.end <= now
    return part if bool(done.all()) else part.where(done)


def seen_statuses(statuses: Mapping[str, tuple[PluginStatus, float]], seen: set[str]) -> dict[str, PluginStatus]:
    """Return the statuses of the plugins that were ever found: what did not exist yet is not unwell."""
    seen.update(name for name, (status, _) in statuses.items() if status is not PluginStatus.UNKNOWN)
    return {name: status for name, (status, _) in statuses.items() if name in seen}
