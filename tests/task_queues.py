"""Seeded queues of tasks: what a touchpoint would have measured of them, look by look."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    Fleet,
    Knob,
    Metric,
    Plugin,
    PluginStatus,
    PluginView,
    Policies,
    Policy,
    Pool,
    Window,
)

F64 = NDArray[np.float64]
START, STEP_SECONDS = 1_000_000.0, 5.0
MB = 1e6


@dataclass(frozen=True)
class Course:
    """A queue served by `workers` ([looks], changes count), each task of `service_seconds` (exponential), Poisson arrivals at
    `rate` per second ([looks]). Simulated in steps of a tenth of a second.
    """

    workers: NDArray[np.int64]
    rate: F64
    service_seconds: float
    seed: int = 1
    backlog: int = 0
    cpu_share: float = 0.05
    series: dict[Metric, F64] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng, ticks, tick = np.random.default_rng(self.seed), 50, STEP_SECONDS / 50
        waiting, busy, looks = self.backlog, 0, []
        for workers, rate in zip(self.workers.tolist(), self.rate.tolist(), strict=True):
            begun = 0
            for _ in range(ticks):
                busy -= int(rng.binomial(busy, 1 - np.exp(-tick / self.service_seconds)))
                waiting += int(rng.poisson(rate * tick))
                starts = min(waiting, max(0, workers - busy))
                waiting, busy, begun = waiting - starts, busy + starts, begun + starts
            looks.append((begun, waiting, min(1.0, busy / workers)))
        begun_, waiting_, busy_ = (np.array(column, dtype=np.float64) for column in zip(*looks, strict=True))
        over = min(12, len(looks))
        mean = np.convolve(begun_, np.ones(over), "full")[: len(looks)] / np.minimum(np.arange(len(looks)) + 1, over)
        per_second = np.maximum(mean / STEP_SECONDS, 1e-9)
        cores = begun_ / STEP_SECONDS * self.service_seconds * self.cpu_share
        self.series.update(
            {
                Metric.UP: np.ones(len(looks)),
                Metric.REQUESTS: begun_,
                Metric.THROUGHPUT_PER_SECOND: begun_ / STEP_SECONDS,
                Metric.QUEUE_LENGTH: waiting_,
                Metric.QUEUE_WAIT_SECONDS: waiting_ / per_second,
                Metric.BUSY_RATIO: busy_,
                Metric.SERVICE_TIME_SECONDS: np.full(len(looks), self.service_seconds),
                Metric.WORKERS: self.workers.astype(np.float64),
                Metric.CPU_CORES: cores,
                Metric.MEMORY_BYTES: 40 * MB + 50 * MB * self.workers,
                Metric.MEMORY_RATIO: (40 * MB + 50 * MB * self.workers) / 4e9,
            }
        )

    @property
    def window(self) -> Window:
        times = START + STEP_SECONDS * np.arange(1, len(self.workers) + 1)
        return Window(
            ("mail",), times, STEP_SECONDS, {m: v[None, :].astype(np.float32) for m, v in self.series.items()}
        )

    def between(self, begin: int, end: int) -> Observation:
        """Return the looks of [begin, end)."""
        whole = self.window
        metrics = {metric: values[:, begin:end] for metric, values in whole.metrics.items()}
        return Observation(Window(whole.plugin_ids, whole.times[begin:end], STEP_SECONDS, metrics))

    def view(self, policy: Policy, kind: str = "workers", limit: int | None = None) -> PluginView:
        """Return the plugin as it is at the end; with a `limit` an autoscaler owns the pool."""
        workers = int(self.workers[-1])
        name = "workers" if kind == "workers" else "autoscale_max"
        return PluginView(
            plugin=Plugin("mail", "celery", {"node": "mail@box"}),
            policy=policy,
            status=PluginStatus.ACTIVE,
            knobs=(Knob(name, limit or workers, 1, 33, unit="workers", persistent=False, kind=kind),),
            pool=Pool("prefork", workers, cores=4.0, worker_memory_bytes=50 * MB),
        )


def steady(workers: int, rate: float, service_seconds: float, looks: int = 60, **more: float) -> Course:
    return Course(np.full(looks, workers), np.full(looks, rate), service_seconds, **more)  # type: ignore[arg-type]


def fleet_of(view: PluginView, window: Window) -> Fleet:
    return Fleet(now=float(window.times[-1]), cores=4, views={view.plugin.plugin_id: view})


def policies_of(policy: Policy) -> Policies:
    return Policies(policy, {})
