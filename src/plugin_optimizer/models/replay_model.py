"""A server as a model that was fitted to its own requests: what would another number of workers have done to them?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..domain import Pool, RequestTrace
from .bootstrap import block_ratios
from .dealt import replay_dealt
from .fifo import replay_fifo, replay_split
from .quota import PHASES, budgets
from .server import Budget, replay_server
from .topology import models_topology, queue_per_process, usable_cores

F64 = NDArray[np.float64]

VALID_ERROR = 0.10  # beyond this the model does not describe the server: advise, do not plan
LEAST_ERROR = 0.02  # of a replay that fits its own trace perfectly: what the next stretch will still differ by
SPLITS = PHASES  # the luck of a random split is as unknown as the phase of a quota's timer


class Method(StrEnum):
    """`fifo`: slots behind one queue; `split`: a queue per process; `server`: with processor sharing and budget."""

    FIFO = "fifo"
    SPLIT = "split"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Forecast:
    """Sojourns under a number of workers, in seconds; `low`…`high` holds the p95 with probability 0.8, ditto the mean."""

    workers: int
    mean_seconds: float
    p95_seconds: float
    p99_seconds: float
    low_seconds: float
    high_seconds: float
    mean_low_seconds: float
    mean_high_seconds: float


@dataclass(frozen=True, slots=True)
class Replay:
    """A model of one server, fitted to its own trace.

    `off_cpu` and `overhead_seconds` are what the fit found; `free_at` when slots came free that were taken at
    the beginning (unused for more workers than ran: those are asked how they would do from the start); `mean_ratio` and `p95_ratio` are observed / replayed with the count that really ran, and
    `error` is how far they were off before they were used to calibrate. `growing`: more arrived than was served.
    """

    trace: RequestTrace
    pool: Pool
    method: Method
    off_cpu: F64
    free_at: tuple[float, ...]
    queue_known: bool
    growing: bool
    seed: int = 0
    overhead_seconds: float = 0.0
    mean_ratio: float = 1.0
    p95_ratio: float = 1.0
    error: float = float("inf")

    @property
    def valid(self) -> bool:
        """Say whether a plan may rest on this model: it retells its own trace within 10 %."""
        return self.queue_known and self.error <= VALID_ERROR and models_topology(self.pool)

    def sojourns(self, workers: int, load: float = 1.0) -> F64:
        """Return what each request of `trace` would have felt: [n], seconds, calibrated by the self-check.

        `load` divides the gaps between arrivals, which keeps their bursts. Source: Workers sheet, section 4.4.
        """
        each: F64 = self.runs(workers, load).mean(axis=0) * self.mean_ratio
        return each

    def forecast(self, workers: int, load: float = 1.0) -> Forecast:
        """Return the figures for one number of workers.

        The intervals are a moving-block bootstrap over stretches of 5 s of the sojourns replayed at that very
        count, widened to a future stretch of equal length and by the error of the self-check. They do not know
        of traffic that was never recorded: a busier hour than the trace needs `load`.
        """
        runs = self.runs(workers, load)
        mean = float(np.mean(runs)) * self.mean_ratio
        p95, p99 = (float(np.mean(np.quantile(runs, q, axis=1))) * self.p95_ratio for q in (0.95, 0.99))
        low, high = self._interval(runs[0], 0.95)
        mean_low, mean_high = self._interval(runs[0], None)
        return Forecast(workers, mean, p95, p99, p95 * low, p95 * high, mean * mean_low, mean * mean_high)

    def forecasts(self, counts: Iterable[int], load: float = 1.0) -> list[Forecast]:
        return [self.forecast(workers, load) for workers in counts]

    def figures(self, workers: int, load: float = 1.0) -> tuple[float, float]:
        """Return mean and p95 in seconds, without intervals: cheaper."""
        runs = self.runs(workers, load)
        return float(np.mean(runs)) * self.mean_ratio, float(np.mean(np.quantile(runs, 0.95, axis=1))) * self.p95_ratio

    def runs(self, workers: int, load: float = 1.0) -> F64:
        """Return the uncalibrated sojourns, one row per unknown phase or split: [runs, n]."""
        origin = self.trace.arrival[0] if len(self.trace) else 0.0
        arrival = origin + (self.trace.arrival - origin) / load
        if queue_per_process(self.pool, workers):
            return self._dealt(arrival, workers)
        slots = workers * self.pool.threads
        free_at = self.free_at if workers <= self.pool.workers else ()
        if self.method is Method.SERVER:
            return np.array([self._served(arrival, workers, free_at, budget) for budget in self.budgets()])
        return replay_fifo(arrival, self.trace.wall + self.overhead_seconds, slots, free_at=free_at)[None, :]

    def _served(self, arrival: F64, workers: int, free_at: tuple[float, ...], budget: Budget | None) -> F64:
        cpu, slots = self.trace.cpu + self.overhead_seconds, workers * self.pool.threads
        cores = usable_cores(self.pool, workers)
        return replay_server(arrival, cpu, self.off_cpu, slots, cores, budget=budget, free_at=free_at).sojourn

    def _dealt(self, arrival: F64, workers: int) -> F64:
        """Deal the requests out at random, several times: another luck of the cards, and phase of the quota's timer."""
        rng, threads = np.random.default_rng(self.seed), self.pool.threads
        if self.method is not Method.SERVER:
            service = self.trace.wall + self.overhead_seconds
            return np.array([replay_split(arrival, service, workers, threads, rng) for _ in range(SPLITS)])
        cpu, limits = self.trace.cpu + self.overhead_seconds, self.budgets()
        return np.array(
            [
                replay_dealt(
                    arrival,
                    cpu,
                    self.off_cpu,
                    rng.integers(workers, size=len(arrival)),
                    threads,
                    usable_cores(self.pool, workers),
                    budget=limits[k % len(limits)],
                )
                for k in range(SPLITS)
            ]
        )

    def budgets(self) -> Sequence[Budget | None]:
        """Return the CPU limit at each phase of its timer; [None] where there is none."""
        return budgets(self.pool)

    def _interval(self, sojourn: F64, quantile: float | None) -> tuple[float, float]:
        seconds = max(float(self.trace.arrival[-1] - self.trace.arrival[0]), 1e-6)
        block = round(5.0 * len(self.trace) / seconds)
        low, high = block_ratios(sojourn, quantile, block, np.random.default_rng(self.seed))
        error = max(self.error, LEAST_ERROR)
        return low * max(0.0, 1.0 - error), high * (1.0 + error)
