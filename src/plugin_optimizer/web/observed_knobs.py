"""Knobs as observed, remembered for a few seconds: many lists ask, and each look reads processes."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..domain import Knob, OptimizerError
from .system import SystemLike

KEPT_SECONDS = 5.0


@dataclass(slots=True)
class ObservedKnobs:
    """Reads knobs through `system.knobs`; a plugin that cannot be read has none."""

    clock: Callable[[], float] = time.monotonic
    _seen: dict[tuple[int, str], tuple[float, Sequence[Knob]]] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def of(self, system: SystemLike, plugin_id: str) -> Sequence[Knob]:
        key, now = (id(system), plugin_id), self.clock()
        with self._guard:
            kept = self._seen.get(key)
        if kept is not None and now - kept[0] < KEPT_SECONDS:
            return kept[1]
        knobs = _read(system, plugin_id)
        with self._guard:
            self._seen = {k: v for k, v in self._seen.items() if now - v[0] < KEPT_SECONDS}
            self._seen[key] = (now, knobs)
        return knobs


def _read(system: SystemLike, plugin_id: str) -> Sequence[Knob]:
    try:
        return tuple(system.knobs(plugin_id))
    except OptimizerError:
        return ()


OBSERVED = ObservedKnobs()
