"""When to believe that a value is not ours: not at the first look, but once it has stood.

A service that is reloaded, or whose worker has just ended, shows for a moment the workers of both generations, or too
few. Meanwhile nothing is done to it: hands off, whoever it was.
"""

from dataclasses import dataclass, field

from ..domain import Execution, ExecutionState, Value

State = ExecutionState
STANDS_SECONDS = 3.0  # gunicorn ends the old generation up to a second after the new one is there
LONGEST_SECONDS = 30.0  # values that change all the time are believed to be nobody's we know by then
FORGOTTEN_SECONDS = 60.0
STRANGE = frozenset({"value_moved", "value_lost"})  # reasons; a foreign value has a state of its own
# At every tick; while it is judged, only with a verdict.
LOOKED_AT = frozenset({State.APPLYING, State.COMPARING, State.RB_APPLYING, State.UNKNOWN, State.PARTIAL})


@dataclass(frozen=True, slots=True)
class Sighting:
    """A strange value; since when it was seen, and since when any was, up to the last look (seconds, steady clock)."""

    value: Value | None
    since: float
    any_since: float
    last: float


@dataclass(slots=True)
class Doubt:
    """Remembers for each execution what strange value was seen. Not on record: whoever takes over begins to look anew."""

    seen: dict[str, Sighting] = field(default_factory=dict)

    def believed(self, before: Execution, after: Execution, steady: float) -> Execution:
        """Return `after`, or `before` while what it concludes from a strange value is too early."""
        if not _strange(before, after):
            if before.state in LOOKED_AT:
                self.seen.pop(before.id, None)
            return after
        sighting = _continued(self.seen.get(before.id), _value(after), steady)
        self.seen[before.id] = sighting
        stood = steady - sighting.since >= STANDS_SECONDS or steady - sighting.any_since >= LONGEST_SECONDS
        return after if stood else before

    def doubted(self, execution_id: str, steady: float) -> bool:
        """Tell whether a strange value was seen just now, so that it is worth looking again at once."""
        sighting = self.seen.get(execution_id)
        return sighting is not None and sighting.last == steady

    def forget(self, open_ids: frozenset[str]) -> None:
        """Forget what is no longer open."""
        self.seen = {key: sighting for key, sighting in self.seen.items() if key in open_ids}


def _continued(known: Sighting | None, value: Value | None, steady: float) -> Sighting:
    if known is None or steady - known.last > FORGOTTEN_SECONDS:
        return Sighting(value, steady, steady, steady)
    looked_on = steady - known.last < STANDS_SECONDS  # else it may have been another value meanwhile
    since = known.since if known.value == value and looked_on else steady
    return Sighting(value, since, known.any_since, steady)


def _value(after: Execution) -> Value | None:
    reason = after.reason
    if reason is not None and "value" in reason.params:
        return reason.params["value"]
    return after.change.before if reason is not None and reason.code == "value_lost" else after.observed


def _strange(before: Execution, after: Execution) -> bool:
    if after.state is State.FOREIGN and before.state is not State.FOREIGN:
        return True
    return after.reason is not before.reason and after.reason is not None and after.reason.code in STRANGE
