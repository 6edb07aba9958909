"""Measure the replay: `python benchmarks/replay_speed.py`.

Speed: milliseconds of CPU for 40,000 requests (the best of several runs: neighbours on the machine are not counted),
by topology and load, beside the loops of textbooks. Accuracy: p95 under other counts of workers than the recorded one,
against another simulator of the same requests (`tests/backoffice.py`: time outside the handler, clock ticks), beside
M/M/c, and how often the 80 % intervals hold for traffic still to come. Real servers: `benchmarks/closed_loop`.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("src", "tests", "")]

# ruff: noqa: E402 - the paths come first
from backoffice import START, poisson, record

from benchmarks.textbook_queues import event_list, processor_sharing, simpy_resource
from plugin_optimizer.domain import Pool
from plugin_optimizer.models.dealt import replay_dealt
from plugin_optimizer.models.missratio import stack_distances
from plugin_optimizer.models.queueing import waits_longer
from plugin_optimizer.models.replay import Budget, fit_replay, replay_fifo, replay_server, replay_split

F64 = NDArray[np.float64]

REQUESTS = 40_000
TARGET_MS = 50.0
SLOTS, CORES, QUOTA_CORES = 4, 2.0, 0.5
IO_SHARE = 0.75  # of a request's time, where requests do both
LOADS = {"light": 0.4, "moderate": 0.75, "overloaded": 1.2}  # of what the server can do


@dataclass(frozen=True)
class Requests:
    arrival: F64
    cpu: F64
    off_cpu: F64

    @property
    def service(self) -> F64:
        return self.cpu + self.off_cpu


def requests(load: float, cores: float, seconds: float = 0.1, count: int = REQUESTS) -> Requests:
    """Return Poisson arrivals of exponential requests that take up `load` of the slots or of the cores."""
    rng = np.random.default_rng(1)
    service = rng.exponential(seconds, count)
    capacity = min(SLOTS / seconds, cores / (seconds * (1 - IO_SHARE)))
    arrival = np.cumsum(rng.exponential(1 / (load * capacity), count))
    return Requests(arrival, (1 - IO_SHARE) * service, IO_SHARE * service)


def cpu_milliseconds(work: Callable[[], object], runs: int = 5) -> float:
    """Return the CPU of the cheapest of several runs."""
    spent = []
    for _ in range(runs):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent) * 1e3


def shared(r: Requests) -> object:
    return replay_server(r.arrival, r.cpu, r.off_cpu, SLOTS, CORES)


def limited(r: Requests) -> object:
    return replay_server(r.arrival, r.cpu, r.off_cpu, SLOTS, CORES, budget=Budget(QUOTA_CORES * 0.1))


def threads(r: Requests) -> object:
    return replay_server(r.arrival, r.cpu, r.off_cpu, SLOTS, 1.0)


def computing(r: Requests) -> object:
    return replay_server(r.arrival, r.service, 0 * r.service, SLOTS, CORES)


def dealt(r: Requests) -> object:
    home = np.random.default_rng(2).integers(SLOTS, size=len(r.arrival))
    return replay_dealt(r.arrival, r.cpu, r.off_cpu, home, 1, CORES)


# name -> (cores that bound it, the replay)
OURS: dict[str, tuple[float, Callable[[Requests], object]]] = {
    "sync, slots only": (np.inf, lambda r: replay_fifo(r.arrival, r.service, SLOTS)),
    "reuse-port, slots only": (
        np.inf,
        lambda r: replay_split(r.arrival, r.service, SLOTS, 1, np.random.default_rng(2)),
    ),
    "sync, sharing 2 cores": (CORES, shared),
    "… and only computing": (CORES * (1 - IO_SHARE), computing),
    "4 threads, sharing 1 core": (1.0, threads),
    "sync, quota of 0.5 cores": (QUOTA_CORES, limited),
    "reuse-port, sharing 2 cores": (CORES, dealt),
}
PEERS: dict[str, tuple[float, Callable[[Requests], object]]] = {
    "slots, event list": (np.inf, lambda r: event_list(r.arrival.tolist(), r.service.tolist(), SLOTS)),
    "sharing 2 cores, counted down": (
        CORES,
        lambda r: processor_sharing(r.arrival.tolist(), r.cpu.tolist(), r.off_cpu.tolist(), SLOTS, CORES),
    ),
}


def speed() -> None:
    print(f"milliseconds of CPU for {REQUESTS:,} requests behind {SLOTS} slots, {IO_SHARE:.0%} of their time I/O")
    print(f"  {'':32}" + "".join(f"{load:>12}" for load in LOADS))
    figures = [figure for name, (cores, work) in OURS.items() for figure in row(name, cores, work, 5)]
    print("  textbooks")
    peers = dict(PEERS)
    if find_spec("simpy"):
        peers["slots, SimPy"] = (np.inf, lambda r: simpy_resource(r.arrival.tolist(), r.service.tolist(), SLOTS))
    for name, (cores, work) in peers.items():
        row(name, cores, work, 2)
    held = sum(figure <= TARGET_MS for figure in figures)
    print(f"  within {TARGET_MS:g} ms: {held} of {len(figures)}")
    keys = np.random.default_rng(1).zipf(1.3, 65_536).astype(np.uint64) % np.uint64(5000)
    each = cpu_milliseconds(lambda: stack_distances(keys)) / len(keys) * 1e6
    print(f"  stack distances of caches: {each:.0f} ns per access")


def row(name: str, cores: float, work: Callable[[Requests], object], runs: int) -> list[float]:
    traces = [requests(load, cores) for load in LOADS.values()]
    figures = [cpu_milliseconds(lambda trace=trace: work(trace), runs) for trace in traces]  # type: ignore[misc]
    print(f"  {name:32}" + "".join(f"{figure:12.1f}" for figure in figures), flush=True)
    return figures


def accuracy(runs: int = 30) -> None:
    """Compare p95 under one and two workers more with what the other simulator makes of the same requests."""
    ours: list[float] = []
    formula: list[float] = []
    held: list[bool] = []
    near_later: list[bool] = []
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        workers, shape = int(rng.integers(2, 5)), float(rng.choice([1.0, 4.0, 100.0]))
        rate = workers * rng.uniform(0.6, 0.95) / 0.13
        arrival, wall = drawn(rng, rate, shape)
        trace = record(arrival, wall, workers)
        replay = fit_replay(trace.where(trace.end <= START + 120.0), Pool("sync", workers, cores=2.0))
        for count in (workers + 1, workers + 2):
            happened = float(np.quantile(record(arrival, wall, count).sojourn, 0.95))
            forecast, replayed = replay.forecast(count), float(np.mean(np.quantile(replay.runs(count), 0.95, axis=1)))
            ours.append(abs(replayed * replay.p95_ratio / happened - 1))
            formula.append(abs(mmc_p95(len(arrival) / 120.0, 0.13, count) / happened - 1))
            later = float(np.quantile(record(*drawn(rng, rate, shape), count).sojourn, 0.95))
            held.append(forecast.low_seconds <= later <= forecast.high_seconds)
            near_later.append(abs(later / forecast.p95_seconds - 1) <= 0.1)
    print(f"p95 of {len(ours)} what-ifs, services from exponential to nearly constant")
    for name, errors in (("replay", ours), ("M/M/c", formula)):
        median, high, largest = np.quantile(errors, (0.5, 0.9, 1.0))
        near = float(np.mean(np.array(errors) <= 0.1))
        print(
            f"  {name:8} error {median:6.1%} median {high:7.1%} at 90 % {largest:7.1%} largest; within 10 %: {near:4.0%}"
        )
    print(f"  80 % intervals that hold the p95 of the next two minutes: {np.mean(held):.0%} of {len(held)}")
    print(f"  told p95 within 10 % of that: {np.mean(near_later):.0%}")


def drawn(rng: np.random.Generator, rate: float, shape: float) -> tuple[F64, F64]:
    arrival = poisson(rng, rate, 120.0)
    return arrival, rng.gamma(shape, 0.13 / shape, len(arrival))


def mmc_p95(rate: float, seconds: float, servers: int) -> float:
    """Return the p95 sojourn of M/M/c, by bisection on its tail."""
    low, high = 0.0, 100 * seconds
    grid = np.linspace(0, 40 * seconds, 4001)
    density = np.exp(-grid / seconds) / seconds
    spare = servers / seconds - rate
    waits = waits_longer(0.0, rate, seconds, servers)
    for _ in range(60):
        t = (low + high) / 2
        late = np.where(grid < t, waits * np.exp(-spare * np.maximum(t - grid, 0)), 1.0)
        tail = float((density * late).sum() * (grid[1] - grid[0]))
        low, high = (t, high) if tail > 0.05 else (low, t)
    return high


if __name__ == "__main__":
    speed()
    accuracy()
