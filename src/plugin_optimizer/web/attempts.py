"""How often somebody may try to log in: counted before anything expensive is done."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .problem import Problem

TRIES = 10
PERIOD_SECONDS = 900.0
KEYS_KEPT = 10_000  # so that guessing user names cannot fill the memory


@dataclass(slots=True)
class Attempts:
    """Failed tries per user and address within the last 15 minutes, in this process."""

    clock: Callable[[], float] = time.monotonic
    _tries: OrderedDict[tuple[str, str], deque[float]] = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def count(self, user: str, address: str) -> None:
        """Count a try; raise Problem 429 with Retry-After when there were ten already."""
        now = self.clock()
        with self._guard:
            tries = self._tries.setdefault((user[:64], address), deque())
            self._tries.move_to_end((user[:64], address))
            while tries and tries[0] <= now - PERIOD_SECONDS:
                tries.popleft()
            if len(tries) >= TRIES:
                raise _too_many(tries[0] + PERIOD_SECONDS - now)
            tries.append(now)
            while len(self._tries) > KEYS_KEPT:
                self._tries.popitem(last=False)

    def forgive(self, user: str, address: str) -> None:
        """Forget the tries of somebody who logged in."""
        with self._guard:
            self._tries.pop((user[:64], address), None)


def _too_many(wait_seconds: float) -> Problem:
    retry = max(1, round(wait_seconds))
    return Problem(
        429, "too_many_logins", f"{TRIES} tries in 15 minutes; try again in {retry} s", {"Retry-After": str(retry)}
    )
