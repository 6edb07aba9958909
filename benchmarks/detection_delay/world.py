"""Services that exist only as their requests: what a probe would have recorded of each of them.

This is not the model the planners replay with: load, service times and cores change while it runs.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.domain import RequestTrace

F64 = NDArray[np.float64]

EPOCH = 1_700_000_000.0
TICK_SECONDS = 0.004  # resolution of the probe's queue wait
OVERHEAD_SECONDS = 0.0008  # between two requests of one worker, which no probe sees
PARETO_TAIL = 2.2


@dataclass(frozen=True, slots=True)
class World:
    """One service from second 0 on. `load`, `slower` and `failing` hold a factor (a ratio) for each second.

    `rate` is requests per second, `mean_seconds` the service time and `computing` the share of it spent on a core;
    `cores` is None where they are plenty, else their number per second. All workers start anew at each second of
    `starts`: nobody serves for `start_seconds`, and the first `cold_requests` of each take `cold_factor` as long.
    """

    workers: int
    rate: float
    mean_seconds: float
    load: F64
    slower: F64
    failing: F64
    distribution: str = "exponential"
    scv: float = 4.0
    computing: float = 0.05
    cores: F64 | None = None
    starts: tuple[float, ...] = ()
    start_seconds: float = 1.0
    cold_requests: int = 10
    cold_factor: float = 4.0

    @property
    def seconds(self) -> int:
        return len(self.load)

    def run(self, rng: np.random.Generator) -> RequestTrace:
        """Return every request, ascending by arrival, from `EPOCH` on."""
        counts = rng.poisson(self.rate * self.load)
        arrival = np.sort(np.repeat(np.arange(self.seconds), counts) + rng.random(int(counts.sum())))
        second = arrival.astype(np.int64)
        work = service_times(self.distribution, self.mean_seconds, self.scv, len(arrival), rng) * self.slower[second]
        cpu = self.computing * work
        if self.cores is None:
            wait, wall = self._queue(arrival, work)
            delay = np.zeros(len(arrival))
            cpu = np.minimum(cpu, wall)
        else:
            wait, wall = share_cores(arrival, cpu, work - cpu, self.workers, self.cores)
            delay = np.maximum(0.0, wall - work)
        status = np.where(rng.random(len(arrival)) < self.failing[second], 500, 200).astype(np.int64)
        none, tick = np.zeros(len(arrival), dtype=np.int64), np.round(wait / TICK_SECONDS) * TICK_SECONDS
        return RequestTrace(EPOCH + arrival, tick, wall, cpu, delay, status, none, none, none)

    def _queue(self, arrival: F64, work: F64) -> tuple[F64, F64]:
        """Serve first come, first served, with the restarts. Returns waits and times inside: [n]."""
        free: list[tuple[float, int]] = [(0.0, 0)] * self.workers  # when, and how many it served since its start
        waits, walls, starts = np.empty(len(arrival)), np.empty(len(arrival)), deque(self.starts)
        for i, (at, seconds) in enumerate(zip(arrival.tolist(), work.tolist(), strict=True)):
            while starts and max(at, free[0][0]) >= starts[0]:
                again = starts.popleft() + self.start_seconds
                free = [(max(again, end), -self.cold_requests) for end, _ in free]
                heapq.heapify(free)
            end, served = free[0]
            begin = max(at, end)
            wall = seconds * (self.cold_factor if served < 0 else 1.0)
            heapq.heapreplace(free, (begin + wall + OVERHEAD_SECONDS, served + 1))
            waits[i], walls[i] = begin - at, wall
        return waits, walls


def service_times(distribution: str, mean: float, scv: float, count: int, rng: np.random.Generator) -> F64:
    """Draw service times in seconds; `scv` is the squared coefficient of variation of `lognormal`."""
    draw: dict[str, Callable[[], F64]] = {
        "constant": lambda: np.full(count, mean),
        "exponential": lambda: rng.exponential(mean, count),
        "lognormal": lambda: rng.lognormal(math.log(mean / math.sqrt(1 + scv)), math.sqrt(math.log1p(scv)), count),
        "pareto": lambda: mean * (PARETO_TAIL - 1) / PARETO_TAIL * (1 + rng.pareto(PARETO_TAIL, count)),
    }
    return draw[distribution]()


def share_cores(arrival: F64, cpu: F64, off: F64, workers: int, cores: F64) -> tuple[F64, F64]:
    """Serve where cores are scarce: each request waits off the CPU first, then computes, all sharing the cores alike.

    `cores` is [seconds]. Returns waits for a worker and times inside it: [n].
    """
    count, now, shared = len(arrival), 0.0, 0.0  # `shared`: CPU seconds each running request has had so far
    waits, ends = np.zeros(count), np.zeros(count)
    computing: list[tuple[float, int]] = []
    waiting: list[tuple[float, int]] = []
    line: deque[int] = deque()
    free, following = workers, 0
    while following < count or computing or waiting or line:
        speed = min(1.0, float(cores[min(int(now), len(cores) - 1)]) / len(computing)) if computing else 0.0
        done = now + max(0.0, computing[0][0] - shared) / speed if computing else math.inf
        back = waiting[0][0] if waiting else math.inf
        comes = float(arrival[following]) if following < count else math.inf
        until = min(done, back, comes, math.floor(now) + 1.0)
        shared, now = shared + (until - now) * speed, until
        if now == comes:
            line.append(following)
            following += 1
        elif now == back:
            _, i = heapq.heappop(waiting)
            heapq.heappush(computing, (shared + float(cpu[i]), i))
        elif now == done:
            _, i = heapq.heappop(computing)
            ends[i], free = now, free + 1
        while free and line:
            i, free = line.popleft(), free - 1
            waits[i] = now - arrival[i]
            heapq.heappush(waiting, (now + float(off[i]), i))
    return waits, ends - arrival - waits
