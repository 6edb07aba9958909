"""What another number of workers would have done to the very requests that were recorded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ..domain import Pool, RequestTrace
from .backlog import taken_at_start
from .bootstrap import block_ratios
from .fifo import replay_fifo, replay_split
from .overhead import gaps_between_queued
from .overload import completed_part, offered_load
from .server import Budget, replay_server

__all__ = ["Budget", "Forecast", "Method", "Replay", "fit_replay", "replay_fifo", "replay_server", "replay_split"]

F64 = NDArray[np.float64]

VALID_ERROR = 0.10  # beyond this the model does not describe the server: advise, do not plan
LEAST_ERROR = 0.02  # of a replay that fits its own trace perfectly: what the next stretch will still differ by
SCARCE_CPU = 0.3  # utilisation from which processor sharing matters
SCARCE_CORE = 0.1  # share of wall spent waiting for a core, ditto
UNKNOWN_QUEUE = 0.2  # share of requests without a queue wait from which the queue counts as unseen
MOST_FIFO, MOST_SERVER = 20_000, 5_000  # latest requests replayed: bounds the time of one replay to ~20 and ~50 ms
QUOTA_PERIOD_SECONDS = 0.1  # CFS default
PHASES = 4  # the phase of a quota's refill timer, and the luck of a random split, are unknown: average over them
MOST_OVERHEAD_SECONDS, MOST_OVERHEAD_RATIO = 0.005, 0.05  # per request outside the handler, where it was not seen
MOST_OF_SEEN_OVERHEAD = 1.25  # where it was: answers are written and sockets closed beside what the gaps show
LEAST_GAPS = 30
OVERHEAD_STEPS = 8
ASYNC_KINDS = frozenset({"uvicorn", "gevent", "eventlet", "tornado", "asgi"})


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
    host_cores: float
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
        slots = workers * self.pool.threads
        free_at = self.free_at if workers <= self.pool.workers else ()
        if self.method is Method.SERVER:
            return np.array([self._serve(arrival, slots, free_at, budget) for budget in self.budgets()])
        service = self.trace.wall + self.overhead_seconds
        if self.method is Method.SPLIT:
            rng = np.random.default_rng(self.seed)
            return np.array([replay_split(arrival, service, workers, self.pool.threads, rng) for _ in range(PHASES)])
        return replay_fifo(arrival, service, slots, free_at=free_at)[None, :]

    def _serve(self, arrival: F64, slots: int, free_at: tuple[float, ...], budget: Budget | None) -> F64:
        cpu = self.trace.cpu + self.overhead_seconds
        cores = self.pool.cores if budget is None else self.host_cores
        return replay_server(arrival, cpu, self.off_cpu, slots, cores, budget=budget, free_at=free_at).sojourn

    def budgets(self) -> list[Budget | None]:
        """Return the CPU limit at each phase of its timer; [None] where the pool has the host to itself."""
        if self.pool.cores >= self.host_cores:
            return [None]
        period = QUOTA_PERIOD_SECONDS
        return [Budget(self.pool.cores * period, period, period * (k + 1) / PHASES) for k in range(PHASES)]

    def _interval(self, sojourn: F64, quantile: float | None) -> tuple[float, float]:
        seconds = max(float(self.trace.arrival[-1] - self.trace.arrival[0]), 1e-6)
        block = round(5.0 * len(self.trace) / seconds)
        low, high = block_ratios(sojourn, quantile, block, np.random.default_rng(self.seed))
        error = max(self.error, LEAST_ERROR)
        return low * max(0.0, 1.0 - error), high * (1.0 + error)


def models_topology(pool: Pool) -> bool:
    """Say whether slots behind one queue (or one each) describe the pool.

    Not so for several processes with threads, which accept while their threads are busy, nor for event loops.
    """
    if pool.kind == "gthread":
        return pool.workers == 1 and pool.threads > 1
    return pool.kind not in ASYNC_KINDS


def fit_replay(trace: RequestTrace, pool: Pool, host_cores: float, seed: int = 0) -> Replay:
    """Return the model of a server, fitted to the requests recorded while it ran `pool.workers` workers.

    Takes the full model where CPU may be scarce (utilisation > 0.3, waits for a core > 0.1 of the time, a
    quota), else FIFO. Run delay that the full model does not make itself comes from neighbours and stays with
    the request; in the FIFO model all of it does. An empty trace gives a model that is not valid.
    """
    growing = offered_load(trace).growing
    trace = completed_part(trace) if growing else trace
    method = _method(trace, pool, host_cores)
    most = MOST_SERVER if method is Method.SERVER else MOST_FIFO
    trace = trace.where(np.arange(len(trace)) >= len(trace) - most)
    slots = pool.workers * pool.threads
    unknown = float(np.isnan(trace.queue_wait).mean()) if len(trace) else 1.0
    bare = Replay(
        trace,
        pool,
        host_cores,
        method,
        trace.off_cpu,
        taken_at_start(trace, slots),
        unknown <= UNKNOWN_QUEUE,
        growing,
        seed,
    )
    if len(trace) < 2 or float(trace.sojourn.mean()) <= 0:
        return bare
    return _checked(_with_overhead(_with_external_delay(bare)))


def _method(trace: RequestTrace, pool: Pool, host_cores: float) -> Method:
    wall = float(trace.wall.sum()) if len(trace) else 0.0
    if wall <= 0:
        return Method.FIFO
    seconds = max(float(trace.arrival[-1] - trace.arrival[0]), 1e-6)
    busy_cores = float(trace.cpu.sum()) / seconds / max(pool.cores, 1e-6)
    waiting = float(trace.run_delay.sum()) / wall
    if not pool.reuse_port and (busy_cores > SCARCE_CPU or waiting > SCARCE_CORE or pool.cores < host_cores):
        return Method.SERVER
    return Method.SPLIT if pool.reuse_port else Method.FIFO


def _with_external_delay(model: Replay) -> Replay:
    """Add to the off-CPU time what was waited for a core and the model does not make by itself."""
    delay = np.minimum(model.trace.run_delay, model.trace.wall)
    if model.method is not Method.SERVER or float(delay.sum()) <= 0:
        return model
    slots = model.pool.workers * model.pool.threads
    budget = model.budgets()[0]
    cores = model.pool.cores if budget is None else model.host_cores
    run = replay_server(
        model.trace.arrival, model.trace.cpu, model.off_cpu, slots, cores, budget=budget, free_at=model.free_at
    )
    own = float((run.sojourn - run.wait - model.trace.cpu - model.off_cpu).sum())
    external = max(0.0, 1.0 - own / float(delay.sum()))
    return replace(model, off_cpu=model.off_cpu + external * delay)


def _with_overhead(model: Replay) -> Replay:
    """Find by bisection the time per request outside the handler that makes the replayed mean the observed one.

    Never more than was seen between queued requests, or than any server needs where none was queued: a model
    must not be made to fit by inventing work.
    """
    observed = float(model.trace.sojourn.mean())
    most = max(MOST_OVERHEAD_SECONDS, MOST_OVERHEAD_RATIO * float(model.trace.wall.mean()))
    gaps = gaps_between_queued(model.trace)
    if len(gaps) >= LEAST_GAPS:
        most = max(most, MOST_OF_SEEN_OVERHEAD * float(gaps.mean()))
    low, high = 0.0, most
    if _mean(model, low) >= observed:
        return model
    for _ in range(OVERHEAD_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean(model, middle) < observed else (low, middle)
    return replace(model, overhead_seconds=low)


def _mean(model: Replay, overhead_seconds: float) -> float:
    return float(np.mean(replace(model, overhead_seconds=overhead_seconds).runs(model.pool.workers)))


def _checked(model: Replay) -> Replay:
    """Replay with the count that really ran, and compare."""
    observed, runs = model.trace.sojourn, model.runs(model.pool.workers)
    mean = float(observed.mean() / np.mean(runs))
    p95 = float(np.quantile(observed, 0.95) / np.mean(np.quantile(runs, 0.95, axis=1)))
    error = max(abs(1 / mean - 1), abs(1 / p95 - 1))
    return replace(model, mean_ratio=_clipped(mean), p95_ratio=_clipped(p95), error=error)


def _clipped(ratio: float) -> float:
    """Keep the calibration of a model that is not valid anyway from inventing figures."""
    return min(max(ratio, 1 - VALID_ERROR), 1 + VALID_ERROR)
