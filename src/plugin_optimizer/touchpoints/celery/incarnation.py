"""Telling one life of a worker from the next: a HUP begins it anew in the same process."""

import time
from dataclasses import dataclass, field

from ..process_identity import ProcessIdentity

SAME_START_SECONDS = 3.0  # a worker tells its age in whole seconds, and the answer takes a moment


@dataclass(slots=True)
class Starts:
    """Remembers when each worker began, as it was first told (seconds since the host's start)."""

    last: dict[ProcessIdentity, int] = field(default_factory=dict)

    def name(self, worker: ProcessIdentity, uptime_seconds: float) -> str:
        began = time.clock_gettime(time.CLOCK_BOOTTIME) - uptime_seconds
        known = self.last.get(worker)
        if known is None or abs(began - known) > SAME_START_SECONDS:
            known = self.last[worker] = round(began)
        return f"{worker.pid}-{worker.start_ticks}-{known}"
