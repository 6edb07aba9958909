"""Measure how long what-ifs take: `python benchmarks/replay_speed.py`.

Prints the best of seven runs of each, on this machine, and the error of the prediction beside M/M/c on the same
recorded requests (the replay of the same requests through another simulator is what "happened").
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("src", "tests")]

# ruff: noqa: E402 - the paths come first
from backoffice import START, poisson, record

from plugin_optimizer.domain import Pool
from plugin_optimizer.models.missratio import stack_distances
from plugin_optimizer.models.queueing import erlang_c
from plugin_optimizer.models.replay import Budget, fit_replay, replay_fifo, replay_server

REQUESTS = 40_000


def best_seconds(work: Callable[[], object], runs: int = 7) -> float:
    """Return the shortest of several runs: what neighbours on the machine add is not ours."""
    seconds = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def speed() -> None:
    rng = np.random.default_rng(1)
    arrival, service = np.cumsum(rng.exponential(1 / 14, REQUESTS)), rng.exponential(0.13, REQUESTS)
    cpu, off = 0.1 * service, 0.9 * service
    keys = rng.zipf(1.3, 65_536).astype(np.uint64) % np.uint64(5000)
    print(f"{REQUESTS:,} requests, 4 slots")
    print(f"  FIFO                    {best_seconds(lambda: replay_fifo(arrival, service, 4)) * 1e3:7.1f} ms")
    print(f"  processor sharing       {best_seconds(lambda: replay_server(arrival, cpu, off, 4, 2.0)) * 1e3:7.1f} ms")
    limited = best_seconds(lambda: replay_server(arrival, cpu, off, 4, 2.0, budget=Budget(0.05)))
    print(f"  … with a CPU budget     {limited * 1e3:7.1f} ms")
    print(
        f"stack distances           {best_seconds(lambda: stack_distances(keys)) / len(keys) * 1e9:7.0f} ns per access"
    )


def accuracy(runs: int = 30) -> None:
    """Compare p95 under one and two workers more with what the other simulator makes of the same requests."""
    ours, formula = [], []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        workers, shape = int(rng.integers(2, 5)), float(rng.choice([1.0, 4.0, 100.0]))
        arrival = poisson(rng, workers * rng.uniform(0.6, 0.95) / 0.13, 120.0)
        wall = rng.gamma(shape, 0.13 / shape, len(arrival))
        trace = record(arrival, wall, workers)
        replay = fit_replay(trace.where(trace.end <= START + 120.0), Pool("sync", workers, cores=2.0), 2.0)
        for count in (workers + 1, workers + 2):
            happened = float(np.quantile(record(arrival, wall, count).sojourn, 0.95))
            ours.append(abs(replay.forecast(count).p95_seconds / happened - 1))
            formula.append(abs(mmc_p95(len(arrival) / 120.0, 0.13, count) / happened - 1))
    print(f"error of p95, {len(ours)} what-ifs, services from exponential to nearly constant: median / 90 % / largest")
    for name, errors in (("replay", ours), ("M/M/c", formula)):
        median, high, largest = np.quantile(errors, (0.5, 0.9, 1.0))
        print(f"  {name:8} {median:6.1%} {high:7.1%} {largest:7.1%}")


def mmc_p95(rate: float, seconds: float, servers: int) -> float:
    """Return the p95 sojourn of M/M/c, by bisection on its tail."""
    wait, spare = erlang_c(rate * seconds, servers), servers / seconds - rate
    low, high = 0.0, 100 * seconds
    grid = np.linspace(0, 40 * seconds, 4001)
    for _ in range(60):
        t = (low + high) / 2
        density = np.exp(-grid / seconds) / seconds
        late = np.where(grid < t, wait * np.exp(-spare * np.maximum(t - grid, 0)), 1.0)
        tail = float((density * late).sum() * (grid[1] - grid[0]))
        low, high = (t, high) if tail > 0.05 else (low, t)
    return high


if __name__ == "__main__":
    speed()
    accuracy()
