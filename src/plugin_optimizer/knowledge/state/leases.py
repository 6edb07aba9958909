"""Who runs the turns, where several hosts share one database: a lease on the database's clock.

A lease says who should run, never that nobody else does: a host that was paused wakes up and does not know. What it
writes then is refused, for somebody else has moved the records on.
"""

import time

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.engine import Connection

from .records import Records
from .schema import runner_lease

LEASE_SECONDS = 15.0  # this and the renewing in runner.py: the figures of Kubernetes' client-go, leaderelection


class Leases(Records):
    """Taking, keeping and giving back; none of it is a change of state (`take_lease` puts the new runner on the audit)."""

    def take_runner_lease(self, holder: str) -> bool:
        """Take the lease if nobody else holds one that runs; tell whether it is ours now."""
        with self._database.writing() as write:
            now = _now(write.connection)
            lease = write.connection.execute(select(runner_lease)).first()
            if lease is not None and lease.holder != holder and lease.expires_at > now:
                return False
            write.connection.execute(delete(runner_lease))
            write.connection.execute(insert(runner_lease).values(holder=holder, expires_at=now + LEASE_SECONDS))
        return True

    def renew_runner_lease(self, holder: str) -> bool:
        """Let our lease run from now on anew; False if somebody else has taken it, or it was given back."""
        ours = runner_lease.c.holder == holder
        with self._database.writing() as write:
            until = _now(write.connection) + LEASE_SECONDS
            return write.connection.execute(update(runner_lease).where(ours).values(expires_at=until)).rowcount == 1

    def release_runner_lease(self, holder: str) -> None:
        """Give our lease back, so that the next one need not wait for its end; does nothing if it is not ours."""
        with self._database.writing() as write:
            write.connection.execute(delete(runner_lease).where(runner_lease.c.holder == holder))


def _now(connection: Connection) -> float:
    """Return the database's time: the hosts that share it may disagree about theirs. A file is shared by one host only."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
