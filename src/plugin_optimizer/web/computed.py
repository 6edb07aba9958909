"""Answers that cost a computation: kept for a while, made by one thread at a time, never by the thread of the turns."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Made = TypeVar("Made")
MOST_KEPT = 200
BREATH_SECONDS = 0.002  # between two steps: Python runs one thread at a time, and the engine's turn shall not wait


def breathe() -> None:
    """Let other threads of this process go on."""
    time.sleep(BREATH_SECONDS)


@dataclass(slots=True)
class Computed(Generic[Made]):
    """Keeps what was made for `seconds`. Whoever asks meanwhile gets the old one, or waits for the first."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _kept: dict[Hashable, tuple[float, Made]] = field(default_factory=dict)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        kept = self._kept.get(key)
        if kept is not None and self._fresh(kept):
            return kept[1]
        if not self._one_at_a_time.acquire(blocking=kept is None):
            assert kept is not None, "only with something to fall back on nobody waits"
            return kept[1]
        try:
            kept = self._kept.get(key)
            if kept is not None and self._fresh(kept):
                return kept[1]
            made = make()
            self._keep(key, made)
            return made
        finally:
            self._one_at_a_time.release()

    def _fresh(self, kept: tuple[float, Made]) -> bool:
        return self.clock() - kept[0] < self.seconds

    def _keep(self, key: Hashable, made: Made) -> None:
        others = {k: v for k, v in list(self._kept.items())[-MOST_KEPT:] if k != key}
        self._kept = {**others, key: (self.clock(), made)}
