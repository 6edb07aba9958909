"""What another number of workers would have done to the very requests that were recorded: the model, fitted to them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..domain import Pool, RequestTrace
from .backlog import taken_at_start
from .fifo import replay_fifo, replay_split
from .overhead import gaps_between_queued
from .overload import completed_part, offered_load
from .replay_model import VALID_ERROR, Forecast, Method, Replay
from .server import Budget, replay_server
from .topology import models_topology, plans_topology, usable_cores

__all__ = [
    "Budget",
    "Forecast",
    "Method",
    "Replay",
    "fit_replay",
    "models_topology",
    "plans_topology",
    "replay_fifo",
    "replay_server",
    "replay_split",
]

F64 = NDArray[np.float64]

SCARCE_CPU = 0.3  # utilisation from which processor sharing matters
SCARCE_CORE = 0.1  # share of wall spent waiting for a core, ditto
UNKNOWN_QUEUE = 0.2  # share of requests without a queue wait from which the queue counts as unseen
MOST_FIFO, MOST_SERVER = 20_000, 10_000  # latest requests replayed: bounds the time of one replay to ~10 and ~20 ms
MOST_OVERHEAD_SECONDS, MOST_OVERHEAD_RATIO = 0.005, 0.05  # per request outside the handler, where it was not seen
MOST_OF_SEEN_OVERHEAD = 1.25  # where it was: answers are written and sockets closed beside what the gaps show
LEAST_GAPS = 30
OVERHEAD_STEPS = 8
LOCK_STEPS = 6


def fit_replay(trace: RequestTrace, pool: Pool, seed: int = 0) -> Replay:
    """Return the model of a server, fitted to the requests recorded while it ran `pool.workers` workers.

    Takes the full model where CPU may be scarce (utilisation > 0.3, waits for a core > 0.1 of the time, a
    quota), else FIFO. Run delay that the full model does not make itself comes from neighbours and stays with
    the request; in the FIFO model all of it does. An empty trace gives a model that is not valid.
    """
    growing = offered_load(trace).growing
    trace = completed_part(trace) if growing else trace
    method = _method(trace, pool)
    most = MOST_SERVER if method is Method.SERVER else MOST_FIFO
    trace = trace.where(np.arange(len(trace)) >= len(trace) - most)
    slots = pool.workers * pool.threads
    unknown = float(np.isnan(trace.queue_wait).mean()) if len(trace) else 1.0
    bare = Replay(
        trace,
        pool,
        method,
        trace.off_cpu,
        taken_at_start(trace, slots),
        unknown <= UNKNOWN_QUEUE,
        growing,
        seed,
    )
    if len(trace) < 2 or float(trace.sojourn.mean()) <= 0:
        return bare
    return _checked(_with_overhead(_with_external_delay(_without_lock_waits(bare))))


def _method(trace: RequestTrace, pool: Pool) -> Method:
    wall = float(trace.wall.sum()) if len(trace) else 0.0
    if wall <= 0:
        return Method.FIFO
    seconds = max(float(trace.arrival[-1] - trace.arrival[0]), 1e-6)
    busy_cores = float(trace.cpu.sum()) / seconds / max(min(pool.cores, usable_cores(pool, pool.workers)), 1e-6)
    waiting = float(trace.run_delay.sum()) / wall
    if busy_cores > SCARCE_CPU or waiting > SCARCE_CORE or pool.quota is not None:
        return Method.SERVER
    return Method.SPLIT if pool.reuse_port else Method.FIFO


def _without_lock_waits(model: Replay) -> Replay:
    """Take out of the off-CPU time of threads what the model makes by itself: waits for their interpreter's lock.

    Whoever waits for that lock sleeps, so the kernel counts no run delay. By bisection, a share of each request's.
    """
    if model.method is not Method.SERVER or model.pool.threads == 1:
        return model
    recorded = float(model.off_cpu.sum())
    low, high = 0.0, 1.0
    for _ in range(LOCK_STEPS):
        middle = (low + high) / 2
        lasting = replace(model, off_cpu=middle * model.off_cpu)
        made = float(lasting.off_cpu.sum()) + _waits_for_cores(lasting)
        low, high = (middle, high) if made < recorded else (low, middle)
    return replace(model, off_cpu=high * model.off_cpu)


def _with_external_delay(model: Replay) -> Replay:
    """Add to the off-CPU time what was waited for a core and the model does not make by itself."""
    delay = np.minimum(model.trace.run_delay, model.trace.wall)
    if model.method is not Method.SERVER or float(delay.sum()) <= 0:
        return model
    external = max(0.0, 1.0 - _waits_for_cores(model) / float(delay.sum()))
    return replace(model, off_cpu=model.off_cpu + external * delay)


def _waits_for_cores(model: Replay) -> float:
    """Return how many seconds the requests of the model wait for a core, all together, with the count that really ran."""
    pool, trace = model.pool, model.trace
    slots, cores, budget = pool.workers * pool.threads, usable_cores(pool, pool.workers), model.budgets()[0]
    run = replay_server(trace.arrival, trace.cpu, model.off_cpu, slots, cores, budget=budget, free_at=model.free_at)
    return float((run.sojourn - run.wait - trace.cpu - model.off_cpu).sum())


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
    return float(np.mean(replace(model, overhead_seconds=overhead_seconds).retold()))


def _checked(model: Replay) -> Replay:
    """Replay with the count that really ran, and compare."""
    observed, runs = model.trace.sojourn, model.retold()
    mean = float(observed.mean() / np.mean(runs))
    p95 = float(np.quantile(observed, 0.95) / np.mean(np.quantile(runs, 0.95, axis=1)))
    error = max(abs(1 / mean - 1), abs(1 / p95 - 1))
    return replace(model, mean_ratio=_clipped(mean), p95_ratio=_clipped(p95), error=error)


def _clipped(ratio: float) -> float:
    """Keep the calibration of a model that is not valid anyway from inventing figures."""
    return min(max(ratio, 1 - VALID_ERROR), 1 + VALID_ERROR)
