"""Knobs and pools as observed, remembered for a few seconds: many lists ask, and each look reads processes."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..domain import Knob, OptimizerError, Pool
from .system import SystemLike

KEPT_SECONDS = 5.0
Seen = TypeVar("Seen")


@dataclass(slots=True)
class Observed(Generic[Seen]):
    """Reads something of a plugin through its system."""

    read: Callable[[SystemLike, str], Seen]
    clock: Callable[[], float] = time.monotonic
    _seen: dict[tuple[int, str], tuple[float, Seen]] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def of(self, system: SystemLike, plugin_id: str) -> Seen:
        key, now = (id(system), plugin_id), self.clock()
        with self._guard:
            kept = self._seen.get(key)
        if kept is not None and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        seen = self.read(system, plugin_id)
        with self._guard:
            self._seen = {k: v for k, v in self._seen.items() if now - v[0] < KEPT_SECONDS}
            self._seen[key] = (now, seen)
        return seen


def _knobs(system: SystemLike, plugin_id: str) -> Sequence[Knob]:
    """Return its knobs; a plugin that cannot be read has none."""
    try:
        return tuple(system.knobs(plugin_id))
    except OptimizerError:
        return ()


def _pool(system: SystemLike, plugin_id: str) -> Pool | None:
    try:
        return system.pool(plugin_id)
    except OptimizerError:
        return None


OBSERVED = Observed(_knobs)
OBSERVED_POOLS = Observed(_pool)
