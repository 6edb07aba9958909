"""How requests come and what each of them asks for: seeded, with memory, tails, bursts, days and drifts."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

MEMORY_SECONDS = 30.0  # of what wanders
MOST_DEVIATIONS = 3.0
SHORTEST_BURST, LONGEST_BURST = 2.0, 10.0
LIGHTEST = 1e-4  # of a usual request


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests per second over time. `wander` is the deviation of the log rate, which remembers 30 s; `swing` half of
    the range of a day that lasts `day_seconds`, beginning at `phase` (0…1); in bursts, `burst_seconds` apart on average,
    the rate is `burst` times as high. From the change on all is times `after`. `recorded` are factors, one for each
    `recorded_step` seconds; none where it is empty.
    """

    rate: float = 10.0
    wander: float = 0.0
    swing: float = 0.0
    day_seconds: float = 2400.0
    phase: float = 0.0
    burst: float = 1.0
    burst_seconds: float = 60.0
    after: float = 1.0
    recorded: tuple[float, ...] = ()
    recorded_step: float = 5.0

    def rates(self, rng: np.random.Generator, seconds: int, change_at: float) -> F64:
        """Return the rate in each second: [seconds]."""
        at = np.arange(seconds, dtype=np.float64)
        rate = self.rate * np.exp(self.wander * wandering(rng, seconds))
        rate *= 1.0 + self.swing * np.sin(2 * math.pi * (at / self.day_seconds + self.phase))
        rate = np.where(_bursts(rng, seconds, self.burst_seconds), rate * self.burst, rate)
        if self.recorded:
            rate = rate * np.array(self.recorded)[(at / self.recorded_step).astype(np.int64) % len(self.recorded)]
        return np.where(at >= change_at, rate * self.after, rate)


@dataclass(frozen=True, slots=True)
class Work:
    """What requests ask for: `routes` kinds with different means, `seconds` on average over all. Times of one kind are
    lognormal with `scv` (squared coefficient of variation), or where `tail` is above 0 Pareto with that exponent, cut at
    60 times the mean. Levels drift with deviation `wander` (of the log); `recorded` are factors as in `Traffic`.
    `overhead_seconds` hold the worker beside that, and nobody records them.
    """

    seconds: float = 0.1
    scv: float = 1.0
    tail: float = 0.0
    routes: int = 3
    wander: float = 0.0
    overhead_seconds: float = 0.001
    recorded: tuple[float, ...] = ()
    recorded_step: float = 5.0

    def levels(self, rng: np.random.Generator, seconds: int) -> F64:
        """Return the factor on all times in each second: [seconds]."""
        level = np.exp(self.wander * wandering(rng, seconds))
        if not self.recorded:
            return level
        at = (np.arange(seconds) / self.recorded_step).astype(np.int64)
        return np.asarray(level * np.array(self.recorded)[at % len(self.recorded)])

    def drawn(self, rng: np.random.Generator, count: int) -> tuple[F64, I64]:
        """Return what each of `count` requests takes, in multiples of the overall mean, and its kind."""
        kind = rng.integers(self.routes, size=count)
        means = np.geomspace(0.5, 2.0, self.routes) if self.routes > 1 else np.ones(1)
        times = self._pareto(rng, count) if self.tail > 0 else self._lognormal(rng, count)
        return np.maximum(times * (means / means.mean())[kind], LIGHTEST), kind.astype(np.int64)

    def _lognormal(self, rng: np.random.Generator, count: int) -> F64:
        sigma = math.sqrt(math.log1p(self.scv))
        return rng.lognormal(-(sigma**2) / 2, sigma, count)

    def _pareto(self, rng: np.random.Generator, count: int) -> F64:
        least = (self.tail - 1) / self.tail  # the mean of the uncut distribution is 1
        return np.minimum(least * (1 + rng.pareto(self.tail, count)), 60.0)


def arrivals(rng: np.random.Generator, rates: F64) -> F64:
    """Return Poisson arrivals at `rates` ([seconds], per second), ascending, from 0."""
    counts = rng.poisson(rates)
    return np.sort(np.repeat(np.arange(len(rates), dtype=np.float64), counts) + rng.random(int(counts.sum())))


def wandering(rng: np.random.Generator, seconds: int) -> F64:
    """Return a standard normal level with memory (Ornstein-Uhlenbeck), at most 3 deviations away: [seconds]."""
    keep = math.exp(-1 / MEMORY_SECONDS)
    noise = rng.standard_normal(seconds) * math.sqrt(1 - keep**2)
    level, levels = float(rng.standard_normal()), np.empty(seconds)
    for i, step in enumerate(noise.tolist()):
        level = keep * level + step
        levels[i] = level
    return np.clip(levels, -MOST_DEVIATIONS, MOST_DEVIATIONS)


def _bursts(rng: np.random.Generator, seconds: int, apart: float) -> NDArray[np.bool_]:
    inside, at = np.zeros(seconds, dtype=np.bool_), 0.0
    while at < seconds:
        at += float(rng.exponential(apart))
        length = float(rng.uniform(SHORTEST_BURST, LONGEST_BURST))
        inside[int(at) : int(at + length) + 1] = True
        at += length
    return inside
