"""Response curves: how the response time of a made-up service depends on one of its knobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np

from plugin_optimizer.domain import Knob
from plugin_optimizer.models.knob_space import PERFORMANCE

Rng = np.random.Generator
Level = Callable[[float], float]  # of a place in 0…1, on the log scale


@dataclass(frozen=True)
class Service:
    """A knob at its first value, the log response time at each place of its range, and how windows scatter."""

    family: str
    knob: Knob
    level: Level
    scatter: float  # standard deviation of the log mean of one window

    def place(self, value: float) -> float:
        low, high = float(self.knob.minimum or 0), float(self.knob.maximum or 0)
        return log(value / low) / log(high / low) if low > 0 else (value - low) / (high - low)

    def at(self, value: float) -> float:
        """Return the log response time under a value."""
        return self.level(self.place(value))

    def values(self) -> range:
        return range(int(self.knob.minimum or 0), int(self.knob.maximum or 0) + 1)

    def best(self) -> float:
        return min(self.at(value) for value in self.values())


def convex(rng: Rng) -> Level:
    """A valley: one best value inside, the ends between 1.5 and 8 times slower."""
    best, height = rng.uniform(0.2, 0.8), rng.uniform(log(1.5), log(8))
    return lambda u: height * ((u - best) / max(best, 1 - best)) ** 2


def batch(rng: Rng) -> Level:
    """Overhead shared by a batch against waiting for it: C + A/b + B·b, best inside."""
    best, fixed, steep = rng.uniform(0.25, 0.75), rng.uniform(0.2, 2.0), rng.uniform(2.0, 4.5)
    return lambda u: log(fixed + exp(-steep * (u - best)) + exp(steep * (u - best)))


def monotone(rng: Rng) -> Level:
    """The further the better, with falling returns; the best value is the bound."""
    fall, bend, up = rng.uniform(log(1.5), log(6)), rng.uniform(0.8, 3.0), rng.random() < 0.5
    scale = 1 - exp(-bend)

    def level(u: float) -> float:
        return -fall * (1 - exp(-bend * (u if up else 1 - u))) / scale

    return level


def knee(rng: Rng) -> Level:
    """Better up to a point, no different beyond it."""
    bend, fall = rng.uniform(0.3, 0.8), rng.uniform(log(1.5), log(5))
    return lambda u: -fall * min(1.0, u / bend)


def flat(_: Rng) -> Level:
    """Nothing to gain."""
    return lambda _: 0.0


def cliff(rng: Rng) -> Level:
    """Better and better, until it breaks: beyond the cliff everything is 3 to 10 times slower."""
    edge, fall, drop = rng.uniform(0.35, 0.9), rng.uniform(log(1.5), log(5)), rng.uniform(log(3), log(10))
    return lambda u: -fall * min(u, edge) / edge + (drop if u > edge else 0.0)


def two_valleys(rng: Rng) -> Level:
    """A good valley and a better one, with a ridge between them that no safe step crosses."""
    low, high = rng.uniform(0.1, 0.3), rng.uniform(0.7, 0.9)
    ridge, offset = rng.uniform(log(1.6), log(3)), rng.uniform(0.05, 0.3) * rng.choice((-1, 1))

    def level(u: float) -> float:
        return ridge * (1 - exp(-(((u - low) / 0.15) ** 2)) - exp(-(((u - high) / 0.15) ** 2))) + offset * u

    return level


FAMILIES: Mapping[str, Callable[[Rng], Level]] = {
    "convex": convex,
    "batch": batch,
    "monotone": monotone,
    "knee": knee,
    "flat": flat,
    "noisy": convex,
    "cliff": cliff,
    "two valleys": two_valleys,
}
RANGES = ((1, 64), (1, 128), (10, 1000), (0, 100))  # the last one is linear
SCATTER, NOISY_SCATTER = (0.06, 0.2), (0.35, 0.6)


def draw(family: str, rng: Rng) -> Service:
    """Return a service of a family, its knob anywhere in its range."""
    low, high = RANGES[rng.integers(len(RANGES))]
    level = FAMILIES[family](rng)
    start = rng.uniform(0.05, 0.95)
    value = round(low * (high / low) ** start) if low > 0 else round(low + start * (high - low))
    knob = Knob("knob", value, low, high, kind=PERFORMANCE)
    scatter = rng.uniform(*(NOISY_SCATTER if family == "noisy" else SCATTER))
    return Service(family, knob, level, float(scatter))
