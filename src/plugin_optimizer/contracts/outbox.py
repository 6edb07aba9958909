"""What is to be told to people outside, kept until it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..domain import Dispatch, DispatchState, Incident, Notice
from .audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a notice goes: to which channel, under which gathering key, when it is due and when it is given up."""

    notice: Notice
    channel: str
    gathering: str
    due_at: float
    gives_up_at: float


class Outbox(Protocol):
    """What is to be told outside. Placed and claimed only by the runner whose `fence` is the present one (else Stale).

    None of it but what people do is a change of state: the version does not grow.
    """

    def audit_after(self, number: int, limit: int = 500) -> Sequence[AuditEntry]:
        """Return the entries behind the number `number`, oldest first."""
        ...

    def notification_cursor(self) -> int | None:
        """Return the number of the last audit entry that was looked at; None before the first look."""
        ...

    def incidents(self) -> Mapping[str, Incident]:
        """Return by cause what lasts, or was told a while ago."""
        ...

    def place(
        self,
        fence: int,
        seen: int | None,
        number: int,
        incidents: Sequence[Incident],
        ended: Sequence[str],
        placements: Sequence[Placement],
        at: float,
    ) -> None:
        """Move the cursor from `seen` to `number`, keep the incidents, forget those ended, place the notices: all or nothing.

        A notice joins the dispatch of its channel and gathering key that waits untried. Raises Stale where the cursor
        or the fence is another by now.
        """
        ...

    def claim_dispatch(self, channel: str, fence: int, at: float, until: float, most_per_hour: int) -> Dispatch | None:
        """Take the gravest dispatch that is due into our hands until `until`; None where there is none, or too many went."""
        ...

    def settle_dispatch(
        self, dispatch: Dispatch, state: DispatchState, answer: str, at: float, due_at: float | None = None
    ) -> None:
        """Write how an attempt went; does nothing where the dispatch is in other hands by now."""
        ...

    def dispatch(self, dispatch_id: str) -> Dispatch: ...
    def dispatches(
        self,
        channel: str | None = None,
        state: DispatchState | None = None,
        limit: int = 500,
        after: str | None = None,
    ) -> Sequence[Dispatch]:
        """Return newest first."""
        ...

    def count_dispatches(self) -> Mapping[tuple[str, DispatchState], int]: ...
    def retry_dispatch(self, dispatch_id: str, actor: str, at: float, gives_up_at: float) -> Dispatch:
        """Let what was given up, or waits for its next attempt, be sent now. Raises Conflict (`not_retryable`) otherwise."""
        ...

    def record_notification_test(self, channel: str, actor: str, at: float, delivered: bool) -> None: ...
