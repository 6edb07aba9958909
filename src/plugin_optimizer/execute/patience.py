"""How long something has been waited for, in time that a jump of the clock does not touch.

Persisted times are wall time, and wall time jumps. A wait that decides whether a step is lost must not be cut short by
that, or the step is taken twice; so it is counted here, from tick to tick. It begins anew when the process does.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain import Execution

MOST_TICK_SECONDS = 2.0  # ticks come several times a second: a longer gap is a jump, or a sleep that saw nothing


@dataclass(slots=True)
class Patience:
    """Counts for each open execution the seconds since its record was last written (each write raises the fence)."""

    last_tick: float | None = None
    watched: dict[str, tuple[int, float]] = field(default_factory=dict)

    def tick(self, open_executions: Iterable[Execution], now: float) -> None:
        """Take note of a look at `now` at what is open; forget what no longer is."""
        elapsed = 0.0 if self.last_tick is None else min(max(now - self.last_tick, 0.0), MOST_TICK_SECONDS)
        self.last_tick = now
        self.watched = {e.id: (e.fence, self._waited(e, elapsed)) for e in open_executions}

    def time_of(self, execution: Execution) -> float:
        """Return the time it would be, had the clock not jumped since the execution was last written."""
        return execution.updated_at + self.watched.get(execution.id, (0, 0.0))[1]

    def _waited(self, execution: Execution, elapsed: float) -> float:
        fence, seconds = self.watched.get(execution.id, (None, 0.0))
        return seconds + elapsed if fence == execution.fence else 0.0
