"""How long something has been waited for, in time that a jump of the clock does not touch.

Persisted times are wall time, and wall time jumps. A wait that decides whether a step is lost must not be cut short by
that, or the step is taken twice; a limit must not end early or never. So both are counted here, from tick to tick, by a
clock that only ever goes on. Waits begin anew when the process does. Limits go on: what passed before is taken from the
record, and the time nobody looked from the wall clock, the only one that went on meanwhile; never less than none.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain import Execution, Message

MOST_TICK_SECONDS = 2.0  # ticks come several times a second: a longer gap is a jump, or a sleep that saw nothing

Moment = tuple[str, float]


@dataclass(slots=True)
class Patience:
    """Counts for each open execution the seconds since its record was last written (each write raises the fence),
    and since the moments that its limits begin or end with.
    """

    last_tick: float | None = None
    watched: dict[str, tuple[int, float]] = field(default_factory=dict)
    passed: dict[Moment, float] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)  # executions for which nobody could promise that nothing comes late

    def tick(self, open_executions: Iterable[Execution], now: float, steady: float) -> None:
        """Take note of a look at what is open; forget what no longer is.

        `now` is wall time. `steady` are seconds of a clock that nobody sets, from any beginning.
        """
        elapsed = 0.0 if self.last_tick is None else max(steady - self.last_tick, 0.0)
        self.last_tick, present = steady, list(open_executions)
        self.passed = {
            (e.id, moment): self._passed(e, moment, elapsed, now)
            for e in present
            for moment in (e.applied_at, e.verifying_at, e.deadman_at)
            if moment is not None
        }
        self.held &= {e.id for e in present}
        self.watched = {e.id: (e.fence, self._waited(e, min(elapsed, MOST_TICK_SECONDS))) for e in present}

    def time_of(self, execution: Execution) -> float:
        """Return the time it would be, had the clock not jumped since the execution was last written."""
        return execution.updated_at + self.watched.get(execution.id, (0, 0.0))[1]

    def wait_anew(self, execution: Execution) -> None:
        """Count from now what is waited for after the execution was last written."""
        self.watched[execution.id] = (execution.fence, 0.0)

    def barred(self, execution: Execution, found: bool | Message) -> None:
        """Take note of the attempt to keep late orders out; `found` says whether that is new, or why nobody can promise it.

        Only from then on can nothing older happen any more, so the wait begins anew: also where it is not new, but could not
        be had at the last look. Then whoever stood in the way has gone on, and may have acted, a moment ago.
        """
        if isinstance(found, Message):
            self.held.add(execution.id)
            return
        if found or execution.id in self.held:
            self.wait_anew(execution)
        self.held.discard(execution.id)

    def seconds_since(self, execution: Execution, moment: float | None) -> float:
        """Return how long ago one of its moments on record was; below 0 while it is still to come.

        0 for a moment that is not on record, or was not when executions were last looked at.
        """
        return 0.0 if moment is None else self.passed.get((execution.id, moment), 0.0)

    def _waited(self, execution: Execution, elapsed: float) -> float:
        fence, seconds = self.watched.get(execution.id, (None, 0.0))
        return seconds + elapsed if fence == execution.fence else 0.0

    def _passed(self, execution: Execution, moment: float, elapsed: float, now: float) -> float:
        known = self.passed.get((execution.id, moment))
        if known is not None:
            return known + elapsed
        until_written = execution.updated_at - moment  # two times of one clock
        if moment != execution.deadman_at:
            until_written = max(until_written, 0.0)
        since_written = max(now - execution.updated_at, 0.0)
        if execution.id in self.watched:  # then it was written since the last look
            since_written = min(since_written, elapsed)
        return until_written + since_written
