"""Thousands of simulated runs with faults: see `tests/simulator`."""

import sys
from collections import Counter

from tests.simulator.tally import LETTERS, Tally, replay_command, tally_in_processes

from .promise import Measured
from .seed import seed

RUNS = {False: 1_500, True: 20_000}
LIMITS_SECONDS = (1_500.0, 14_400.0)
PROCESSES = 2
NAMED_SEEDS = 10


def measure(deep: bool) -> list[Measured]:
    """Run the seeds from `1000000 * (seed - 1)` on."""
    first = 1_000_000 * (seed() - 1)
    summed = tally_in_processes(range(first, first + RUNS[deep]), PROCESSES)
    for number, broken in sorted(summed.broken.items())[:NAMED_SEEDS]:
        sys.stdout.write(f"seed {number}: {'; '.join(broken[:3])}\n  {replay_command(number)}\n")
    return [*_promises(summed), _repeated(summed), _points(summed)]


def _promises(summed: Tally) -> list[Measured]:
    broken = Counter(letter for found in summed.broken.values() for letter in {what[:3] for what in found})
    what = f"{summed.runs} simulated runs, {summed.effects} effects, {summed.counts['engine deaths']} deaths of engines"
    return [
        Measured(f"({letter}) {text}", what, f"{broken[f'({letter})']} broken", "0", not broken[f"({letter})"])
        for letter, text in LETTERS.items()
    ]


def _repeated(summed: Tally) -> Measured:
    different = sum("(same seed)" in what for found in summed.broken.values() for what in found)
    figure = f"{summed.again - different} of {summed.again}"
    held = summed.again > 0 and not different
    return Measured("P5 the same seed leaves the same trace", "seeds run twice", figure, "all", held)


def _points(summed: Tally) -> Measured:
    missing = summed.missing_points()
    figure = "all" if not missing else f"without {', '.join(missing)}"
    return Measured("crash points reached", "the simulated runs", figure, "all", not missing)
