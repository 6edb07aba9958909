"""What came of many changes to one service, and how one change is made."""

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from plugin_optimizer.domain import OptimizerError

CHANGE_SECONDS = 120.0
MOST_WORKERS = 4
COUNTS = ("requests", "failed", "put", "run", "lost", "twice")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Changes that came and those that did not; requests and tasks, None where the service has none.

    `taken_seconds` holds how long each change took; `failures` a few of the failed requests in words.
    """

    target: str
    seconds: float
    taken_seconds: tuple[float, ...]
    not_come: int
    fewest: int
    requests: int | None = None
    failed: int | None = None
    put: int | None = None
    run: int | None = None
    lost: int | None = None
    twice: int | None = None
    failures: tuple[str, ...] = ()

    @property
    def spotless(self) -> bool:
        """Tell whether nothing failed, was lost or was done twice, each change came, and there always was a worker."""
        return self.fewest > 0 and not any((self.not_come, self.failed, self.lost, self.twice))

    def with_more(self, other: "Outcome") -> "Outcome":
        """Return both as one: of services of one kind, beside each other."""
        return replace(
            self,
            seconds=max(self.seconds, other.seconds),
            taken_seconds=self.taken_seconds + other.taken_seconds,
            not_come=self.not_come + other.not_come,
            fewest=min(self.fewest, other.fewest),
            failures=self.failures + other.failures,
            **{name: _sum(getattr(self, name), getattr(other, name)) for name in COUNTS},
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


@dataclass(slots=True)
class Changes:
    """Makes `number` changes, each to another number of workers (1 to 4, drawn from a fixed seed).

    None is begun after `until` (monotonic seconds). `turn` orders one step towards a number and `count` tells how many live now, as the process table shows it.
    """

    target: str
    number: int
    until: float
    turn: Callable[[int], None]
    count: Callable[[], int]
    not_come: int = 0
    fewest: int = MOST_WORKERS

    def taken_seconds(self) -> Iterator[float]:
        """Make one change after the other; yield how long each took, leaving out those that did not come."""
        chance, now, begun = random.Random(2), self.count(), time.monotonic()
        for made in range(self.number):
            if time.monotonic() > self.until:
                return
            to = chance.choice([count for count in range(1, MOST_WORKERS + 1) if count != now])
            ordered = time.monotonic()
            if self._change(to):
                yield time.monotonic() - ordered
            else:
                self.not_come += 1
            now = to
            if (made + 1) % 50 == 0:
                print(
                    f"{self.target}: {made + 1} changes in {time.monotonic() - begun:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )

    def _change(self, to: int) -> bool:
        """Order steps, as the engine does, until so many live; return whether they came to."""
        begun = ordered = time.monotonic()
        while time.monotonic() < begun + CHANGE_SECONDS:
            count = self.count()
            self.fewest = min(self.fewest, count)
            if count == to:
                return True
            if time.monotonic() >= ordered:
                with suppress(OptimizerError):  # refused or unknown: look, and order again
                    self.turn(to)
                ordered = time.monotonic() + 0.5
            time.sleep(0.05)
        return False
