"""When requests come and what they ask for: drawn once from a seed, the same for every policy that is compared."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .scenario import Load

Floats = NDArray[np.float64]


def arrivals(load: Load, seconds: float, seed: int | Sequence[int]) -> tuple[Floats, list[str]]:
    """Return the times of the requests (seconds from the start, rising) and the path each one asks for."""
    chance = np.random.default_rng(seed)
    factor, highest = _shape(load, seconds, chance)
    rate = load.requests_per_second * highest
    count = int(rate * seconds + 6 * math.sqrt(rate * seconds) + 10)
    times = np.cumsum(chance.exponential(1 / rate, count))
    times = times[times < seconds]
    times = times[chance.random(len(times)) * highest < factor(times)]  # thinning, Lewis & Shedler 1979
    io, cpu = (_demands(load, mean, len(times), chance) for mean in (load.io_seconds, load.cpu_seconds))
    keys = chance.choice(load.keys, len(times), p=_popularity(load)).tolist()
    return times, [
        load.target.format(io=f"{i:.6f}", cpu=f"{c:.6f}", key=k) for i, c, k in zip(io, cpu, keys, strict=True)
    ]


def _popularity(load: Load) -> Floats:
    weights = np.arange(1, load.keys + 1) ** -load.key_exponent
    return np.asarray(weights / weights.sum())


def _shape(load: Load, seconds: float, chance: np.random.Generator) -> tuple[Callable[[Floats], Floats], float]:
    """Return the factor at given times, and its highest value."""
    if load.shape == "constant":
        return np.ones_like, 1.0
    if load.shape == "diurnal":
        turn = 2 * math.pi / load.period_seconds
        return lambda t: 1 + load.amplitude_ratio * np.sin(turn * t), 1 + load.amplitude_ratio
    if load.shape == "steps":
        return _stairs([(0.0, 1.0), *load.steps])
    if load.shape == "bursts":
        return _stairs(_bursts(load, seconds, chance))
    raise ValueError(f"{load.shape!r} is no shape of load; known are constant, steps, diurnal and bursts")


def _stairs(steps: list[tuple[float, float]]) -> tuple[Callable[[Floats], Floats], float]:
    begins, factors = (np.array(column) for column in zip(*steps, strict=True))
    return lambda t: factors[np.searchsorted(begins, t, side="right") - 1], float(factors.max())


def _bursts(load: Load, seconds: float, chance: np.random.Generator) -> list[tuple[float, float]]:
    """Switch between calm and burst, as a Markov-modulated Poisson process does."""
    steps, at, burst = [], 0.0, False
    while at < seconds:
        steps.append((at, load.burst_factor if burst else 1.0))
        at += float(chance.exponential(load.burst_seconds if burst else load.calm_seconds))
        burst = not burst
    return steps


def _demands(load: Load, mean: float, count: int, chance: np.random.Generator) -> Floats:
    """Draw service times with the given mean (seconds); `scv` is the squared coefficient of variation of `lognormal`."""
    if load.distribution == "deterministic":
        return np.full(count, mean)
    if load.distribution == "exponential":
        return chance.exponential(mean, count) if mean else np.zeros(count)
    if load.distribution == "lognormal":
        spread = math.log(1 + load.scv)
        return mean * np.exp(chance.normal(-spread / 2, math.sqrt(spread), count))
    raise ValueError(f"{load.distribution!r} is no distribution; known are deterministic, exponential and lognormal")
