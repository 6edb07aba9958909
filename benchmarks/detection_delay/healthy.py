"""Plugins with which nothing is wrong: every five minutes of theirs keep the promise, with at least 10 % to spare."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.domain import RequestTrace

from .world import EPOCH, World

F64 = NDArray[np.float64]

KINDS = ("steady", "heavy-tailed", "bursty", "diurnal", "restarting", "rare")
HOUR = 3_600
PROMISE_SECONDS = 300.0
LEAST_SPARE, MOST_SPARE = 1.1, 3.0  # SLO over the worst p95 of any five minutes


@dataclass(frozen=True, slots=True)
class Healthy:
    """An hour of a healthy plugin, and the SLO its owner promises."""

    kind: str
    world: World
    trace: RequestTrace
    slo_seconds: float


def healthy(kind: str, rng: np.random.Generator) -> Healthy:
    """Draw an hour of one plugin of a kind."""
    world = _world(kind, rng)
    trace = world.run(rng)
    return Healthy(kind, world, trace, float(rng.uniform(LEAST_SPARE, MOST_SPARE)) * worst_p95(trace, HOUR))


def worst_p95(trace: RequestTrace, until: float) -> float:
    """Return the highest p95 of any five minutes (begun every 15 s) before second `until`."""
    sojourn, found = trace.sojourn, 0.0
    for begin in np.arange(0.0, max(1.0, until - PROMISE_SECONDS + 1), 15.0):
        first, last = np.searchsorted(trace.arrival, EPOCH + np.array([begin, min(until, begin + PROMISE_SECONDS)]))
        if last > first:
            found = max(found, float(np.quantile(sojourn[first:last], 0.95)))
    return found


def _world(kind: str, rng: np.random.Generator) -> World:
    workers, mean = int(rng.integers(2, 9)), float(np.exp(rng.uniform(np.log(0.03), np.log(0.3))))
    busy = float(rng.uniform(0.15, 0.7))
    if kind == "rare":
        workers, busy = int(rng.integers(2, 4)), float(rng.uniform(0.01, 0.1))
    rate = min(25.0, busy * workers / mean)
    flat, none = np.ones(HOUR), np.zeros(HOUR)
    distribution, scv = str(rng.choice(["constant", "exponential", "lognormal"])), 1.0
    if kind == "heavy-tailed":
        distribution, scv = str(rng.choice(["lognormal", "pareto"])), float(rng.uniform(4.0, 12.0))
    shape: Mapping[str, F64] = {"bursty": _bursts(rng), "diurnal": _tides(rng)}
    starts = tuple(sorted(rng.uniform(0, HOUR, int(rng.integers(1, 4))))) if kind == "restarting" else ()
    return World(
        workers=workers,
        rate=rate,
        mean_seconds=mean,
        load=shape.get(kind, flat),
        slower=flat,
        failing=none + float(rng.choice([0.0, 0.002, 0.01])),
        distribution=distribution,
        scv=scv,
        starts=(0.0, *starts) if kind == "restarting" else (),
        start_seconds=float(rng.uniform(0.3, 2.0)),
        cold_factor=float(rng.uniform(2.0, 6.0)),
    )


def _bursts(rng: np.random.Generator) -> F64:
    """Calm (1) and burst (1.5 to 3), each for exponential times: a Markov-modulated Poisson process."""
    factor, lasting, calm = rng.uniform(1.5, 3.0), rng.uniform(3.0, 12.0), rng.uniform(20.0, 300.0)
    load, at, burst = np.ones(HOUR), 0.0, False
    while at < HOUR:
        until = at + float(rng.exponential(lasting if burst else calm))
        load[int(at) : int(until)] = factor if burst else 1.0
        at, burst = until, not burst
    return load / float(load.mean())


def _tides(rng: np.random.Generator) -> F64:
    turn = 2 * np.pi / rng.uniform(900.0, 7_200.0)
    return np.asarray(1 + rng.uniform(0.3, 0.7) * np.sin(turn * np.arange(HOUR) + rng.uniform(0, 2 * np.pi)))
