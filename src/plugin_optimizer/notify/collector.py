"""Looks at what happened and at what stands wrong, again and again, and places in the outbox what is to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..contracts import AuditEntry, Outbox, StateStore
from ..domain import Cycle, Dispatch, DispatchState, Message, Policies
from .conditions import Standing, Stop
from .events import notices_of
from .gathering import Routing, placements
from .incidents import follow
from .settings import Notify, Rules

AT_A_TIME = 500
DAY_SECONDS = 86_400.0


class Surroundings(Protocol):
    """What stands outside the state: asked anew at each look."""

    def policies(self) -> Policies: ...
    def stop(self) -> Stop | None:
        """Return who set the emergency stop; None while it is not set."""
        ...

    def trouble(self) -> Message | None:
        """Return why the engine changes nothing (its audit); None where that is well."""
        ...


@dataclass(slots=True)
class Collector:
    """One look is one transaction; whoever looks next goes on where it ended, whatever happened in between."""

    state: StateStore
    settings: Notify
    rules: Mapping[str, Rules]
    surroundings: Surroundings
    interval_seconds: float
    fence: int
    failing: dict[str, int] = field(default_factory=dict)
    counted: int = 0
    stood_at: float = 0.0
    stop: Stop | None = None

    def look(self, now: float) -> int:
        """Look once and return how many notices were placed. Raises Stale where another runner took over."""
        seen = self.state.notification_cursor()
        entries, number = self._entries(seen)
        if not entries and seen is not None and not self._is_due(now):
            return 0
        policies = self.surroundings.policies()
        known = self.state.incidents()
        followed = follow(known, notices_of(entries, self.state), self._standing(now, policies), self.settings)
        placed = tuple(placements(followed.notices, Routing(self.rules, policies), self.settings, now))
        if placed or followed.incidents or followed.ended or number != seen:
            kept = tuple(followed.incidents.values())
            self.state.place(self.fence, seen, number, kept, followed.ended, placed, now)
        return len(placed)

    def _is_due(self, now: float) -> bool:
        """Tell whether to look at all that stands: once a turn, and at once when somebody stops or arms the engine."""
        return now - self.stood_at >= self.interval_seconds or self.surroundings.stop() != self.stop

    def _entries(self, seen: int | None) -> tuple[Sequence[AuditEntry], int]:
        """Return what is new, and up to where that is. The very first look begins at the present."""
        if seen is None:
            newest = self.state.audit(1)
            return (), newest[0].number if newest else 0
        entries = self.state.audit_after(seen, AT_A_TIME)
        return entries, entries[-1].number if entries else seen

    def _standing(self, now: float, policies: Policies) -> Standing:
        cycle = self.state.latest_cycle()
        self._count(cycle)
        self.stood_at, self.stop = now, self.surroundings.stop()
        return Standing(
            now=now,
            interval_seconds=self.interval_seconds,
            policies=policies,
            plugins=self.state.plugins(),
            needing=self.state.needing_person(),
            stop=self.stop,
            trouble=self.surroundings.trouble(),
            cycle=cycle,
            failing=self.failing,
            given_up=given_up_lately(self.state, now),
        )

    def _count(self, cycle: Cycle | None) -> None:
        """Count for how many turns in a row each part has raised."""
        if cycle is None or cycle.number == self.counted:
            return
        self.counted = cycle.number
        self.failing = {fault.part: self.failing.get(fault.part, 0) + 1 for fault in cycle.faults}


def given_up_lately(state: Outbox, now: float) -> Sequence[Dispatch]:
    """Return what was given up in the last day, and has not been followed by a delivery of the same channel; oldest first."""
    found = state.dispatches(state=DispatchState.GIVEN_UP, limit=100)
    lately = [d for d in reversed(found) if d.ended_at is not None and now - d.ended_at < DAY_SECONDS]
    if not lately:
        return ()
    delivered: dict[str, float] = {}
    for dispatch in state.dispatches(state=DispatchState.DELIVERED, limit=100):
        delivered[dispatch.channel] = max(delivered.get(dispatch.channel, 0.0), dispatch.ended_at or 0.0)
    return [d for d in lately if (d.ended_at or 0.0) > delivered.get(d.channel, 0.0)]
