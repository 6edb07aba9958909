"""Reading and checking the audit; the one who may run the turns."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.engine import Connection, Row

from ...contracts import AuditEntry, AuditStanding
from ...domain import FINAL, Message
from ..values import decode_any
from .chain import FIRST_DIGEST, Chain, Link
from .records import MOST_ROWS, Records
from .schema import audit, head

ENDINGS = tuple(f"execution.{state}" for state in sorted(FINAL))


HOLDER = select(head.c.lease_holder)
VERSION = select(head.c.version)


class Audit(Records):
    def audit(
        self,
        limit: int = 500,
        before: int | None = None,
        *,
        actor: str | None = None,
        action: str | None = None,
        subject: str | None = None,
    ) -> Sequence[AuditEntry]:
        """Return newest first, numbers below `before`; `action` takes a whole action or its first word."""
        query = select(audit).order_by(audit.c.number.desc()).limit(max(0, min(limit, MOST_ROWS)))
        if before is not None:
            query = query.where(audit.c.number < before)
        if action is not None:
            query = query.where(or_(audit.c.action == action, audit.c.action.startswith(f"{action}.", autoescape=True)))
        for column, wanted in ((audit.c.actor, actor), (audit.c.subject, subject)):
            if wanted is not None:
                query = query.where(column == wanted)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [entry_from(row) for row in rows]

    def record_emergency_stop(self, action: str, actor: str, reason: str, at: float) -> None:
        """Put on the audit that the emergency stop was `set` or `armed` again; the flag itself is a file."""
        with self._database.writing() as write:
            write.audit(at, actor, f"emergency_stop.{action}", "engine", reason=reason)

    def record_audit_accepted(self, trouble: Message, actor: str, reason: str, at: float) -> None:
        """Put on the audit that a person took it as it stands, in spite of what its anchors say."""
        with self._database.writing() as write:
            write.audit(at, actor, "audit.accepted", "audit", reason=reason, trouble=trouble)

    def audit_standing(self, number: int) -> AuditStanding:
        """Return the head, and what the entry `number` and those behind it say, all of one moment."""
        behind = select(audit.c.number).where(audit.c.number > number, audit.c.action.in_(ENDINGS)).limit(1)
        with self._database.reading() as connection:
            last = connection.execute(select(head.c.audit_number, head.c.audit_digest)).one()
            there = connection.execute(select(audit.c.digest).where(audit.c.number == number)).scalar()
            ended = connection.execute(behind).first() is not None
        return AuditStanding(last.audit_number, last.audit_digest, FIRST_DIGEST if number == 0 else there, ended)

    def verify_audit(self) -> int:
        """Return how many entries the chain holds; raise Conflict naming the first that does not fit.

        Reads a stretch at a time, so that writers need not wait for a long audit.
        """
        chain = Chain()
        while True:
            with self._database.reading() as connection:
                rows = _stretch(connection, chain.number)
                last = connection.execute(select(head)).one()
            chain.extend(rows)
            if len(rows) < MOST_ROWS:
                return chain.close(last.audit_number, last.audit_digest)

    def take_lease(self, holder: str, at: float) -> int:
        """Return a fence higher than any before, for a runner that holds the host's lock."""
        with self._database.writing() as write:
            fence = int(write.connection.execute(select(head.c.lease_fence)).scalar_one()) + 1
            write.execute(update(head).values(lease_fence=fence, lease_holder=holder, lease_at=at))
            write.audit(at, holder, "lease.taken", "runner", fence=fence)
        return fence

    def lease_holder(self) -> str | None:
        """Return who took the lease last, None before the first; whether they still run it does not tell."""
        with self._database.reading() as connection:
            return connection.execute(HOLDER).scalar() or None

    def version(self) -> int:
        """Return a number that grows with every write: what a dashboard watches."""
        with self._database.reading() as connection:
            return int(connection.execute(VERSION).scalar_one())


def entry_from(row: "Row[Any]") -> AuditEntry:
    return AuditEntry(row.number, row.at, row.actor, row.action, row.subject, decode_any(row.detail), row.digest)


def _stretch(connection: Connection, after: int) -> list[Link]:
    """Return the next entries behind the number `after`; from the very beginning also what has no business there."""
    query = select(audit).order_by(audit.c.number).limit(MOST_ROWS)
    if after > 0:
        query = query.where(audit.c.number > after)
    return [Link(*row) for row in connection.execute(query)]
