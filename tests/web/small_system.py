"""A small real system: real stores in a directory, knobs and error groups as given, nothing running."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from plugin_optimizer.config import Config, Engine, Server
from plugin_optimizer.contracts import SampleStore, StateStore, Touchpoint
from plugin_optimizer.domain import (
    Change,
    Cycle,
    Direction,
    ErrorGroup,
    ExecutionState,
    Finding,
    FindingKind,
    Goal,
    Knob,
    Message,
    Metric,
    Plugin,
    PluginStatus,
    Policies,
    Pool,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    Sample,
    Severity,
    Silence,
    Suggestion,
    SuggestionType,
)
from plugin_optimizer.execute.policy_layers import Clash, merge_policies
from plugin_optimizer.knowledge import SqliteInbox, open_samples, open_state

NOW = time.time()
HOUR_SECONDS = 3600.0


@dataclass
class IdleRunner:
    """A runner that was never asked to run."""

    active: bool = False
    started: int = 0

    def start(self) -> None:
        self.started += 1

    def stop(self) -> None:
        self.active = False


@dataclass
class SmallSystem:
    config: Config
    state: StateStore
    samples: SampleStore
    runner: IdleRunner = field(default_factory=IdleRunner)
    known_knobs: dict[str, Sequence[Knob]] = field(default_factory=dict)
    known_pools: dict[str, Pool] = field(default_factory=dict)
    touchpoints: dict[str, Touchpoint] = field(default_factory=dict)
    known_errors: dict[str, Sequence[ErrorGroup]] = field(default_factory=dict)
    _inbox: SqliteInbox | None = None

    @property
    def inbox(self) -> SqliteInbox:
        if self._inbox is None:
            self._inbox = SqliteInbox(self.config.state_dir / "inbox.db", self.config.metrics_in.waiting_bytes)
        return self._inbox

    def policies(self) -> Policies:
        members = self.config.members(self.state.groups(), [plugin for plugin, _, _ in self.state.plugins()])
        layers = (self.config.policy_overrides, self.state.policies())
        return merge_policies(*layers, members=members, clash=Clash.LOWERED)

    def knobs(self, plugin_id: str) -> Sequence[Knob]:
        return self.known_knobs.get(plugin_id, ())

    def pool(self, plugin_id: str) -> Pool | None:
        return self.known_pools.get(plugin_id)

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        return self.known_errors.get(plugin_id, ())

    def close(self) -> None:
        self.state.close()
        self.samples.close()
        if self._inbox is not None:
            self._inbox.close()


def small_system(
    directory: Path, policy: Mapping[str, Mapping[str, object]] | None = None, **server: Any
) -> SmallSystem:
    config = Config(
        server=replace(Server(threads=4), **server),
        engine=Engine(state_dir=str(directory), start=False),
        policy_overrides=policy or {},
    )
    return SmallSystem(config, open_state(directory / "state.db"), open_samples(directory / "samples.db"))


def add_plugin(
    system: SmallSystem, plugin_id: str = "orders", status: PluginStatus = PluginStatus.ACTIVE, age_seconds: float = 2.0
) -> Plugin:
    """Make a plugin known, with one sample of the usual metrics `age_seconds` ago."""
    plugin = Plugin(plugin_id, "gunicorn", {"name": plugin_id})
    system.state.save_plugin(plugin, status, NOW - HOUR_SECONDS)
    values = {
        Metric.CPU_RATIO: 0.25,
        Metric.MEMORY_RATIO: 0.5,
        Metric.ERROR_RATIO: 0.0,
        Metric.RESPONSE_TIME_SECONDS: 0.8,
        Metric.RESPONSE_TIME_P95_SECONDS: 2.3,
        Metric.WORKERS: 2.0,
    }
    at = time.time() - age_seconds
    system.samples.write([Sample(plugin_id, metric, at, value) for metric, value in values.items()])
    system.known_knobs[plugin_id] = (Knob("workers", 2, 1, 32, unit="workers", kind="workers"),)
    return plugin


def finding(plugin_id: str = "orders", severity: Severity = Severity.CRITICAL) -> Finding:
    metric = Metric.QUEUE_WAIT_SECONDS
    return Finding(plugin_id, metric, FindingKind.SATURATION, severity, 0.98, NOW - 60, 1.2, 0.3)


def proposal(plugin_id: str = "orders", **changes: Any) -> Proposal:
    goal = Goal(Metric.RESPONSE_TIME_P95_SECONDS, Direction.DOWN, Purpose.IMPROVE)
    made = Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.INCREASE_WORKERS,
        title=Message("increase_workers", {"from_workers": 2, "to_workers": 4}),
        change=Change(plugin_id, "workers", 2, 4, goal),
        prediction=Prediction(Metric.RESPONSE_TIME_P95_SECONDS, 2.3, 0.31, 0.26, 0.38, "replay"),
        risk=Risk.LOW,
        confidence=0.87,
        findings=(finding(plugin_id),),
        evidence=(Message("requests_wait", {"share_ratio": 0.62, "wait_seconds": 1.2}),),
        side_effects=(Prediction(Metric.MEMORY_BYTES, 120e6, 190e6, 180e6, 200e6, "pss"),),
        judged_by=Message("judged_by_response_time", {}),
        details={"curve": [{"workers": 2, "p95_seconds": float("nan")}]},
    )
    return replace(made, **changes)


def offer(
    system: SmallSystem, plugin_id: str = "orders", lifetime_seconds: float = HOUR_SECONDS, **changes: Any
) -> Suggestion:
    at = time.time()
    return system.state.offer(proposal(plugin_id, **changes), at, at + lifetime_seconds)


def finish(system: SmallSystem, execution_id: str, state: ExecutionState = ExecutionState.SUCCEEDED) -> None:
    """Lead an execution through the states of a run to its end."""
    store, at = system.state, time.time()
    execution = store.claim(execution_id, "test", at, at + 600)
    for step in ("intent", "applying", "applied", "settling", "verifying"):
        previous, following = execution.state, ExecutionState(step)
        applied_at = at if following is ExecutionState.APPLIED else execution.applied_at
        execution = store.advance(replace(execution, state=following, applied_at=applied_at), previous, "test", at)
    if state is ExecutionState.ROLLED_BACK:
        for step in ("rb_intent", "rb_applying"):
            moved = replace(execution, state=ExecutionState(step), undoing=True)
            execution = store.advance(moved, execution.state, "test", at)
    reason = Message("kept" if state is ExecutionState.SUCCEEDED else "did_not_help", {})
    store.advance(replace(execution, state=state, reason=reason), execution.state, "test", at)


def record_cycle(system: SmallSystem, age_seconds: float = 1.0, **changes: Any) -> Cycle:
    cycle = Cycle(number=7, at=time.time() - age_seconds, duration_seconds=0.2, plugins=1, samples=6)
    cycle = replace(cycle, **{"silences": (Silence("orders", "cache", Message("no_cache", {})),), **changes})
    system.state.record_cycle(cycle)
    return cycle
