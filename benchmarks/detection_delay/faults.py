"""Faults that begin at a known second in a plugin that was healthy until then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from plugin_optimizer.domain import RequestTrace

from .healthy import LEAST_SPARE, MOST_SPARE, worst_p95
from .world import World

ONSET = 900  # seconds of healthy service before: more than the window holds
AFTER = 300  # seconds that are watched
STEADY_SECONDS, MOST_WORKERS = 600, 32
WORKERS, ADVICE, ERRORS = "increase_workers", "optimize_response_time", "investigate_error"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happened, the SLO, which suggestions are right, and from which second on the engine samples and thinks."""

    kind: str
    world: World
    trace: RequestTrace
    slo_seconds: float
    right: frozenset[str]
    sampled_from: float
    watched_from: float


def fault(kind: str, rng: np.random.Generator) -> Fault:
    """Draw one occurrence of a kind of fault."""
    world, right = KINDS[kind](rng)
    trace = world.run(rng)
    if kind == "too few from the start":
        slo = float(rng.uniform(2.0, 5.0)) * world.mean_seconds
        return Fault(kind, world, trace, slo, right, ONSET, ONSET)
    slo = float(rng.uniform(LEAST_SPARE, MOST_SPARE)) * worst_p95(trace, ONSET - 1)
    if kind == "slow dependency, workers enough":
        slo = min(slo, 2.0 * float(world.slower[-1]) * world.mean_seconds)  # it has to break the promise
    return Fault(kind, world, trace, slo, right, ONSET - 600, ONSET - 120)


def needed_workers(fault: Fault, rng: np.random.Generator) -> int | None:
    """Return the smallest count whose p95 meets the SLO over ten minutes of the faulty state; None where none up to 32 does."""
    steady = np.ones(STEADY_SECONDS)
    world = fault.world
    load, slower = float(world.load[-1]) * steady, float(world.slower[-1]) * steady
    for workers in range(1, MOST_WORKERS + 1):
        trace = replace(world, workers=workers, load=load, slower=slower, failing=0 * steady).run(rng)
        if float(np.quantile(trace.sojourn, 0.95)) <= fault.slo_seconds:
            return workers
    return None


def _world(rng: np.random.Generator, busy: tuple[float, float], most_mean: float = 0.25) -> World:
    workers, mean = int(rng.integers(2, 7)), float(np.exp(rng.uniform(np.log(0.04), np.log(most_mean))))
    rate = float(rng.uniform(*busy)) * workers / mean
    flat, none = np.ones(ONSET + AFTER), np.zeros(ONSET + AFTER)
    distribution = str(rng.choice(["constant", "exponential", "lognormal"]))
    return World(workers, rate, mean, flat, flat, none, distribution=distribution, scv=2.0)


def _from_onset(factor: float) -> np.ndarray:
    return np.where(np.arange(ONSET + AFTER) >= ONSET, factor, 1.0)


def _load(rng: np.random.Generator, busy: tuple[float, float], factor: float) -> tuple[World, frozenset[str]]:
    return replace(_world(rng, busy), load=_from_onset(factor)), frozenset({WORKERS})


def _slow_and_full(rng: np.random.Generator) -> tuple[World, frozenset[str]]:
    world = _world(rng, (0.35, 0.5), 0.12)
    return replace(world, slower=_from_onset(float(rng.uniform(2.5, 4.0)))), frozenset({WORKERS, ADVICE})


def _slow_and_idle(rng: np.random.Generator) -> tuple[World, frozenset[str]]:
    world = _world(rng, (0.08, 0.12), 0.12)
    return replace(world, workers=max(4, world.workers), slower=_from_onset(5.0)), frozenset({ADVICE})


def _core_lost(rng: np.random.Generator) -> tuple[World, frozenset[str]]:
    mean, workers = float(rng.uniform(0.03, 0.1)), int(rng.integers(3, 6))
    flat, none = np.ones(ONSET + AFTER), np.zeros(ONSET + AFTER)
    rate = float(rng.uniform(0.6, 0.75)) * 2 / (0.9 * mean)
    cores = np.where(np.arange(ONSET + AFTER) >= ONSET, 1.0, 2.0)
    world = World(workers, rate, mean, flat, flat, none, scv=1.0, computing=0.9, cores=cores)
    return world, frozenset({ADVICE})


def _failing(rng: np.random.Generator) -> tuple[World, frozenset[str]]:
    failing = np.where(np.arange(ONSET + AFTER) >= ONSET, float(rng.uniform(0.15, 0.6)), 0.001)
    return replace(_world(rng, (0.2, 0.5)), failing=failing), frozenset({ERRORS})


def _too_few(rng: np.random.Generator) -> tuple[World, frozenset[str]]:
    """Nobody asked before, and the engine did not look: as where both start together."""
    world = _world(rng, (1.1, 2.0))
    return replace(world, load=np.where(np.arange(ONSET + AFTER) >= ONSET, 1.0, 0.0)), frozenset({WORKERS})


KINDS: Mapping[str, Callable[[np.random.Generator], tuple[World, frozenset[str]]]] = {
    "load doubles": lambda rng: _load(rng, (0.55, 0.75), 2.0),
    "load rises to just too much": lambda rng: _load(rng, (0.7, 0.75), 1.45),
    "slow dependency, workers full": _slow_and_full,
    "slow dependency, workers enough": _slow_and_idle,
    "one of two cores lost": _core_lost,
    "requests fail": _failing,
    "too few from the start": _too_few,
}
