"""The labelled set: what is changed, in what traffic, and what the change really does to the requests.

Nothing here knows a judge. A label is what the change does to the p95 of the very requests that arrive while it is judged
(the same requests served with and without it), or to the share that fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

import numpy as np

from .recorded import Recordings
from .traffic import Traffic, Work
from .world import JUDGED, Death, World, mean_ratio, p95, p95_ratio

T = TypeVar("T")

STEPS = 9  # of a bisection: an effect is within about 2 % of what was asked for
NO_EFFECT = 0.02  # on p95 and on the mean: below every band
NEARLY_FULL = 0.92
TRIES, CLOSE = 40, 0.03
USUAL_RATES = (10.0, 10.0, 10.0, 5.0, 20.0)


class Truth(StrEnum):
    HARMLESS = "harmless"  # it does nothing to anybody
    HELP = "help"
    HARM = "harm"
    DEAD = "dead"


class Way(StrEnum):
    """What is turned, and so how it is judged."""

    MORE = "more workers"  # an improvement, judged by replay
    FEWER = "fewer workers"  # a saving, judged by replay
    THREADS = "fewer workers with threads"  # a saving that no replay models: judged by windows
    SETTING = "a setting, for response times"  # judged by windows
    REPAIR = "a setting, for errors"  # judged by counting


class Family(StrEnum):
    AUTOCORRELATED = "A/A, autocorrelated"
    HEAVY = "A/A, heavy-tailed"
    DIURNAL = "A/A, diurnal"
    SHIFT = "A/A, load shift"
    BURSTY = "A/A, bursty"
    LOW = "A/A, 1 to 10 a second"
    BETTER = "more workers under saturation"
    P95_20 = "+20 % p95"
    P95_50 = "+50 % p95"
    ERRORS_1 = "+1 point errors"
    ERRORS_5 = "+5 points errors"
    MASKED = "+30 % p95, masked by falling load"
    DEAD = "dead target"


NOTHING = (Family.AUTOCORRELATED, Family.HEAVY, Family.DIURNAL, Family.SHIFT, Family.BURSTY, Family.LOW)
HARMFUL = (Family.P95_20, Family.P95_50, Family.ERRORS_1, Family.ERRORS_5, Family.MASKED)
COUNTS = {
    **dict.fromkeys(NOTHING, 175),
    Family.BETTER: 150,
    Family.P95_20: 200,
    Family.P95_50: 200,
    Family.ERRORS_1: 150,
    Family.ERRORS_5: 100,
    Family.MASKED: 150,
    Family.DEAD: 60,
}  # 2,060 in all


@dataclass(frozen=True, slots=True)
class Case:
    """`claimed` are the workers the change names: one that was added may serve nothing. `slo_seconds` is on the p95."""

    family: Family
    truth: Truth
    way: Way
    world: World
    claimed: tuple[int, int]
    slo_seconds: float

    @property
    def rate(self) -> float:
        return self.world.traffic.rate


@dataclass(frozen=True)
class Maker:
    """Makes the case with a seed; the same seed, the same case."""

    family: Family
    seed: int
    recordings: Recordings
    rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rng", np.random.default_rng((self.seed, list(Family).index(self.family))))

    def case(self) -> Case:
        if self.family in NOTHING:
            return self._nothing()
        making: dict[Family, Callable[[], Case]] = {
            Family.BETTER: self._better,
            Family.P95_20: lambda: self._slower(1.20),
            Family.P95_50: lambda: self._slower(1.50),
            Family.ERRORS_1: lambda: self._failing(0.01),
            Family.ERRORS_5: lambda: self._failing(0.05),
            Family.MASKED: self._masked,
            Family.DEAD: self._dead,
        }
        return making[self.family]()

    def _nothing(self) -> Case:
        way = self._one_of(Way.MORE, Way.FEWER, Way.THREADS, Way.SETTING, Way.REPAIR)
        world = self._world(self._load(), traffic=self._traffic())
        if self.family is Family.HEAVY:
            tail = self._one_of(0.0, 1.6)
            world = replace(world, work=replace(world.work, scv=self._one_of(4.0, 9.0, 16.0), tail=tail))
        if self.family is Family.AUTOCORRELATED:
            world = replace(world, work=replace(world.work, wander=0.1), error_wander=0.3)
        ratio = self._between(0.02, 0.08) if way is Way.REPAIR else self._one_of(0.0, 0.002, 0.01)
        world = replace(world, error_ratio=ratio, error_ratio_after=ratio)
        if way in {Way.FEWER, Way.THREADS} or (way is Way.MORE and self._one_of(True, False)):
            return self._case(Truth.HARMLESS, way, self._idle(world, way))
        claimed = (world.workers, world.workers + (way is Way.MORE))  # the added one serves nothing
        return self._case(Truth.HARMLESS, way, world, claimed)

    def _idle(self, world: World, way: Way) -> World:
        """Return the world with workers to spare on both sides: so many more or fewer change nothing."""
        many, few = (16, 12) if way is Way.THREADS else (8, 6)
        old, new = (few, many) if way is Way.MORE else (many, few)
        world = replace(world, workers=old, workers_after=new)
        busy = self._between(0.15, 0.35)
        world = replace(world, work=replace(world.work, seconds=busy * few / world.traffic.rate))
        while max(abs(p95_ratio(world) - 1), abs(mean_ratio(world) - 1)) > NO_EFFECT:
            world = replace(world, work=replace(world.work, seconds=0.8 * world.work.seconds))
        return world

    def _better(self) -> Case:
        """More workers where they are short: 85 to 115 % busy before, two thirds at most after."""
        workers, busy = int(self._one_of(2, 3, 4)), self._between(0.85, 1.15)
        world = self._world(busy, workers)
        return self._case(Truth.HELP, Way.MORE, replace(world, workers_after=int(np.ceil(workers * busy / 0.66))))

    def _slower(self, ratio: float) -> Case:
        way = self._one_of(Way.MORE, Way.FEWER, Way.THREADS, Way.SETTING)
        for _ in range(TRIES):
            world = self._harmed(way, self._world(self._between(0.3, 0.6)), ratio)
            if _is_about(world, ratio):
                return self._case(Truth.HARM, way, world)
        raise AssertionError(f"no world was made {ratio:g} times as slow, seed {self.seed}")

    def _failing(self, points: float) -> Case:
        """More requests fail; response times stay, or even fall."""
        way = self._one_of(Way.MORE, Way.FEWER, Way.THREADS, Way.SETTING)
        if way is Way.MORE:
            world = replace(self._world(self._between(0.85, 1.0), 3), workers_after=5)
        elif way is Way.SETTING:
            world = replace(self._world(self._load()), slower=self._one_of(1.0, 0.6))
        else:
            world = self._idle(self._world(0.3), way)
        usual = self._one_of(0.0, 0.002, 0.005)
        return self._case(Truth.HARM, way, replace(world, error_ratio=usual, error_ratio_after=usual + points))

    def _masked(self) -> Case:
        """A third more p95 than without the change, and yet less than before, as the load fell."""
        way = self._one_of(Way.FEWER, Way.THREADS, Way.SETTING)
        for attempt in range(4 * TRIES):
            if attempt and attempt % TRIES == 0:  # not in this way: there may be no load that hides it
                way = self._one_of(Way.FEWER, Way.THREADS, Way.SETTING)
            world = self._world(self._between(0.6, 0.75))
            world = replace(world, traffic=replace(world.traffic, after=(0.8, 0.7, 0.6, 0.5)[attempt % 4]))
            world = self._harmed(way, world, 1.30)
            trace = world.requests()
            if _is_about(world, 1.30) and p95(trace, *JUDGED) <= p95(trace, -180.0, 0.0):
                return self._case(Truth.HARM, way, world)
        raise AssertionError(f"no harm was masked, seed {self.seed}")

    def _dead(self) -> Case:
        way = self._one_of(Way.MORE, Way.FEWER, Way.SETTING)
        world = replace(self._world(self._load()), death=self._one_of(*Death))
        return self._case(Truth.DEAD, way, replace(world, workers_after=self._after(way, world.workers)))

    def _harmed(self, way: Way, world: World, ratio: float) -> World:
        """Return the world in which the change multiplies p95 by `ratio`: fewer workers, or slower requests."""
        if way in {Way.FEWER, Way.THREADS}:
            workers = 8 if way is Way.THREADS else 4
            world = replace(world, workers=workers, workers_after=workers - workers // 4)
            full = world.workers_after / (world.traffic.rate * max(1.0, world.traffic.after))
            shaped = lambda busy: replace(world, work=replace(world.work, seconds=busy * full))  # noqa: E731
            return _tuned(shaped, 0.2, 1.3, ratio)
        world = replace(world, workers_after=self._after(way, world.workers))
        return _tuned(lambda slower: replace(world, slower=slower), 1.0, 3.0, ratio)

    def _after(self, way: Way, workers: int) -> int:
        return {Way.MORE: workers + 1, Way.FEWER: workers - 1}.get(way, workers)

    def _case(self, truth: Truth, way: Way, world: World, claimed: tuple[int, int] | None = None) -> Case:
        """Harm goes beyond the objective (a saving may cost what nobody feels); elsewhere it is twice the usual p95."""
        trace = world.unchanged.requests()
        usual = p95(trace, -180.0, 0.0)
        if self.family in {Family.P95_20, Family.P95_50, Family.MASKED}:
            usual = 0.45 * p95(world.requests(), *JUDGED)
        return Case(self.family, truth, way, world, claimed or (world.workers, world.workers_after), 2 * usual)

    def _world(self, busy: float, workers: int = 0, traffic: Traffic | None = None) -> World:
        """Return a world that is so busy before the change, and at its peak not more than nearly full."""
        workers, traffic = workers or int(self._one_of(2, 3, 4, 6)), traffic or self._usual()
        if traffic.after > 1 or traffic.swing > 0:
            busy = min(busy, NEARLY_FULL / (max(1.0, traffic.after) * (1 + traffic.swing)))
        level = self.recordings.level(self.rng)
        work = Work(busy * workers / traffic.rate, self._one_of(0.5, 1.0, 2.0), wander=0.03, recorded=level)
        work = replace(work, overhead_seconds=min(self._between(0.0005, 0.003), 0.03 * work.seconds))
        return World(self.seed, traffic, work, workers, workers)

    def _traffic(self) -> Traffic:
        usual = self._usual()
        return {
            Family.AUTOCORRELATED: replace(usual, wander=0.35),
            Family.HEAVY: usual,
            Family.DIURNAL: replace(usual, swing=self._between(0.3, 0.6), phase=self._between(0, 1)),
            Family.SHIFT: replace(usual, after=self._one_of(0.5, 0.7, 0.85, 1.15, 1.3, 1.5)),
            Family.BURSTY: replace(usual, burst=self._between(2.0, 4.0), burst_seconds=self._between(20, 90)),
            Family.LOW: replace(usual, rate=self._between(1.0, 10.0)),
        }[self.family]

    def _usual(self) -> Traffic:
        load = self.recordings.load(self.rng)
        return Traffic(self._one_of(*USUAL_RATES), wander=0.0 if load else 0.15, recorded=load)

    def _load(self) -> float:
        return self._between(0.3, 0.75)

    def _between(self, low: float, high: float) -> float:
        return float(self.rng.uniform(low, high))

    def _one_of(self, *choices: T) -> T:
        return choices[int(self.rng.integers(len(choices)))]


def cases(first_seed: int, share: float = 1.0) -> Iterator[tuple[Family, int]]:
    """Yield family and seed of every case of the set, `share` of each family and at least one.

    Families take turns, so that the first part of the set is a small set.
    """
    counts = {family: max(1, round(share * count)) for family, count in COUNTS.items()}
    turns = ((index / count, family, index) for family, count in counts.items() for index in range(count))
    for _, family, index in sorted(turns, key=lambda turn: turn[0]):
        yield family, first_seed + index


def _is_about(world: World, ratio: float) -> bool:
    return abs(p95_ratio(world) / ratio - 1) <= CLOSE


def _tuned(shaped: Callable[[float], World], low: float, high: float, ratio: float) -> World:
    """Return the world between `low` and `high` whose change multiplies p95 by `ratio` (it grows with the number)."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if p95_ratio(shaped(middle)) < ratio else (low, middle)
    return shaped(high)
