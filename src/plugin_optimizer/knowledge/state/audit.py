"""Reading and checking the audit; the one who may run the turns."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from ...contracts import AuditEntry
from ..values import decode_any
from .chain import Chain, Link
from .records import MOST_ROWS, Records
from .schema import audit, head


class Audit(Records):
    def audit(self, limit: int = 500, before: int | None = None) -> Sequence[AuditEntry]:
        """Return the entries with numbers below `before`, newest first."""
        query = select(audit).order_by(audit.c.number.desc()).limit(max(0, min(limit, MOST_ROWS)))
        if before is not None:
            query = query.where(audit.c.number < before)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [
            AuditEntry(row.number, row.at, row.actor, row.action, row.subject, decode_any(row.detail), row.digest)
            for row in rows
        ]

    def record_emergency_stop(self, action: str, actor: str, reason: str, at: float) -> None:
        """Put on the audit that the emergency stop was `set` or `armed` again; the flag itself is a file."""
        with self._database.writing() as write:
            write.audit(at, actor, f"emergency_stop.{action}", "engine", reason=reason)

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

    def version(self) -> int:
        """Return a number that grows with every write: what a dashboard watches."""
        with self._database.reading() as connection:
            return int(connection.execute(select(head.c.version)).scalar_one())


def _stretch(connection: Connection, after: int) -> list[Link]:
    """Return the next entries behind the number `after`; from the very beginning also what has no business there."""
    query = select(audit).order_by(audit.c.number).limit(MOST_ROWS)
    if after > 0:
        query = query.where(audit.c.number > after)
    return [Link(*row) for row in connection.execute(query)]
