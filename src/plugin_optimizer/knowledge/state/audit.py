"""Reading and checking the audit; the one who may run the turns."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from ...contracts import AuditEntry
from ..values import decode_any
from .chain import Link, verify
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

    def verify_audit(self) -> int:
        """Return how many entries the chain holds; raise Conflict naming the first that does not fit."""
        with self._database.reading() as connection:
            last = connection.execute(select(head)).one()
            return verify(_links(connection), last.audit_number, last.audit_digest)

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


def _links(connection: Connection) -> Iterator[Link]:
    """Yield the chain from its beginning, a stretch at a time."""
    last = -1
    while True:
        query = select(audit).where(audit.c.number > last).order_by(audit.c.number).limit(MOST_ROWS)
        rows = [Link(*row) for row in connection.execute(query)]
        if not rows:
            return
        yield from rows
        last = rows[-1].number
