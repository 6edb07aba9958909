"""Feeds recorded requests turn by turn to the product's own detectors and planners, as the engine does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from plugin_optimizer.analyze import DETECTORS
from plugin_optimizer.domain import (
    Finding,
    Fleet,
    Knob,
    Metric,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Policy,
    Pool,
    Proposal,
    RequestTrace,
    Window,
)
from plugin_optimizer.execute.offers import WITHDRAW_SECONDS
from plugin_optimizer.monitor.probe_source import RECORDS_LAG_SECONDS
from plugin_optimizer.monitor.request_samples import samples_of_trace
from plugin_optimizer.plan import PLANNERS

from .world import EPOCH, World

STEP_SECONDS, WINDOW_COLUMNS = 5.0, 120  # the defaults of engine.interval_seconds and engine.window_seconds
PLENTY_CORES = 64.0
RAN_BEFORE_SECONDS = 3_600.0
SAMPLED = (
    Metric.UP,
    Metric.WORKERS,
    Metric.CPU_CORES,
    Metric.REQUESTS,
    Metric.THROUGHPUT_PER_SECOND,
    Metric.ERROR_RATIO,
    Metric.RESPONSE_TIME_SECONDS,
    Metric.RESPONSE_TIME_P50_SECONDS,
    Metric.RESPONSE_TIME_P95_SECONDS,
    Metric.RESPONSE_TIME_P99_SECONDS,
    Metric.SERVICE_TIME_SECONDS,
    Metric.QUEUE_WAIT_SECONDS,
    Metric.BUSY_RATIO,
)


@dataclass(frozen=True, slots=True)
class Watched:
    """A plugin with all its requests, past and future. The floor of its policy is its count: savings are judged elsewhere."""

    plugin_id: str
    world: World
    trace: RequestTrace
    slo_seconds: float
    ends: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ends", self.trace.end)

    @property
    def policy(self) -> Policy:
        return Policy(response_time_seconds=self.slo_seconds, shrink_floor=self.world.workers)

    def seen(self, begin: float, now: float) -> RequestTrace:
        """Return the requests that arrived since `begin` and are on record at `now`."""
        first, last = np.searchsorted(self.trace.arrival, (begin, now))
        inside = slice(int(first), int(last))
        part = RequestTrace(*(getattr(self.trace, name)[inside] for name in RequestTrace.__slots__))
        return part.where(self.ends[inside] <= now - RECORDS_LAG_SECONDS)

    def view(self, now: float) -> PluginView:
        world = self.world
        started = max([EPOCH + s for s in world.starts if EPOCH + s <= now], default=EPOCH - RAN_BEFORE_SECONDS)
        cores = PLENTY_CORES if world.cores is None else float(world.cores[0])
        pool = Pool("sync", world.workers, cores=cores, spawned=dict.fromkeys(range(world.workers), started))
        return PluginView(
            plugin=Plugin(self.plugin_id, "gunicorn"),
            policy=self.policy,
            status=PluginStatus.ACTIVE,
            knobs=(Knob("workers", world.workers, minimum=1, maximum=64, kind="workers"),),
            pool=pool,
            trace=self.seen(now - WINDOW_COLUMNS * STEP_SECONDS, now),
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion at the moment it is first offered."""

    plugin_id: str
    type: str
    at: float
    wanted: int | None
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Watch:
    """The engine's turns over a fleet of simulated plugins, from `begin` on (Unix seconds). The first `only_sampled` of them do not think."""

    plugins: Sequence[Watched]
    begin: float
    turns: int
    only_sampled: int = 0
    detectors: Sequence[object] = field(default_factory=lambda: [make() for make in DETECTORS.values()])
    planners: Sequence[object] = field(default_factory=lambda: [make() for make in PLANNERS.values()])
    columns: Mapping[Metric, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        shape = (len(self.plugins), self.turns + WINDOW_COLUMNS)  # nothing was measured before the first turn
        self.columns = {metric: np.full(shape, np.nan, dtype=np.float32) for metric in SAMPLED}

    def times(self) -> np.ndarray:
        return self.begin + STEP_SECONDS * (1 + np.arange(self.turns))

    def until(self, happened: Callable[[Offer], bool]) -> list[Offer]:
        """Return what is offered, up to and with the first offer of which `happened` is true."""
        found = []
        for offer in self.offers():
            found.append(offer)
            if happened(offer):
                break
        return found

    def offers(self) -> Iterator[Offer]:
        """Yield what is offered, each suggestion once as long as it stays open."""
        proposed: dict[tuple[str, str], float] = {}
        for turn, now in enumerate(self.times().tolist()):
            for proposal in self._proposals(turn, now):
                key = (proposal.plugin_id, proposal.type.value)
                if now - proposed.get(key, -np.inf) > WITHDRAW_SECONDS:
                    wanted = proposal.change.after if proposal.change else None
                    count = wanted if isinstance(wanted, int) else None
                    yield Offer(*key, now, count, proposal.findings)
                proposed[key] = now

    def _proposals(self, turn: int, now: float) -> Iterator[Proposal]:
        """Yield the proposals of one turn. Planners are asked about plugins with a finding only: without, they are silent."""
        self._sample(turn, now)
        if turn < self.only_sampled:
            return
        views = {plugin.plugin_id: plugin.view(now) for plugin in self.plugins}
        policies = Policies(by_plugin={name: view.policy for name, view in views.items()})
        window, cores = self._window(turn), round(max(view.pool.cores for view in views.values() if view.pool))
        fleet = Fleet(now, cores, views)
        findings = tuple(f for detector in self.detectors for f in detector.detect(window, fleet, policies))  # type: ignore[attr-defined]
        troubled = {f.plugin_id for f in findings}
        few = Fleet(now, cores, {name: view for name, view in views.items() if name in troubled})
        for planner in self.planners if troubled else ():
            yield from (p for p in planner.plan(window, findings, few) if isinstance(p, Proposal))  # type: ignore[attr-defined]

    def _sample(self, turn: int, now: float) -> None:
        begin = now - STEP_SECONDS
        for row, plugin in enumerate(self.plugins):
            recent = plugin.seen(begin - 120.0, now)
            self.columns[Metric.UP][row, turn + WINDOW_COLUMNS] = 1.0
            self.columns[Metric.WORKERS][row, turn + WINDOW_COLUMNS] = plugin.world.workers
            done = recent.cpu[recent.end >= begin - RECORDS_LAG_SECONDS]
            self.columns[Metric.CPU_CORES][row, turn + WINDOW_COLUMNS] = done.sum() / STEP_SECONDS
            samples = samples_of_trace(
                plugin.plugin_id, recent, begin, now, plugin.world.workers, lag_seconds=RECORDS_LAG_SECONDS
            )
            for sample in samples:
                self.columns[sample.metric][row, turn + WINDOW_COLUMNS] = sample.value

    def _window(self, turn: int) -> Window:
        last = turn + 1 + WINDOW_COLUMNS
        metrics = {metric: values[:, last - WINDOW_COLUMNS : last] for metric, values in self.columns.items()}
        names = tuple(plugin.plugin_id for plugin in self.plugins)
        numbers = np.arange(turn + 2 - WINDOW_COLUMNS, turn + 2, dtype=np.float64)
        times = self.begin + STEP_SECONDS * numbers
        return Window(names, times, STEP_SECONDS, metrics)
