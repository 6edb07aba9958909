"""Many runs together: how many of each thing there were, and the table of promises."""

import multiprocessing
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from plugin_optimizer.execute.crashpoints import POINTS

from .run import run

LETTERS = {
    "a": "a step is never taken twice, a suggestion never executed twice",
    "b": "no acknowledged approval is lost, every execution comes to its end",
    "c": "every effect is on record before it is made",
    "d": "what was rolled back stands, and lasts, as it was before",
    "e": "no forward effect later than one tick after the emergency stop",
    "f": "nothing goes beyond its bounds or off its way, never to zero",
    "g": "a value somebody else set is not overwritten",
    "h": "the audit chain holds, one row for each change of state",
    "l": "no effect of an older fence, none after the end",
}
APPROVAL_POINTS = ("C01", "C02", "C03", "C04")
PORTION = 50  # seeds a process takes at a time
AGAIN_EVERY = 25  # how often a seed is run a second time, and must leave the same trace


@dataclass(slots=True)
class Tally:
    """Sums over runs. `broken` are the seeds whose run broke a promise, with what it broke."""

    runs: int = 0
    effects: int = 0
    again: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    broken: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def add(self, seed: int) -> None:
        """Run one seed and count it in."""
        ledger = run(seed)
        self.runs += 1
        self.effects += ledger.effects
        self.counts.update(ledger.counts)
        self.points.update(ledger.points)
        if ledger.violations:
            self.broken[seed] = tuple(ledger.violations)
        if seed % AGAIN_EVERY == 0:
            self.again += 1
            if run(seed).digest() != ledger.digest():
                self.broken[seed] = (*self.broken.get(seed, ()), "(same seed) it left another trace")

    def merge(self, others: Iterable["Tally"]) -> "Tally":
        for other in others:
            self.runs += other.runs
            self.effects += other.effects
            self.again += other.again
            self.counts.update(other.counts)
            self.points.update(other.points)
            self.broken.update(other.broken)
        return self

    def missing_points(self) -> list[str]:
        return sorted(point for point in (*APPROVAL_POINTS, *POINTS) if not self.points[point])

    def table(self) -> str:
        """Return `promise | measured | target`, one promise a line."""
        broken = Counter(what[:3] for all_broken in self.broken.values() for what in set(all_broken))
        rows = [(f"({letter}) {text}", f"{broken[f'({letter})']} broken", "0") for letter, text in LETTERS.items()]
        different = sum("(same seed)" in what for all_broken in self.broken.values() for what in all_broken)
        rows.append(("the same seed leaves the same trace", f"{self.again - different} of {self.again}", "all"))
        reached = len(APPROVAL_POINTS) + len(POINTS) - len(self.missing_points())
        rows.append(("crash points reached", f"{reached} of {len(APPROVAL_POINTS) + len(POINTS)}", "all"))
        width = max(len(promise) for promise, _, _ in rows)
        lines = [f"{promise:<{width}} | {measured:<14} | {target}" for promise, measured, target in rows]
        head = f"{'promise':<{width}} | {'measured':<14} | target"
        return "\n".join([head, "-" * (width + 28), *lines, "", self._sums()])

    def _sums(self) -> str:
        sums = {"runs": self.runs, "effects ordered": self.effects, **dict(sorted(self.counts.items()))}
        return ", ".join(f"{name} {number}" for name, number in sums.items())


def tally(seeds: Iterable[int]) -> Tally:
    """Run every seed."""
    summed = Tally()
    for seed in seeds:
        summed.add(seed)
    return summed


def tally_in_processes(seeds: range, processes: int) -> Tally:
    """Run every seed, in so many processes."""
    if processes == 1:
        return tally(seeds)
    portions = [seeds[begin : begin + PORTION] for begin in range(0, len(seeds), PORTION)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return Tally().merge(pool.imap_unordered(tally, portions))


def replay_command(seed: int) -> str:
    return f"python -m tests.simulator --seed {seed}"
