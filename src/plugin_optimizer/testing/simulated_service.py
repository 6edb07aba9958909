"""A simulated service whose worker count changes while requests come: what judges are tested against.

It is not the replay model: it has an overhead the probe does not see, a coarse clock for queue waits, service
levels that wander, a lock and a database that allows so many connections, so that a judge meets the errors it meets in
reality.
"""

import heapq
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..contracts import Observation
from ..domain import Metric, Pool, RequestTrace, Window

F64 = NDArray[np.float64]

STEP_SECONDS = 5.0
FIXED_SECONDS = 0.005  # of every service time
TICK_SECONDS = 0.004  # resolution of the queue-wait sensor
EPOCH = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class SimulatedService:
    """The world. Rates per second, times in seconds; what ends in `_after` holds after the change alone.

    `scv` is the squared coefficient of variation of service times (0: all equal, 1: exponential, above:
    lognormal). `lock_share` of a service time is spent under one lock of all workers, whose hand-over costs
    `handover` of the hold per other worker; with `connections` no more requests are worked on at once (0: any number).
    `wander` is the standard deviation of a slow (30 s) drift of log
    service times; `bursts` that of the arrival rate. `history_seconds` is how long it ran unseen before;
    `cold_seconds` how long its workers took to start while requests came.
    """

    workers: int = 4
    workers_after: int = 4
    rate: float = 20.0
    load_after: float = 1.0
    service_seconds: float = 0.1
    service_after: float = 1.0
    scv: float = 1.0
    lock_share: float = 0.0
    handover: float = 0.0
    connections: int = 0
    overhead_seconds: float = 0.0008
    wander: float = 0.0
    bursts: float = 0.0
    error_ratio: float = 0.0
    error_ratio_after: float = 0.0
    history_seconds: float = 0.0
    cold_seconds: float = 0.0
    before_seconds: float = 60.0
    settle_seconds: float = 5.0
    after_seconds: float = 60.0

    @property
    def pools(self) -> tuple[Pool, Pool]:
        pool = Pool("sync", self.workers, cores=64.0)
        return pool, replace(pool, workers=self.workers_after)

    @property
    def changed_at(self) -> float:
        return EPOCH + self.before_seconds

    def observe(self, seed: int) -> tuple[Observation, Observation]:
        """Return what was seen before the change and after it had settled; the same seed, the same world."""
        trace = self.run(seed)
        begin, now = self.changed_at + self.settle_seconds, self.changed_at + self.settle_seconds + self.after_seconds
        before = trace.between(EPOCH, self.changed_at)
        after = trace.between(begin, now)
        recorded = after.where(after.end <= now)
        return observation(before, EPOCH, self.changed_at), observation(recorded, begin, now)

    def run(self, seed: int) -> RequestTrace:
        """Return every request from the beginning to the end."""
        rng = np.random.default_rng(seed)
        arrival = self._arrivals(rng)
        after = arrival >= self._change_seconds
        work = self._work(rng, arrival, after)
        wait, wall = self._serve(arrival, work)
        ratio = np.where(after, self.error_ratio_after, self.error_ratio)
        status = np.where(rng.random(len(arrival)) < ratio, 500, 200).astype(np.int64)
        none, tick = np.zeros(len(arrival), dtype=np.int64), np.round(wait / TICK_SECONDS) * TICK_SECONDS
        cpu = np.minimum(0.002, wall)
        zero = np.zeros(len(arrival))
        return RequestTrace(EPOCH - self.history_seconds + arrival, tick, wall, cpu, zero, status, none, none, none)

    @property
    def _change_seconds(self) -> float:
        return self.history_seconds + self.before_seconds

    def _arrivals(self, rng: np.random.Generator) -> F64:
        total = self._change_seconds + self.settle_seconds + self.after_seconds
        most = self.rate * max(1.0, self.load_after) * math.exp(3 * self.bursts)
        times = np.cumsum(rng.exponential(1 / most, size=int(total * most * 1.2) + 50))
        times = times[times < total]
        rate = self.rate * np.where(times >= self._change_seconds, self.load_after, 1.0)
        rate = rate * np.exp(np.minimum(3 * self.bursts, _wandering(rng, times, 10.0) * self.bursts))
        return times[rng.random(len(times)) * most < rate]

    def _work(self, rng: np.random.Generator, arrival: F64, after: NDArray[np.bool_]) -> F64:
        mean = self.service_seconds
        if self.scv == 0:
            drawn = np.full(len(arrival), mean)
        elif self.scv == 1:
            drawn = rng.exponential(mean, len(arrival))
        else:
            sigma = math.sqrt(math.log1p(self.scv))
            drawn = rng.lognormal(math.log(mean) - sigma**2 / 2, sigma, len(arrival))
        drift = np.exp(self.wander * _wandering(rng, arrival, 30.0))
        return (FIXED_SECONDS + drawn) * drift * np.where(after, self.service_after, 1.0)

    def _serve(self, arrival: F64, work: F64) -> tuple[F64, F64]:
        """Serve first come, first served; slots come and go at the change. Returns waits and times inside: [n]."""
        free, changed, lock_free = [self.cold_seconds] * self.workers, False, 0.0
        connected = [0.0] * self.connections
        waits, walls = np.empty(len(arrival)), np.empty(len(arrival))
        workers = self.workers
        for i, (at, seconds) in enumerate(zip(arrival.tolist(), work.tolist(), strict=True)):
            if not changed and max(at, free[0]) >= self._change_seconds:
                changed, workers = True, self.workers_after
                free = _resized(free, workers, self._change_seconds)
            begin = max(at, heapq.heappop(free))
            end = begin + seconds
            if connected:
                end = max(begin, connected[0]) + seconds
                heapq.heapreplace(connected, end)
            if self.lock_share:
                hold = seconds * self.lock_share * (1 + self.handover * (workers - 1))
                lock_free = max(begin + seconds * (1 - self.lock_share), lock_free) + hold
                end = lock_free
            heapq.heappush(free, end + self.overhead_seconds)
            waits[i], walls[i] = begin - at, end - begin
        return waits, walls


def observation(trace: RequestTrace, begin: float, end: float, others: int = 0) -> Observation:
    """Return the trace with the samples a monitor would have made of it (the plugin is called `p`)."""
    times = np.arange(begin, end - 1e-6, STEP_SECONDS)
    rows = {metric: np.full((1 + others, len(times)), np.nan, dtype=np.float32) for metric in SAMPLED}
    for column, at in enumerate(times):
        inside = (trace.end >= at) & (trace.end < at + STEP_SECONDS)
        rows[Metric.REQUESTS][0, column] = inside.sum()
        rows[Metric.UP][0, column] = 1
        if inside.any():
            rows[Metric.ERROR_RATIO][0, column] = (trace.status[inside] >= 500).mean()
            rows[Metric.RESPONSE_TIME_SECONDS][0, column] = trace.sojourn[inside].mean()
            rows[Metric.RESPONSE_TIME_P95_SECONDS][0, column] = np.quantile(trace.sojourn[inside], 0.95)
            rows[Metric.SERVICE_TIME_SECONDS][0, column] = trace.wall[inside].mean()
    names = ("p", *(f"other-{n}" for n in range(others)))
    return Observation(Window(names, times + STEP_SECONDS, STEP_SECONDS, rows), trace)


SAMPLED = (
    Metric.UP,
    Metric.REQUESTS,
    Metric.ERROR_RATIO,
    Metric.RESPONSE_TIME_SECONDS,
    Metric.RESPONSE_TIME_P95_SECONDS,
    Metric.SERVICE_TIME_SECONDS,
)


def _resized(free: list[float], slots: int, at: float) -> list[float]:
    """Return the heap with new slots free from `at` on, or without the slots that come free first."""
    kept = sorted(free)[-slots:] if slots < len(free) else [*free, *([at] * (slots - len(free)))]
    heapq.heapify(kept)
    return kept


def _wandering(rng: np.random.Generator, times: F64, memory_seconds: float) -> F64:
    """Return an autocorrelated standard normal level at each time (Ornstein-Uhlenbeck, in steps of a second)."""
    seconds = int(times[-1]) + 2 if len(times) else 2
    keep = math.exp(-1 / memory_seconds)
    noise = rng.standard_normal(seconds) * math.sqrt(1 - keep**2)
    level, levels = float(rng.standard_normal()), np.empty(seconds)
    for i in range(seconds):
        level = keep * level + noise[i]
        levels[i] = level
    return levels[times.astype(np.int64)]
