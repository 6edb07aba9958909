"""A fleet behind the real loop, each plugin with one class of bad data on one path into it.

The loop (sensing, gate, sample store, detectors, planners, offers, automatic approval) is the product's own. What comes
in is made here: requests of the back office, process figures with their noise, StatsD datagrams.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.analyze import DETECTORS
from plugin_optimizer.domain import (
    Attributes,
    CacheTrace,
    Cycle,
    ErrorGroup,
    Knob,
    Metric,
    Mode,
    Plugin,
    Policies,
    Pool,
    RequestTrace,
    Sample,
    Suggestion,
    Value,
)
from plugin_optimizer.engine import Engine
from plugin_optimizer.execute.keeper import Keeper
from plugin_optimizer.execute.offers import Offers
from plugin_optimizer.knowledge import SqlStateStore, open_samples
from plugin_optimizer.monitor.archive import TraceArchive
from plugin_optimizer.monitor.sensing import Sensing
from plugin_optimizer.monitor.statsd import StatsdListener
from plugin_optimizer.plan import PLANNERS
from tests.backoffice import START, STEP, Service, cores_of
from tests.simulator.store import open_in_memory

F64 = NDArray[np.float64]

GOOD_TURNS, BAD_TURNS = 26, 26
WINDOW_SECONDS = 120.0  # the shortest there may be: in the end nothing good is in it
LAG_SECONDS = 0.5

Spoil = Callable[[RequestTrace, float], RequestTrace]
SpoilSamples = Callable[[list[Sample], float], list[Sample]]
SpoilLines = Callable[[list[str], int], list[str]]
SpoilCaches = Callable[[CacheTrace, int], CacheTrace]


@dataclass(frozen=True, slots=True)
class Patient:
    """A service, and how each way of its data into the loop is spoilt from the bad turns on."""

    name: str
    service: Service
    records: Spoil = lambda trace, _: trace
    samples: SpoilSamples = lambda samples, _: samples
    lines: SpoilLines = lambda lines, _: lines
    caches: SpoilCaches = lambda cache, _: cache
    by_statsd: bool = False


@dataclass(slots=True)
class Ward:
    """The patients at one moment: touchpoint and source of requests at once. Nothing here can be turned."""

    patients: Mapping[str, Patient]
    now: float = START
    turn_number: int = 0
    read_until: dict[str, float] = field(default_factory=dict)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))
    kind: str = "simulated"

    @property
    def bad(self) -> bool:
        return self.turn_number > GOOD_TURNS

    # As a touchpoint

    def discover(self) -> Iterable[Plugin]:
        return [Plugin(name, "simulated") for name in self.patients]

    def sense(self, plugin: Plugin, now: float) -> Iterable[Sample]:
        patient = self.patients[plugin.plugin_id]
        samples = [Sample(plugin.plugin_id, m, now, v) for m, v in self._figures(patient.service, now).items()]
        return patient.samples(samples, now) if self.bad else samples

    def pool(self, plugin: Plugin) -> Pool | None:
        service = self.patients[plugin.plugin_id].service
        spawned = {100 + i: START for i in range(service.workers)}
        memory = service.worker_memory_bytes
        return Pool(service.kind, service.workers, cores=service.cores, spawned=spawned, worker_memory_bytes=memory)

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        service = self.patients[plugin.plugin_id].service
        return (Knob("workers", service.workers, 1, 32, kind="workers"), *service.knobs)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        raise AssertionError(f"{plugin.plugin_id}: {knob} was turned to {to!r}; nothing here executes")

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        raise AssertionError(f"{plugin.plugin_id}: {knob} was kept at {to!r}; nothing here executes")

    def _figures(self, service: Service, now: float) -> dict[Metric, float]:
        at = np.array([now])
        noise = 1 + float(self.rng.normal(0, 0.01))
        cores = float(cores_of(service, at)[0]) * noise
        figures = {
            Metric.UP: 1.0,
            Metric.WORKERS: float(service.workers),
            Metric.RESTARTS: 0.0,
            Metric.CPU_CORES: cores,
            Metric.CPU_RATIO: cores / min(service.cores, service.workers),
            Metric.MEMORY_BYTES: (30e6 + service.workers * service.worker_memory_bytes) * noise,
            Metric.WORKER_MEMORY_BYTES: service.worker_memory_bytes * noise,
        }
        own = {metric: float(course(at)[0]) for metric, course in service.samples.items()}
        return {metric: value for metric, value in (figures | own).items() if not np.isnan(value)}

    # As a source of requests

    def plugins(self) -> Sequence[str]:
        return [name for name, patient in self.patients.items() if not patient.by_statsd]

    def read(self, plugin_id: str) -> RequestTrace:
        patient = self.patients[plugin_id]
        if patient.by_statsd:
            return RequestTrace.empty()
        trace = self._since_last(plugin_id)
        return patient.records(trace, self.now) if self.bad else trace

    def caches(self, plugin_id: str) -> Sequence[CacheTrace]:
        """Return the caches as far as they were asked by now."""
        patient = self.patients[plugin_id]
        share = min(1.0, (self.now - START) / ((GOOD_TURNS + BAD_TURNS) * STEP))
        found = [_so_far(cache, share) for cache in patient.service.caches]
        return [patient.caches(cache, self.turn_number) for cache in found] if self.bad else found

    def errors(self, plugin_id: str) -> Sequence[ErrorGroup]:
        return ()

    def attributes(self, plugin_id: str) -> Mapping[int, Attributes]:
        return {}

    def datagrams(self) -> Iterable[bytes]:
        """Return what the servers told by StatsD since the last turn."""
        for name, patient in self.patients.items():
            if patient.by_statsd:
                trace = self._since_last(name)
                lines = [line for wall in trace.wall for line in told(name, wall * 1000)]
                lines = patient.lines(lines, self.turn_number) if self.bad else lines
                yield from (line.encode() for line in lines)

    def _since_last(self, name: str) -> RequestTrace:
        trace, begin = self.patients[name].service.trace, self.read_until.get(name, -np.inf)
        end = self.read_until[name] = self.now - LAG_SECONDS
        return trace.where((trace.end > begin) & (trace.end <= end))


def told(name: str, milliseconds: float) -> list[str]:
    """Return what gunicorn tells of one request."""
    prefix = f"{name}.gunicorn"
    return [
        f"{prefix}.requests:1|c",
        f"{prefix}.request.duration:{milliseconds}|ms",
        f"{prefix}.request.status.200:1|c",
    ]


def _so_far(cache: CacheTrace, share: float) -> CacheTrace:
    hits, misses = round(cache.hits * share), round(cache.misses * share)
    return replace(cache, keys=cache.keys[: max(1, hits + misses)], hits=hits, misses=misses)


@dataclass(slots=True)
class Outcome:
    """What came of one fleet: suggestions that would change something, approvals, and what was said of each plugin."""

    suggestions: list[Suggestion]
    executions: int
    said: dict[str, set[str]]
    faults: set[str]


def treat(patients: Iterable[Patient]) -> Outcome:
    """Turn the loop through the good turns and the bad ones, in automatic mode."""
    ward = Ward({patient.name: patient for patient in patients})
    policies = Policies(by_plugin={n: replace(p.service.policy, mode=Mode.AUTOMATIC) for n, p in ward.patients.items()})
    state = open_in_memory(lambda _: None)
    statsd = StatsdListener("127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as directory:
        samples = open_samples(Path(directory) / "samples.db")
        try:
            engine = _engine(ward, policies, state, samples, statsd)
            cycles = [_turn(ward, engine, statsd) for _ in range(GOOD_TURNS + BAD_TURNS)]
            return _outcome(state, cycles)
        finally:
            statsd.close()
            samples.close()
            state.close()


def _turn(ward: Ward, engine: Engine, statsd: StatsdListener) -> Cycle:
    ward.now += STEP
    ward.turn_number += 1
    for datagram in ward.datagrams():
        statsd.take(datagram)
    return engine.turn(ward.now, lambda: ward.now)


def _engine(ward: Ward, policies: Policies, state: SqlStateStore, samples: object, statsd: StatsdListener) -> Engine:
    archive, touchpoints = TraceArchive(), {"simulated": ward}
    return Engine(
        state=state,
        samples=samples,  # type: ignore[arg-type]
        touchpoints=touchpoints,
        requests=ward,
        sensing=Sensing(touchpoints, ward, statsd, archive, STEP),
        archive=archive,
        detectors=[make() for make in DETECTORS.values()],
        planners=[make() for make in PLANNERS.values()],
        policies=lambda: policies,
        configured=[],
        interval_seconds=STEP,
        window_seconds=WINDOW_SECONDS,
        discover=True,
        offers=Offers(state, 3600.0),
        keeper=Keeper(state),
    )


def _outcome(state: SqlStateStore, cycles: list[Cycle]) -> Outcome:
    said: dict[str, set[str]] = {}
    for cycle in cycles:
        for silence in cycle.silences:
            said.setdefault(silence.plugin_id, set()).add(silence.reason.code)
    changing = [s for s in state.suggestions(limit=10_000) if s.proposal.change is not None]
    faults = {f"{fault.part}: {fault.error}" for cycle in cycles for fault in cycle.faults}
    return Outcome(changing, len(state.executions(limit=10_000)), said, faults)
