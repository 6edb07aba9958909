"""P10, P11, P12: whatever is wanted of a fleet, by people or the engine, its targets never leave the rails."""

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from .promise import Measured
from .rails_judge import broken, deeds_of
from .rails_points import PointWorld
from .rails_world import RailsWorld
from .seed import seed

WORLDS = {False: 10, True: 150}
ATTEMPTS = 100
POINT_WORLDS = {False: 100, True: 5_000}
ATTEMPTS_OF_POINTS = 200
PROCESSES = 2
LIMITS_SECONDS = (300.0, 1_800.0)
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of one world."""

    seed: int
    attempts: int
    values: int
    automatic: int
    by_people: int
    broken: tuple[str, ...]


def run(number: int, attempts: int = ATTEMPTS) -> Tally:
    """Let one fleet run to its end, through store and executor, and judge it."""
    return _judged(RailsWorld(number), attempts)


def run_points(number: int, attempts: int = ATTEMPTS_OF_POINTS) -> Tally:
    """Ask the rails alone, with targets that obey at once, and judge what those did."""
    return _judged(PointWorld(number), attempts)


def _judged(world: RailsWorld, attempts: int) -> Tally:
    world.run(attempts)
    world.finish()
    deeds = deeds_of(world)
    automatic = sum(deed.automatic for deed in deeds)
    found = tuple(broken(world))
    return Tally(world.seed, world.attempts, len(world.history), automatic, len(deeds) - automatic, found)


def measure(deep: bool) -> list[Measured]:
    """Run fleets with consecutive seeds on two processes."""
    first = 1_000_000 * seed()
    with ProcessPoolExecutor(PROCESSES) as pool:
        whole = list(pool.map(run, range(first, first + WORLDS[deep]), chunksize=2))
        points = list(pool.map(run_points, range(first, first + POINT_WORLDS[deep]), chunksize=10))
    return [
        _measured("P10-P12 no target leaves its rails (approval, store, executor)", whole),
        _measured("P10-P12 no target leaves its rails (the rails alone)", points),
    ]


def _measured(promise: str, tallies: list[Tally]) -> Measured:
    for tally in [t for t in tallies if t.broken][:SHOWN]:
        sys.stdout.write(f"rails, fleet {tally.seed}: {'; '.join(tally.broken[:3])}\n")
    kinds = Counter(what.partition(":")[0] for tally in tallies for what in tally.broken)
    wishes, values = sum(t.attempts for t in tallies), sum(t.values for t in tallies)
    automatic, by_people = sum(t.automatic for t in tallies), sum(t.by_people for t in tallies)
    what = f"{wishes} wishes of {len(tallies)} fleets: {automatic} automatic changes, {by_people} by people, {values} values seen"
    enough = automatic > len(tallies) and by_people > len(tallies)  # a rail that lets nothing pass proves nothing
    figure = f"{sum(kinds.values())} violations" + (f" ({dict(kinds)})" if kinds else "")
    return Measured(promise, what, figure, "0 violations", enough and not kinds)
