"""Builds a working system from a configuration: stores, touchpoints, engine, runner."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .catalog import detectors, notifiers, planners
from .config import Config, load_config
from .contracts import Observation, RequestSource
from .domain import ConfigError, ErrorGroup, Execution, Knob, Message, NotFound, OptimizerError, Plugin, Policies, Pool
from .engine import Engine
from .execute.before import ran_since
from .execute.executor import Executor
from .execute.keeper import Keeper
from .execute.live_referee import LiveReferee, predictions_of
from .execute.offers import Offers
from .execute.policy_layers import Clash, merge_policies
from .execute.sight import Sight, arms
from .execute.verifier import ChangeVerifier
from .host_loop import HostLoop
from .knowledge import SqliteInbox, SqliteSampleStore, SqlStateStore, Stores
from .knowledge.audit_watch import AuditWatch, audit_trouble
from .knowledge.emergency_stop import EmergencyStop
from .knowledge.recordings import open_recorder
from .models.switchback_eligibility import slots_of_arms
from .monitor.archive import TraceArchive
from .monitor.inside import InsideSource
from .monitor.probe_source import ProbeSource
from .monitor.reported.source import ReportedFigures
from .monitor.sensing import Sensing
from .monitor.statsd import StatsdListener
from .notify.channels import ReadyChannel, make_channels, usable_channels
from .notify.conditions import Stop
from .notify.service import NotificationService
from .probe.channel import home as default_home
from .reach import make_actuator, make_touchpoints
from .runner import Runner

__all__ = ["System", "build", "load_config"]

SEEN_EXECUTIONS = 5  # of the plugin, the latest: what may reach into the time before a change


def build(config: Config) -> "System":
    """Return a system that is ready to serve and to run; nothing has been started yet."""
    return System(config)


class System:
    """Everything of one process. Stores are opened on first use, anew after a fork."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.touchpoints = make_touchpoints(config)
        self.actuator = make_actuator(config, self.stopped)
        self._guard = threading.RLock()
        self._stores = Stores(config.state_dir, config.engine.state_url, config.metrics_in.waiting_bytes)
        self._policies: tuple[int, Policies] | None = None
        self._said: tuple[object, Policies] | None = None  # what they were made of
        shared = config.engine.state_url.startswith("postgresql")  # perhaps by several hosts
        self.runner = Runner(
            self._loop,
            config.state_dir / "engine.lock",
            config.engine.interval_seconds,
            (lambda: self.state) if shared else None,
        )
        os.register_at_fork(after_in_child=self._after_fork)

    @property
    def home(self) -> Path:
        """Return the directory where probes and engine meet."""
        return self.config.home or default_home()

    @property
    def state(self) -> SqlStateStore:
        return self._stores.state

    @property
    def samples(self) -> SqliteSampleStore:
        return self._stores.samples

    @property
    def inbox(self) -> SqliteInbox:
        return self._stores.inbox

    def policies(self) -> Policies:
        """Return the policies in force: the configuration's, changed by what people stored since."""
        with self._guard:
            version = self.state.version()
            if self._policies is None or self._policies[0] != version:
                self._policies = (version, self._merged())
            return self._policies[1]

    def _merged(self) -> Policies:
        """Return the policies as they stand; those of before where only something else was written since."""
        state, config = self.state, self.config
        stored, groups = state.policies(), state.groups()
        grouped = groups or config.groups
        said = (stored, groups, [plugin for plugin, _, _ in state.plugins()] if grouped else [])
        if self._said is None or self._said[0] != said:
            members = config.members(groups, said[2])
            merged = merge_policies(config.policy_overrides, stored, members=members, clash=Clash.LOWERED)
            self._said = (said, merged)
        return self._said[1]

    def plugin(self, plugin_id: str) -> Plugin:
        """Return a plugin ever seen. Raises NotFound."""
        for plugin, _, _ in self.state.plugins():
            if plugin.plugin_id == plugin_id:
                return plugin
        raise NotFound(f"no plugin {plugin_id!r}")

    def knobs(self, plugin_id: str) -> Sequence[Knob]:
        """Return the plugin's knobs as they stand now. Raises NotFound, Gone, Unobservable."""
        plugin = self.plugin(plugin_id)
        touchpoint = self.touchpoints.get(plugin.touchpoint)
        return tuple(touchpoint.knobs(plugin)) if touchpoint else ()

    def pool(self, plugin_id: str) -> Pool | None:
        """Return how the plugin serves requests now. Raises NotFound, Gone, Unobservable."""
        plugin = self.plugin(plugin_id)
        touchpoint = self.touchpoints.get(plugin.touchpoint)
        return touchpoint.pool(plugin) if touchpoint else None

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        """Return the error groups that the plugin's probes have on record."""
        return tuple(InsideSource(ProbeSource(self.home)).errors(plugin_id))

    def stopped(self) -> bool:
        """Tell whether the emergency stop is set: the flag file works with the database down, too."""
        return EmergencyStop.of(self.config.state_dir).is_set()

    def halted(self) -> bool:
        """Tell whether nothing new may be done: the emergency stop, or an audit that its anchors contradict."""
        return self.stopped() or audit_trouble(self.state, self.config.state_dir) is not None

    def close(self) -> None:
        """Stop the runner and close the stores."""
        self.runner.stop()
        self._stores.close()

    def _loop(self, holder: str) -> "HostLoop":
        return make_loop(self, holder)

    def _after_fork(self) -> None:
        self._guard = threading.RLock()
        self._policies = None
        self._stores.forget()


def make_loop(system: System, holder: str) -> HostLoop:
    """Wire the engine of this host. Takes the lease, so that a runner before us can write no more."""
    config, state, samples = system.config, system.state, system.samples
    watch = AuditWatch(state, config.state_dir)
    watch.tend(time.time())  # before anything is written: the lease is already an entry
    lease = state.take_lease(holder, time.time())
    EmergencyStop.of(config.state_dir).prepare()
    archive = TraceArchive()
    source = InsideSource(ProbeSource(system.home))
    recorder = open_recorder(config.state_dir / "requests.db", config.engine.recording_megabytes)
    engine = Engine(
        state=state,
        samples=samples,
        touchpoints=system.touchpoints,
        requests=source,
        sensing=make_sensing(system, source, archive),
        archive=archive,
        detectors=detectors(),
        planners=planners(),
        policies=system.policies,
        configured=config.plugins,
        interval_seconds=config.engine.interval_seconds,
        window_seconds=config.engine.window_seconds,
        discover=config.engine.discover,
        offers=Offers(state, config.engine.suggestion_hours * 3600.0),
        keeper=Keeper(state, system.halted, system.actuator, lease),
        stopped=system.halted,
        recorder=recorder,
    )
    sight = SightOf(system, archive)
    executor = Executor(
        state,
        system.touchpoints,
        ChangeVerifier(),
        system.policies,
        sight,
        system.stopped,
        system.actuator,
        LiveReferee(predicted=predictions_of(state)),
    )
    notifications = make_notifications(system, lease)
    notifications.start()
    return HostLoop(engine, executor, samples, engine.sensing, watch, notifications, recorder)


def make_sensing(system: System, source: RequestSource, archive: TraceArchive) -> Sensing:
    """Return what looks at plugins; it listens, scrapes and pulls from now on, until it is closed. Raises ConfigError."""
    config, seconds, told = system.config, system.config.engine.interval_seconds, system.config.statsd
    reported = ReportedFigures(config.metrics, config.metrics_in, system.inbox, seconds)
    statsd = StatsdListener(told.host, told.port, reported.prefixes) if told.enabled else None
    return Sensing(system.touchpoints, source, statsd, archive, seconds, reported=reported)


def make_notifications(system: System, fence: int) -> NotificationService:
    """Return what tells people outside, not yet started."""
    config = system.config
    channels = usable_channels(config.notify.channels, notifiers())
    return NotificationService(
        system.state, config.notify, channels, SurroundingsOf(system), config.engine.interval_seconds, fence
    )


def channels_of(config: Config) -> Mapping[str, ReadyChannel]:
    """Return the configured channels by name. Raises ConfigError."""
    return make_channels(config.notify.channels, notifiers())


@dataclass(frozen=True, slots=True)
class SurroundingsOf:
    """What notifications ask beside the state."""

    system: System

    def policies(self) -> Policies:
        return self.system.policies()

    def stop(self) -> Stop | None:
        found = EmergencyStop.of(self.system.config.state_dir).read()
        return None if found is None else Stop(found.actor, found.reason)

    def trouble(self) -> Message | None:
        return audit_trouble(self.system.state, self.system.config.state_dir)


@dataclass(frozen=True, slots=True)
class SightOf:
    """Looks up what the judge may see of an execution."""

    system: System
    archive: TraceArchive

    def __call__(self, execution: Execution, now: float) -> Sight:
        begin = execution.created_at
        others = self.system.state.executions(execution.change.plugin_id, limit=SEEN_EXECUTIONS)
        applied = execution.applied_at or now
        settled = execution.verifying_at or now
        try:
            pool, readable = self._pool(execution), True
        except (OptimizerError, OSError):  # it died, perhaps by what we did: just then the guards have to look
            pool, readable = None, False
        pools = None if pool is None else arms(execution.change, pool)
        return Sight(
            before=self._stretch(execution, ran_since(execution, others), begin),
            since=self._stretch(execution, applied, now),
            after=self._stretch(execution, settled, now),
            pools=pools,
            readable=readable,
            slots=None if pool is None else slots_of_arms(pools or (pool, pool)),
        )

    def _stretch(self, execution: Execution, begin: float, end: float) -> Observation:
        step = self.system.config.engine.interval_seconds
        plugin_ids = tuple(plugin.plugin_id for plugin, _, _ in self.system.state.plugins())
        window = self.system.samples.window(plugin_ids, end, max(end - begin, step), step)
        return Observation(window, self.archive.between(execution.change.plugin_id, begin, end).waiting_where_unknown())

    def _pool(self, execution: Execution) -> Pool | None:
        plugin = self.system.plugin(execution.change.plugin_id)
        return self.system.touchpoints[plugin.touchpoint].pool(plugin)


def check_config(config: Config) -> None:
    """Raise ConfigError for what only shows when the pieces are put together."""
    channels_of(config)
    known = set(make_touchpoints(config))
    for plugin in config.plugins:
        if plugin.touchpoint not in known:
            raise ConfigError(
                f"plugins.{plugin.plugin_id}.touchpoint is {plugin.touchpoint!r}; known are {', '.join(sorted(known))}"
            )
