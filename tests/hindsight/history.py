"""A seeded history on disk: two services, one of them overloaded for a known time, as an engine would have stored it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plugin_optimizer.catalog import detectors, planners
from plugin_optimizer.domain import Knob, Metric, Plugin, Policies, Pool, RequestTrace, Sample, SeenSettings
from plugin_optimizer.hindsight import Question, Report, Walk
from plugin_optimizer.hindsight.record import Record
from plugin_optimizer.knowledge.recordings import open_recorded_past, open_recorder
from plugin_optimizer.knowledge.samples import open_sample_past, open_samples
from plugin_optimizer.models.fifo import replay_fifo
from plugin_optimizer.monitor.request_samples import samples_of_trace

T0 = 1_789_999_200.0  # a full hour, on a Monday
INTERVAL = 5.0
MINUTE = 60.0
LAG = 0.5
MEMORY = 60e6  # of a worker
CALM, BUSY = 6.0, 19.0  # requests per second; two workers that need 0.1 s each serve 20
SLO = 0.5


@dataclass(frozen=True)
class Service:
    """`stretches` are (minutes, requests per second, workers), one after the other."""

    plugin_id: str
    stretches: Sequence[tuple[float, float, int]]
    seed: int = 1
    service_seconds: float = 0.1

    def workers_at(self, at: float) -> int:
        end = T0
        for minutes, _, workers in self.stretches:
            end += minutes * MINUTE
            if at < end:
                return workers
        return self.stretches[-1][2]

    def requests(self) -> RequestTrace:
        """Queue and all, by the very recursion that is known from the books; the queue survives from stretch to stretch."""
        rng = np.random.default_rng(self.seed)
        parts, begin = [], T0
        for minutes, rate, workers in self.stretches:
            seconds = minutes * MINUTE
            arrival = begin + np.sort(rng.uniform(0, seconds, rng.poisson(rate * seconds)))
            parts.append((arrival, rng.exponential(self.service_seconds, len(arrival)), workers))
            begin += seconds
        arrival = np.concatenate([part[0] for part in parts])
        wall = np.concatenate([part[1] for part in parts])
        sojourn = np.concatenate([replay_fifo(a, s, w) for a, s, w in parts])
        count = len(arrival)
        whole = np.zeros(count, dtype=np.int64)
        return RequestTrace(
            arrival,
            np.maximum(0.0, sojourn - wall),
            wall,
            0.05 * wall,
            0.001 * wall,
            whole + 200,
            whole,
            whole + 1,
            whole + 100,
        )


CALM_THEN_BUSY = Service("orders", ((15, CALM, 2), (15, BUSY, 2), (10, CALM, 2)))
HEALTHY = Service("menu", ((40, 3.0, 2),), seed=2)
FLEET = (CALM_THEN_BUSY, HEALTHY)
OVERLOAD = (T0 + 15 * MINUTE, T0 + 30 * MINUTE)
END = T0 + 40 * MINUTE


def plugins_of(services: Sequence[Service] = FLEET) -> Mapping[str, Plugin]:
    return {s.plugin_id: Plugin(s.plugin_id, "gunicorn") for s in services}


def store(directory: Path, services: Sequence[Service] = FLEET, until: float = END, *, recorded: bool = True) -> None:
    """Write what an engine on this host would have stored up to `until`."""
    samples, recorder = open_samples(directory / "samples.db"), open_recorder(directory / "requests.db", 100.0)
    assert recorder is not None
    traces = {s.plugin_id: s.requests() for s in services}
    written: list[Sample] = []
    for now in np.arange(T0 + INTERVAL, until + 0.01, INTERVAL).tolist():
        came, settings = {}, {}
        for service in services:
            name, workers = service.plugin_id, service.workers_at(now - 0.01)
            trace = traces[name]
            near = trace.between(now - 120.0, now)
            written += samples_of_trace(name, near, now - INTERVAL, now, workers, lag_seconds=LAG)
            written += outside(name, now, workers)
            came[name] = near.where((near.end >= now - INTERVAL) & (near.end < now))
            settings[name] = set_to(now, workers)
        if recorded:
            recorder.record(came, settings, now)
    samples.write(written)
    samples.close()
    recorder.close()


def outside(name: str, now: float, workers: int) -> list[Sample]:
    figures = {
        Metric.UP: 1.0,
        Metric.WORKERS: float(workers),
        Metric.MEMORY_BYTES: workers * MEMORY,
        Metric.WORKER_MEMORY_BYTES: MEMORY,
        Metric.MEMORY_RATIO: workers * MEMORY / 4e9,
        Metric.CPU_RATIO: 0.1,
        Metric.CPU_CORES: 0.1,
        Metric.RESTARTS: 0.0,
    }
    return [Sample(name, metric, now, value) for metric, value in figures.items()]


def set_to(at: float, workers: int) -> SeenSettings:
    knob = Knob("workers", workers, minimum=1, maximum=9, unit="workers", kind="workers")
    return SeenSettings(at, 2, (knob,), Pool("sync", workers, cores=2.0, spawned={100: T0 - 86_400.0}))


def ask(
    directory: Path,
    policies: Policies,
    record: Record | None = None,
    services: Sequence[Service] = FLEET,
    **question: object,
) -> Report:
    """Replay what is stored in `directory`."""
    asked = {
        "since": T0 + 120.0,
        "until": END,
        "every_seconds": 30.0,
        "plugins": plugins_of(services),
        "asked": frozenset(plugins_of(services)),
        "policies": policies,
        "cores": 2,
        **question,
    }
    samples = open_sample_past(directory / "samples.db", INTERVAL)
    requests = open_recorded_past(directory / "requests.db")
    try:
        return Walk(
            Question(**asked),
            samples,
            requests,
            record or Record(),
            detectors(),
            planners(),  # type: ignore[arg-type]
        ).run()
    finally:
        samples.close()
        requests.close()
