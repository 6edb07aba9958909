"""A service before and after a change: requests run through the product's queue, and what a monitor sees of them.

The queue is that of `models.fifo`. What the judge's replay does not know: time outside the handler, a queue-wait sensor
that ticks, service levels that drift, and errors that come in waves.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Metric, RequestTrace, Window
from plugin_optimizer.models.fifo import begins, starting_slots

from .traffic import F64, I64, Traffic, Work, arrivals, wandering

PLUGIN = "orders"
CHANGE_AT = 270.0  # seconds: a warm-up, 180 s before as the engine looks at, and some to make the change
AFTER_SECONDS = 900.0
STEP = 5.0  # the engine's turn
TICK = 0.004  # of the queue-wait sensor
JUDGED = (60.0, 660.0)  # of the time after the change: the stretch over which an effect is labelled
HOST_CORES = 16.0


class Death(StrEnum):
    """How a target can be dead."""

    EXITED = "exited"  # looked for and not there
    SILENT = "silent"  # nothing is measured any more
    HUNG = "hung"  # its processes live, and answer nothing


@dataclass(frozen=True, slots=True)
class World:
    """`workers` really serve before the change, `workers_after` after it; `slower` multiplies service times after it."""

    seed: int
    traffic: Traffic = field(default_factory=Traffic)
    work: Work = field(default_factory=Work)
    workers: int = 4
    workers_after: int = 4
    slower: float = 1.0
    error_ratio: float = 0.0
    error_ratio_after: float = 0.0
    error_wander: float = 0.0
    death: Death | None = None

    @property
    def unchanged(self) -> "World":
        """Return the same world in which the change does nothing."""
        return replace(self, workers_after=self.workers, slower=1.0, error_ratio_after=self.error_ratio, death=None)

    def requests(self, stream: int = 0) -> RequestTrace:
        """Return every request from the beginning to the end, by arrival; times count from the beginning.

        Another `stream` gives other requests in the same surroundings (rates, levels).
        """
        seconds = int(CHANGE_AT + AFTER_SECONDS)
        around = np.random.default_rng((self.seed, 0))
        rates = self.traffic.rates(around, seconds, CHANGE_AT)
        levels = self.work.levels(around, seconds)
        errors = np.exp(self.error_wander * wandering(around, seconds))
        own = np.random.default_rng((self.seed, 1 + stream))
        arrival = arrivals(own, rates)
        size, kind = self.work.drawn(own, len(arrival))
        luck, second, after = own.random(len(arrival)), arrival.astype(np.int64), arrival >= CHANGE_AT
        wall = self.work.seconds * size * levels[second] * np.where(after, self.slower, 1.0)
        ratio = np.where(after, self.error_ratio_after, self.error_ratio) * errors[second]
        begin = self._begins(arrival, wall + self.work.overhead_seconds)
        status = np.where(luck < ratio, 500, 200).astype(np.int64)
        return self._survived(_trace(arrival, begin, wall, status, kind))

    def _begins(self, arrival: F64, held: F64) -> F64:
        """Return when each request gets a worker; those still in line at the change are served by the workers after."""
        begin = begins(arrival, held, starting_slots(self.workers, ()))
        if self.workers == self.workers_after:
            return begin
        late = int(np.searchsorted(begin, CHANGE_AT))  # begins ascend: first come, first served
        taken = (begin + held)[:late]
        busy = taken[taken > CHANGE_AT] - CHANGE_AT
        come = np.maximum(arrival[late:] - CHANGE_AT, 0.0)
        begin[late:] = CHANGE_AT + begins(come, held[late:], starting_slots(self.workers_after, busy.tolist()))
        return begin

    def _survived(self, trace: RequestTrace) -> RequestTrace:
        return trace if self.death is None else trace.where(trace.end < CHANGE_AT)


@dataclass(frozen=True, slots=True)
class Monitored:
    """What was measured of a world at every turn, with `epoch` added to all times."""

    trace: RequestTrace
    samples: Window
    epoch: float

    @classmethod
    def of(cls, trace: RequestTrace, epoch: float, death: Death | None = None) -> "Monitored":
        moved = replace(trace, arrival=trace.arrival + epoch)
        return cls(moved, samples_of(trace, epoch, death), epoch)

    def stretch(self, begin: float, end: float, now: float) -> Observation:
        """Return what is known at `now` of [begin, end]: probes are read at the engine's turns."""
        read = self.epoch + np.floor((now - self.epoch) / STEP) * STEP
        times = self.samples.times
        columns = (times > begin) & (times <= min(end, now))
        if not columns.any():
            columns = times == times[np.searchsorted(times, min(end, now), side="right") - 1]
        metrics = {metric: values[:, columns] for metric, values in self.samples.metrics.items()}
        window = Window(self.samples.plugin_ids, times[columns], STEP, metrics)
        arrival = self.trace.arrival
        seen = (arrival >= begin) & (arrival < end) & (self.trace.end <= read)
        return Observation(window, self.trace.where(seen))


def samples_of(trace: RequestTrace, epoch: float, death: Death | None) -> Window:
    """Return the samples of every turn over what ended since the one before."""
    count = int((CHANGE_AT + AFTER_SECONDS) / STEP)
    order = np.argsort(trace.end, kind="stable")
    edges = np.searchsorted(trace.end[order], STEP * np.arange(count + 1))
    sojourn, wall, failed = trace.sojourn[order], trace.wall[order], (trace.status >= 500)[order]
    rows = {metric: np.full((1, count), np.nan, dtype=np.float32) for metric in SAMPLED}
    rows[Metric.REQUESTS][0], rows[Metric.UP][0] = np.diff(edges), 1.0
    for column, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        if high > low:
            here = slice(low, high)
            rows[Metric.ERROR_RATIO][0, column] = failed[here].mean()
            rows[Metric.RESPONSE_TIME_SECONDS][0, column] = sojourn[here].mean()
            rows[Metric.RESPONSE_TIME_P95_SECONDS][0, column] = np.quantile(sojourn[here], 0.95)
            rows[Metric.SERVICE_TIME_SECONDS][0, column] = wall[here].mean()
    dead = STEP * np.arange(count) >= CHANGE_AT
    if death is Death.EXITED:
        rows[Metric.UP][0, dead], rows[Metric.REQUESTS][0, dead] = 0.0, np.nan
    if death is Death.SILENT:
        rows[Metric.UP][0, dead] = rows[Metric.REQUESTS][0, dead] = np.nan
    return Window((PLUGIN,), epoch + STEP * np.arange(1, count + 1, dtype=np.float64), STEP, rows)


SAMPLED = (
    Metric.UP,
    Metric.REQUESTS,
    Metric.ERROR_RATIO,
    Metric.RESPONSE_TIME_SECONDS,
    Metric.RESPONSE_TIME_P95_SECONDS,
    Metric.SERVICE_TIME_SECONDS,
)


def p95_ratio(world: World) -> float:
    """Return by what the change multiplies the p95 of the very requests that arrive while it is judged."""
    return p95(world.requests(), *JUDGED) / p95(world.unchanged.requests(), *JUDGED)


def mean_ratio(world: World) -> float:
    """Return the same of the mean."""
    return float(np.divide(*(_judged(w.requests()).sojourn.mean() for w in (world, world.unchanged))))


def p95(trace: RequestTrace, begin: float, end: float) -> float:
    """Return the p95 of the requests that arrived in that time after the change (before it: below 0), in seconds."""
    inside = (trace.arrival >= CHANGE_AT + begin) & (trace.arrival < CHANGE_AT + end)
    return float(np.quantile(trace.sojourn[inside], 0.95)) if inside.any() else float("nan")


def _judged(trace: RequestTrace) -> RequestTrace:
    return trace.between(CHANGE_AT + JUDGED[0], CHANGE_AT + JUDGED[1])


def _trace(arrival: F64, begin: F64, wall: F64, status: I64, kind: I64) -> RequestTrace:
    none: NDArray[np.int64] = np.zeros(len(arrival), dtype=np.int64)
    wait = np.round((begin - arrival) / TICK) * TICK
    cpu = np.minimum(0.1 * wall, 0.005)
    return RequestTrace(arrival, wait, wall, cpu, np.zeros(len(arrival)), status, none, kind, none)
