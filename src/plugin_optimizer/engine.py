"""One turn of the loop, on one screen: sense, gate, remember, detect, plan, offer, keep."""

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

import numpy as np

from .contracts import Detector, Planner, Recorder, RequestSource, SampleStore, StateStore, Touchpoint
from .domain import (
    FINAL,
    Cycle,
    Execution,
    Fault,
    Fleet,
    Metric,
    Mode,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Proposal,
    Sample,
    Silence,
    Suggestion,
    Window,
)
from .execute.actuator import never
from .execute.automatic import approve_automatic
from .execute.keeper import Keeper
from .execute.ledger import Ledger
from .execute.offers import Offers
from .execute.past_trials import PastTrials
from .models.promised import promised
from .models.raised_bars import raised_bars
from .models.times_apart import silences, times_apart
from .monitor.anomaly_watch import AnomalyWatch
from .monitor.archive import TraceArchive
from .monitor.attention import Attention
from .monitor.gate import Gate
from .monitor.gate_silence import silences_of
from .monitor.incident_log import IncidentLog
from .monitor.past_load import PastLoad
from .monitor.past_memory import PastMemory
from .monitor.roll_call import roll_call
from .monitor.sensing import Sensed, Sensing
from .monitor.setting_watch import SettingWatch

log = logging.getLogger(__name__)
Part = TypeVar("Part")
Result = TypeVar("Result")
WARM_UP_TURNS = 12  # after our own start nothing happens automatically until we have seen this much
AFTERMATH_SECONDS, DAY_SECONDS = 20.0, 86_400.0


@dataclass(slots=True)
class Engine:
    """The loop over one host's plugins. Everything it may not lose goes through `state` and `samples`."""

    state: StateStore
    samples: SampleStore
    touchpoints: Mapping[str, Touchpoint]
    requests: RequestSource
    sensing: Sensing
    archive: TraceArchive
    detectors: Sequence[Detector]
    planners: Sequence[Planner]
    policies: Callable[[], Policies]
    configured: Sequence[Plugin]
    interval_seconds: float
    window_seconds: float
    discover: bool
    offers: Offers
    keeper: Keeper
    gate: Gate = field(default_factory=Gate)
    watch: SettingWatch = field(default_factory=SettingWatch)
    stopped: Callable[[], bool] = never  # the emergency stop
    recorder: Recorder | None = None  # of what a replay of history needs beside samples
    turns: int = 0
    now: float = 0.0  # of the present turn
    ledger: Ledger = field(init=False)
    anomalies: AnomalyWatch = field(init=False)
    incidents: IncidentLog = field(init=False)
    past_load: PastLoad = field(init=False)
    past_memory: PastMemory = field(init=False)
    trials: PastTrials = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.state, self.samples)
        self.anomalies = AnomalyWatch(self.samples)
        self.incidents = IncidentLog(self.state)
        self.past_load = PastLoad(self.samples)
        self.past_memory = PastMemory(self.samples)
        self.trials = PastTrials(self.state, self.samples)

    def turn(self, now: float, clock: Callable[[], float]) -> Cycle:
        """Turn the loop once at `now`; `clock` only times the turn. Raises nothing a plug-in raised."""
        faults: list[Fault] = []
        self.now = now
        plugins = self._who_is_there(faults)
        executions = self.state.executions(limit=100)
        sensed = self.sensing.look(plugins, self.policies(), now)
        admitted, refused = self.gate.admit(sensed.samples, now)
        refusals = (*sensed.refusals, *refused)
        self.samples.write(admitted)
        if self.recorder is not None:
            self.recorder.record(sensed.traces, sensed.settings(now, _cores()), now)
        window = self.samples.window(tuple(plugins), now, self.window_seconds, self.interval_seconds)
        statuses = self._note_statuses(plugins, window, now)
        policies = self.policies()  # whoever was just found belongs to its groups from here on
        self._note_changes(sensed, executions, now)
        fleet = self._fleet(plugins, statuses, sensed, executions, policies, now)
        fleet = self._remembered(fleet, admitted, faults)
        findings = tuple(self._all(faults, self.detectors, lambda d: d.detect(window, fleet, policies)))
        self.incidents.note(findings, plugins.values(), now)
        planned = self.past_load.beside(fleet, findings)
        thoughts = tuple(self._all(faults, self.planners, lambda p: promised(p.plan(window, findings, planned))))
        proposals = [
            t for t in thoughts if isinstance(t, Proposal) and policies.of(t.plugin_id).mode is not Mode.OBSERVE
        ]
        self.ledger.look(executions)
        suggestions = self.offers.reconcile(self.ledger.calibrated(proposals), sensed.knobs, now)
        held = self._approve_automatic(suggestions, fleet, window, policies)
        self._keep(plugins, sensed, executions, now)
        self.turns += 1
        cycle = Cycle(
            number=self.turns,
            at=now,
            duration_seconds=clock() - now,
            plugins=len(plugins),
            samples=len(admitted),
            findings=findings,
            suggestions=len(suggestions),
            silences=(
                *(t for t in thoughts if isinstance(t, Silence)),
                *held,
                *silences(times_apart(fleet.views), now),
                *silences_of(refusals),
            ),
            refusals=refusals,
            faults=(*sensed.faults, *faults),
        )
        self.state.record_cycle(cycle)
        return cycle

    def _who_is_there(self, faults: list[Fault]) -> Mapping[str, Plugin]:
        known = [plugin for plugin, _, _ in self.state.plugins()]
        found: list[Plugin] = []
        if self.discover:
            found = list(self._all(faults, self.touchpoints.values(), lambda t: t.discover()))
        return roll_call(self.configured, known, found)

    def _note_statuses(
        self, plugins: Mapping[str, Plugin], window: Window, now: float
    ) -> Mapping[str, tuple[PluginStatus, float]]:
        """Return each plugin's status and since when it has it; write down what changed."""
        before = {plugin.plugin_id: (plugin, status, since) for plugin, status, since in self.state.plugins()}
        statuses: dict[str, tuple[PluginStatus, float]] = {}
        for plugin_id, plugin in plugins.items():
            status = status_of(window, plugin_id)
            known = before.get(plugin_id)
            statuses[plugin_id] = (status, known[2] if known and known[1] is status else now)
            if known is None or known[:2] != (plugin, status):
                self.state.save_plugin(plugin, status, now)
        return statuses

    def _note_changes(self, sensed: Sensed, executions: Sequence[Execution], now: float) -> None:
        ours = {
            (e.change.plugin_id, e.change.knob): e.id
            for e in executions
            if e.state not in FINAL or (e.finished_at or 0.0) > now - AFTERMATH_SECONDS
        }
        self.watch.announced = ours
        for plugin_id, knobs in sensed.knobs.items():
            for change in self.watch.compare(plugin_id, knobs, now):
                self.state.record_setting_change(change)

    def _fleet(
        self,
        plugins: Mapping[str, Plugin],
        statuses: Mapping[str, tuple[PluginStatus, float]],
        sensed: Sensed,
        executions: Sequence[Execution],
        policies: Policies,
        now: float,
    ) -> Fleet:
        changes = self.state.setting_changes(now - self.window_seconds)
        busy = {e.change.plugin_id for e in executions if e.state not in FINAL}
        rest = {e.change.plugin_id: e.finished_at or 0.0 for e in reversed(executions) if e.state in FINAL}
        views = {
            plugin_id: PluginView(
                plugin=plugin,
                policy=policies.of(plugin_id),
                status=statuses[plugin_id][0],
                since=statuses[plugin_id][1],
                knobs=sensed.knobs.get(plugin_id, ()),
                pool=sensed.pools.get(plugin_id),
                trace=self.archive.between(plugin_id, now - self.window_seconds, now).waiting_where_unknown(),
                caches=sensed.caches.get(plugin_id, ()),
                server=sensed.servers.get(plugin_id),
                errors=tuple(self.requests.errors(plugin_id)),
                attributes=self.requests.attributes(plugin_id),
                setting_changes=tuple(c for c in changes if c.plugin_id == plugin_id),
                in_flight=plugin_id in busy,
                rest_until=rest.get(plugin_id, 0.0) + policies.of(plugin_id).cooldown_seconds,
                trials=self.trials.of(plugin_id, sensed.knobs.get(plugin_id, ()), executions),
            )
            for plugin_id, plugin in plugins.items()
        }
        return Fleet(now=now, cores=_cores(), views=views)

    def _remembered(self, fleet: Fleet, admitted: Sequence[Sample], faults: list[Fault]) -> Fleet:
        """Return the fleet with what is not as it used to be; the memory of it takes in what was measured."""
        changed = {name for name, view in fleet.views.items() if view.in_flight or view.setting_changes}
        bars = {name: view.policy.anomaly_bar for name, view in fleet.views.items()}
        raised = raised_bars(self.state.standing_feedback(), fleet.now)
        attention = Attention(bars, raised, changed, times_apart(fleet.views))
        unusual = tuple(self._all(faults, (self.anomalies,), lambda w: w.look(admitted, attention, fleet.now)))
        return self.past_memory.beside(replace(fleet, unusual=unusual, error_shares=self.anomalies.error_shares()))

    def _approve_automatic(
        self, suggestions: Iterable[Suggestion], fleet: Fleet, window: Window, policies: Policies
    ) -> tuple[Silence, ...]:
        """Approve what the policy leaves to the engine, after warm-up; return what was held back, and why."""
        if self.turns < WARM_UP_TURNS:
            return ()
        return tuple(approve_automatic(self.state, suggestions, fleet, window, policies, self.stopped(), self._day_of))

    def _day_of(self, plugin_id: str) -> Sequence[tuple[float, float]]:
        """Return how many requests per second a plugin served over the last day, by the minute."""
        metric, end = Metric.THROUGHPUT_PER_SECOND, self.now
        return self.samples.range(plugin_id, (metric,), end - DAY_SECONDS, end, 1_440).get(metric, ())

    def _keep(self, plugins: Mapping[str, Plugin], sensed: Sensed, executions: Sequence[Execution], now: float) -> None:
        readable = {
            plugin_id: (
                plugins[plugin_id],
                self.touchpoints[plugins[plugin_id].touchpoint],
                {k.name: k.value for k in knobs},
            )
            for plugin_id, knobs in sensed.knobs.items()
        }
        busy = frozenset(e.change.plugin_id for e in executions if e.state not in FINAL)
        self.keeper.tend(readable, busy, now)

    def _all(
        self, faults: list[Fault], parts: Iterable[Part], call: Callable[[Part], Iterable[Result]]
    ) -> Iterable[Result]:
        """Run every plug-in to its end; one that raises becomes a fault, what it yielded before is dropped."""

        def one(part: Part) -> list[Result]:
            try:
                return list(call(part))
            except Exception as error:
                log.exception("%s", type(part).__name__)
                faults.append(Fault(type(part).__name__, f"{type(error).__name__}: {error}"))
                return []

        return chain.from_iterable([one(part) for part in parts])


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def status_of(window: Window, plugin_id: str) -> PluginStatus:
    """Return active or inactive by the last two looks; unknown when there was none lately."""
    up = window.of(plugin_id, Metric.UP)[-3:]
    looks = up[~np.isnan(up)]
    if len(looks) == 0:
        return PluginStatus.UNKNOWN
    if looks[-1] == 1:
        return PluginStatus.ACTIVE
    return PluginStatus.INACTIVE if len(looks) >= 2 and looks[-2] == 0 else PluginStatus.UNKNOWN
