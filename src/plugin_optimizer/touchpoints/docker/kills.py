"""How often the kernel killed for memory in a container, from the engine's events: they outlive its restarts."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ...domain import OptimizerError
from .engine import Engine


@dataclass(slots=True)
class KillCounts:
    """Counts from the first look on; each stretch of time is asked about once."""

    clock: Callable[[], float] = time.time  # events carry the time of the engine's host, which is ours
    known: dict[str, tuple[float, int]] = field(default_factory=dict)  # by container: until when, how many
    lock: threading.Lock = field(default_factory=threading.Lock)

    def so_far(self, engine: Engine, container_id: str) -> int | None:
        """Return how many since the first look; None where the engine did not tell."""
        with self.lock:
            until, count = self.known.get(container_id, (self.clock(), 0))
            now = self.clock()
            try:
                count += engine.kills(container_id, until, now) if now > until else 0
            except OptimizerError:
                return None
            self.known[container_id] = (now, count)
            return count
