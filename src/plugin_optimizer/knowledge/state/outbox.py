"""The outbox: what is to be told outside waits here until it is delivered, or given up.

What is placed follows from the audit, behind a cursor that moves in the same transaction: nothing is lost by a crash and
nothing placed twice. What is sent is sent at least once: a crash after the other side took it, and before that was
written, sends it again under the same id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Text, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql.expression import ColumnElement

from ...contracts import AuditEntry, Placement
from ...domain import Conflict, Dispatch, DispatchState, Incident, Stale
from ..values import decode, encode
from .audit import entry_from
from .database import Transaction
from .outbox_rows import add, dispatch_from, rewrite
from .records import MOST_ROWS, Records, found, page
from .schema import DOUBLE, audit, dispatches, head, incidents, notification_cursor

HOUR_SECONDS = 3600.0
table = dispatches.c
FENCE = select(head.c.lease_fence)
CURSOR = select(notification_cursor.c.number)
ENTRIES = select(audit).where(audit.c.number > bindparam("after")).order_by(audit.c.number).limit(bindparam("most"))
WAITING = table.state == DispatchState.WAITING.value
LEFT_IN_HAND = and_(table.state == DispatchState.SENDING.value, table.claimed_until < bindparam("at", type_=DOUBLE))
OF_A_LOWER_FENCE = and_(table.state == DispatchState.SENDING.value, table.fence < bindparam("fence"))
NEXT = (
    select(dispatches)
    .where(
        table.channel == bindparam("channel"),
        table.due_at <= bindparam("at", type_=DOUBLE),
        or_(WAITING, LEFT_IN_HAND, OF_A_LOWER_FENCE),
    )
    .order_by(table.rank.desc(), table.due_at, table.id)
    .limit(1)
)
WENT = select(func.count()).where(
    table.channel == bindparam("channel"),
    table.state == DispatchState.DELIVERED.value,
    table.ended_at > bindparam("since", type_=DOUBLE),
)
OF_CHANNEL: "ColumnElement[bool]" = table.channel == bindparam("channel", type_=Text)
IN_STATE: "ColumnElement[bool]" = table.state == bindparam("state", type_=Text)


class Outbox(Records):
    def audit_after(self, number: int, limit: int = 500) -> Sequence[AuditEntry]:
        """Return the entries behind the number `number`, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(ENTRIES, {"after": number, "most": max(0, min(limit, MOST_ROWS))}).all()
        return [entry_from(row) for row in rows]

    def notification_cursor(self) -> int | None:
        """Return the number of the last audit entry that was looked at; None before the first look."""
        with self._database.reading() as connection:
            number: int | None = connection.execute(CURSOR).scalar()
        return number

    def incidents(self) -> Mapping[str, Incident]:
        """Return by cause what lasts, or was told a while ago."""
        with self._database.reading() as connection:
            bodies = connection.execute(select(incidents.c.body)).scalars().all()
        return {incident.cause: incident for incident in (decode(body, Incident) for body in bodies)}

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
        """Move the cursor, keep and forget incidents, place notices: all or nothing. Raises Stale."""
        with self._database.writing() as write:
            _require_fence(write, fence)
            if write.connection.execute(CURSOR).scalar() != seen:
                raise Stale("somebody else has looked at the audit since")
            _move(write, seen, number)
            for cause in (*ended, *(incident.cause for incident in incidents)):
                write.connection.execute(_FORGET, {"cause": cause})
            for incident in incidents:
                write.connection.execute(_KEEP, {"cause": incident.cause, "body": encode(incident)})
            add(write, placements, at)

    def claim_dispatch(self, channel: str, fence: int, at: float, until: float, most_per_hour: int) -> Dispatch | None:
        """Take the gravest dispatch that is due; None where there is none, or too many went in the last hour.

        So is one that somebody had in hand who is no longer the runner, or whose time is over. Raises Stale.
        """
        asked = {"channel": channel, "at": at, "fence": fence}
        with self._database.reading() as connection:  # mostly there is nothing: that costs no write
            if connection.execute(NEXT, asked).first() is None:
                return None
            went = connection.execute(WENT, {"channel": channel, "since": at - HOUR_SECONDS}).scalar_one()
        if went >= most_per_hour:
            return None
        with self._database.writing() as write:
            _require_fence(write, fence)
            row = write.connection.execute(NEXT, asked).first()
            if row is None:
                return None
            before = dispatch_from(row)
            taken = replace(before, state=DispatchState.SENDING, attempts=before.attempts + 1, attempted_at=at)
            rewrite(write, taken, claimed_until=until, fence=fence)
        return taken

    def settle_dispatch(
        self, dispatch: Dispatch, state: DispatchState, answer: str, at: float, due_at: float | None = None
    ) -> None:
        """Write how an attempt went; does nothing where the dispatch is in other hands by now."""
        ended_at = None if state is DispatchState.WAITING else at
        after = replace(dispatch, state=state, answer=answer, ended_at=ended_at, due_at=due_at or dispatch.due_at)
        with self._database.writing() as write:
            present = dispatch_from(found(write.connection, dispatches, dispatch.id))
            if (present.state, present.attempts) != (DispatchState.SENDING, dispatch.attempts):
                return
            rewrite(write, after)
            if state is DispatchState.GIVEN_UP:
                write.audit(at, "engine", "notification.given_up", dispatch.id, channel=dispatch.channel, answer=answer)

    def dispatch(self, dispatch_id: str) -> Dispatch:
        """Return one. Raises NotFound."""
        with self._database.reading() as connection:
            return dispatch_from(found(connection, dispatches, dispatch_id))

    def dispatches(
        self,
        channel: str | None = None,
        state: DispatchState | None = None,
        limit: int = 500,
        after: str | None = None,
    ) -> Sequence[Dispatch]:
        """Return newest first."""
        given = {"channel": channel, "state": None if state is None else state.value}
        asked = {name: value for name, value in given.items() if value is not None}
        wanted = tuple(condition for name, condition in (("channel", OF_CHANNEL), ("state", IN_STATE)) if name in asked)
        with self._database.reading() as connection:
            rows = page(connection, dispatches, wanted, asked, limit, after)
        return [dispatch_from(row) for row in rows]

    def count_dispatches(self) -> Mapping[tuple[str, DispatchState], int]:
        """Return how many there are by channel and state."""
        query = select(table.channel, table.state, func.count()).group_by(table.channel, table.state)
        with self._database.reading() as connection:
            return {(channel, DispatchState(state)): count for channel, state, count in connection.execute(query).all()}

    def retry_dispatch(self, dispatch_id: str, actor: str, at: float, gives_up_at: float) -> Dispatch:
        """Let what was given up, or waits for its next attempt, be sent now. Raises Conflict (`not_retryable`)."""
        with self._database.writing() as write:
            before = dispatch_from(found(write.connection, dispatches, dispatch_id))
            if before.state not in {DispatchState.GIVEN_UP, DispatchState.WAITING}:
                raise Conflict(
                    f"{dispatch_id} is {before.state}: only what waits or was given up is sent again", "not_retryable"
                )
            again = replace(before, state=DispatchState.WAITING, due_at=at, ended_at=None, gives_up_at=gives_up_at)
            rewrite(write, again)
            write.audit(at, actor, "notification.retried", dispatch_id, channel=before.channel)
        return again

    def record_notification_test(self, channel: str, actor: str, at: float, delivered: bool) -> None:
        """Put on the audit that somebody sent a test message."""
        with self._database.writing() as write:
            write.audit(at, actor, "notification.tested", channel, delivered=delivered)


_FORGET = delete(incidents).where(incidents.c.cause == bindparam("cause"))
_KEEP = insert(incidents)


def _require_fence(write: Transaction, fence: int) -> None:
    present: Any = write.connection.execute(FENCE).scalar_one()
    if present != fence:
        raise Stale(f"another runner took over (fence {present}, ours is {fence})")


def _move(write: Transaction, seen: int | None, number: int) -> None:
    if seen is None:
        write.connection.execute(insert(notification_cursor).values(id=1, number=number))
    elif number != seen:
        write.connection.execute(update(notification_cursor).values(number=number))
