"""A server as a model that was fitted to its own requests: what would another number of workers have done to them?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..domain import Pool, RequestTrace
from .bootstrap import block_ratios
from .dealt import replay_dealt
from .drawn_anew import DRAW_LENGTH, DRAWS, LENGTH, comes_in_crowds, drawn, drawn_twice, taken
from .drawn_anew import LEAST_REQUESTS as LEAST_DRAWN
from .fifo import replay_fifo, replay_split
from .quota import PHASES, budgets
from .server import Budget, replay_server
from .threaded_processes import recorded_homes, replay_threaded, replay_threaded_fifo
from .topology import THREADED, models_topology, plans_topology, queue_per_process, usable_cores

F64 = NDArray[np.float64]

VALID_ERROR = 0.10  # beyond this the model does not describe the server: advise, do not plan
LEAST_ERROR = 0.02  # of a replay that fits its own trace perfectly: what the next stretch will still differ by
MOST_BUSY = 0.98  # of slots or cores in the long run: beyond it queues have no level to settle at
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
        """Say whether a judgement may rest on this model: it retells its own trace within 10 %."""
        return self.plannable and models_topology(self.pool)

    @property
    def plannable(self) -> bool:
        """Say whether a plan may: the same, also where chance decides which process gets a request."""
        return self.queue_known and self.error <= VALID_ERROR and plans_topology(self.pool)

    def sojourns(self, workers: int, load: float = 1.0) -> F64:
        """Return what each request of `trace` would have felt: [n], seconds, calibrated by the self-check.

        `load` divides the gaps between arrivals, which keeps their bursts. Source: Workers sheet, section 4.4.
        """
        each: F64 = self.runs(workers, load).mean(axis=0) * self.mean_ratio
        return each

    def forecast(self, workers: int, load: float = 1.0) -> Forecast:
        """Return the figures for one number of workers.

        Where queues settle at that count, they are those of minutes drawn anew out of the record, and the intervals come from
        records that might as well have been seen, and the minutes after each (`drawn_anew`); else from a moving-block bootstrap over stretches of 5 s of the replayed sojourns, widened
        to a future stretch of equal length. Either is widened by the error of the self-check. They do not know of traffic
        that was never recorded: a busier hour than the trace needs `load`.
        """
        mean, p95, p99 = self._figures(workers, load, (None, 0.95, 0.99))
        (mean_low, mean_high), (low, high) = self._intervals(workers, load)
        return Forecast(workers, mean, p95, p99, p95 * low, p95 * high, mean * mean_low, mean * mean_high)

    def forecasts(self, counts: Iterable[int], load: float = 1.0) -> list[Forecast]:
        return [self.forecast(workers, load) for workers in counts]

    def figures(self, workers: int, load: float = 1.0) -> tuple[float, float]:
        """Return mean and p95 in seconds, without intervals: cheaper."""
        mean, p95 = self._figures(workers, load, (None, 0.95))
        return mean, p95

    def _figures(self, workers: int, load: float, quantiles: Sequence[float | None]) -> list[float]:
        """Return the mean (None) and quantiles of the next minutes drawn anew; of what was recorded, where nothing can be drawn."""
        ahead = self._settles(workers, load)
        longer = self._drawn(drawn(len(self.trace), LENGTH, np.random.default_rng(self.seed))) if ahead else self
        runs = longer.runs(workers, load, luck=1) if ahead else self.runs(workers, load)
        seen = [_figure(runs, quantile) for quantile in quantiles]
        ratios = [self.mean_ratio if quantile is None else self.p95_ratio for quantile in quantiles]
        return [figure * ratio for figure, ratio in zip(seen, ratios, strict=True)]

    def _settles(self, workers: int, load: float) -> bool:
        """Tell whether so many workers get that load done in the long run, and enough was recorded that can be drawn anew."""
        if len(self.trace) < LEAST_DRAWN or comes_in_crowds(self.trace):
            return False
        seconds = max(float(self.trace.arrival[-1] - self.trace.arrival[0]), 1e-6) / load
        extra = self.overhead_seconds * len(self.trace)
        shared = self.method is Method.SERVER
        inside = float((self.trace.cpu + self.off_cpu).sum() if shared else self.trace.wall.sum()) + extra
        cores = min(self.pool.cores, usable_cores(self.pool, workers)) if shared else float("inf")
        computed = float(self.trace.cpu.sum()) + extra
        return max(inside / (workers * self.pool.threads), computed / cores) < MOST_BUSY * seconds

    def _drawn(self, places: NDArray[np.int64]) -> "Replay":
        return replace(self, trace=taken(self.trace, places), off_cpu=self.off_cpu[places], free_at=())

    def runs(self, workers: int, load: float = 1.0, luck: int = SPLITS) -> F64:
        """Return the uncalibrated sojourns, one row per unknown phase or split (at most `luck` of them): [runs, n]."""
        origin = self.trace.arrival[0] if len(self.trace) else 0.0
        arrival = origin + (self.trace.arrival - origin) / load
        if queue_per_process(self.pool, workers):
            return self._dealt(arrival, workers, luck)
        slots = workers * self.pool.threads
        free_at = self.free_at if workers <= self.pool.workers else ()
        if self.method is Method.SERVER:
            return np.array([self._served(arrival, workers, free_at, budget) for budget in self.budgets()[:luck]])
        return replay_fifo(arrival, self.trace.wall + self.overhead_seconds, slots, free_at=free_at)[None, :]

    def _served(self, arrival: F64, workers: int, free_at: tuple[float, ...], budget: Budget | None) -> F64:
        cpu, slots = self.trace.cpu + self.overhead_seconds, workers * self.pool.threads
        cores = usable_cores(self.pool, workers)
        return replay_server(arrival, cpu, self.off_cpu, slots, cores, budget=budget, free_at=free_at).sojourn

    def _dealt(self, arrival: F64, workers: int, luck: int) -> F64:
        """Deal the requests out at random, several times: another luck of the cards, and phase of the quota's timer."""
        rng, threads = np.random.default_rng(self.seed), self.pool.threads
        if self.pool.kind == THREADED:
            return np.array(
                [
                    self._threaded(arrival, rng.integers(workers, size=len(arrival)), workers, limit)
                    for limit in self._limits(luck)
                ]
            )
        if self.method is not Method.SERVER:
            service = self.trace.wall + self.overhead_seconds
            return np.array([replay_split(arrival, service, workers, threads, rng) for _ in range(luck)])
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
                for k in range(luck)
            ]
        )

    def retold(self) -> F64:
        """Return the uncalibrated sojourns with the count that ran, and with threads each in the process that served it: [runs, n]."""
        workers, arrival = self.pool.workers, self.trace.arrival
        home = recorded_homes(self.trace.pid) if self.pool.kind == THREADED and workers > 1 else None
        if home is None:
            return self.runs(workers)
        return np.array([self._threaded(arrival, home, workers, limit) for limit in self.budgets()])

    def _threaded(self, arrival: F64, home: NDArray[np.int64], workers: int, budget: Budget | None) -> F64:
        threads, extra = self.pool.threads, self.overhead_seconds
        if self.method is not Method.SERVER:
            return replay_threaded_fifo(arrival, self.trace.wall + extra, home, threads)
        cores = usable_cores(self.pool, workers)
        return replay_threaded(arrival, self.trace.cpu + extra, self.off_cpu, home, threads, cores, budget=budget)

    def _limits(self, luck: int) -> Sequence[Budget | None]:
        """Return the CPU limit for each of `luck` runs, at the phases of its timer in turn."""
        limits = self.budgets()
        return [limits[k % len(limits)] for k in range(luck)]

    def budgets(self) -> Sequence[Budget | None]:
        """Return the CPU limit at each phase of its timer; [None] where there is none."""
        return budgets(self.pool)

    def _intervals(self, workers: int, load: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the factors [low, high] around the mean and around the p95 that hold with probability 0.8."""
        error = max(self.error, LEAST_ERROR)
        low, high = self._spread(workers, load) if self._settles(workers, load) else self._ratios(workers, load)
        ends = [
            (float(lo) * max(0.0, 1.0 - error), float(hi) * (1.0 + error)) for lo, hi in zip(low, high, strict=True)
        ]
        return ends[0], ends[1]

    def _spread(self, workers: int, load: float) -> tuple[F64, F64]:
        """Return low and high of mean and p95 ([2] each) around their median over records that might have been seen."""
        rng, count = np.random.default_rng(self.seed), len(self.trace)
        drawings = (self._drawn(drawn_twice(count, DRAW_LENGTH, rng)).runs(workers, load, luck=1) for _ in range(DRAWS))
        found = np.array([[_figure(runs, None), _figure(runs, 0.95)] for runs in drawings])
        low, middle, high = np.quantile(found, (0.1, 0.5, 0.9), axis=0)
        return low / middle, high / middle

    def _ratios(self, workers: int, load: float) -> tuple[F64, F64]:
        sojourn = self.runs(workers, load)[0]
        seconds = max(float(self.trace.arrival[-1] - self.trace.arrival[0]), 1e-6)
        block = round(5.0 * len(self.trace) / seconds)
        ratios = [block_ratios(sojourn, q, block, np.random.default_rng(self.seed)) for q in (None, 0.95)]
        low, high = np.array(ratios).T
        return low, high


def _figure(runs: F64, quantile: float | None) -> float:
    """Return the mean (None) or a quantile of each row, on average."""
    return float(np.mean(runs) if quantile is None else np.mean(np.quantile(runs, quantile, axis=1)))
