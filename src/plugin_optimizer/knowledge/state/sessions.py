"""Who is logged in, for all processes alike. The secret of a session never gets here, only its digest."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select, update

from ...contracts import OpenSession, Session
from ...domain import NotFound
from .database import Transaction
from .records import Records
from .schema import sessions, users

MOST_SESSIONS = 10  # of one user; the next login ends the oldest
ID_CHARACTERS = 16  # of the digest: enough to name one, worth nothing as a cookie
MOST_LISTED = 500

HELD = (
    select(sessions, users.c.role)
    .select_from(sessions.join(users, users.c.name == sessions.c.name))
    .where(sessions.c.digest == bindparam("digest"))
)
CHANGED = update(sessions).where(sessions.c.digest == bindparam("present_digest"))


class Sessions(Records):
    def open_session(self, digest: str, name: str, at: float, expires_at: float) -> None:
        """Begin a session of a user who has just given the password."""
        with self._database.writing() as write:
            write.execute(delete(sessions).where(sessions.c.expires_at <= at))
            _end_oldest(write, name)
            write.execute(
                insert(sessions).values(
                    digest=digest, name=name, opened_at=at, seen_at=at, authenticated_at=at, expires_at=expires_at
                )
            )
            write.audit(at, name, "session.opened", name, expires_at=expires_at)

    def session(self, digest: str, at: float, idle_seconds: float) -> Session | None:
        """Return a session that holds; None if it is unknown, ended, over, or was not used for `idle_seconds`."""
        with self._database.reading() as connection:
            row = connection.execute(HELD, {"digest": digest}).first()
        if row is None or at >= row.expires_at or at - row.seen_at >= idle_seconds:
            return None
        return Session(row.name, row.role, row.seen_at, row.authenticated_at, row.expires_at)

    def touch_session(self, digest: str, at: float) -> None:
        """Note a sign of life. No change of state: neither audit nor version."""
        with self._database.writing() as write:
            write.connection.execute(CHANGED, {"present_digest": digest, "seen_at": at})

    def confirm_session(self, digest: str, name: str, at: float) -> None:
        """Note that the user has given the password again."""
        with self._database.writing() as write:
            if write.execute(CHANGED, {"present_digest": digest, "seen_at": at, "authenticated_at": at}).rowcount:
                write.audit(at, name, "session.confirmed", name)

    def end_session(self, digest: str, at: float) -> None:
        """End a session everywhere; does nothing where it has ended."""
        with self._database.writing() as write:
            name = write.connection.execute(select(sessions.c.name).where(sessions.c.digest == digest)).scalar()
            if name is None:
                return
            write.execute(delete(sessions).where(sessions.c.digest == digest))
            write.audit(at, name, "session.ended", name)

    def sessions(self, at: float, idle_seconds: float) -> Sequence[OpenSession]:
        """Return the sessions that hold, the one seen last first; at most 500."""
        holding = (
            select(sessions, users.c.role)
            .select_from(sessions.join(users, users.c.name == sessions.c.name))
            .where(sessions.c.expires_at > at, sessions.c.seen_at > at - idle_seconds)
            .order_by(sessions.c.seen_at.desc())
            .limit(MOST_LISTED)
        )
        with self._database.reading() as connection:
            rows = connection.execute(holding).all()
        return [
            OpenSession(r.digest[:ID_CHARACTERS], r.name, r.role, r.opened_at, r.seen_at, r.expires_at) for r in rows
        ]

    def end_session_by_id(self, session_id: str, actor: str, at: float) -> None:
        """End a session of a list, whoever's it is. Raises NotFound."""
        named = sessions.c.digest.startswith(session_id, autoescape=True)
        with self._database.writing() as write:
            name = write.connection.execute(select(sessions.c.name).where(named)).scalar()
            if name is None or len(session_id) != ID_CHARACTERS:
                raise NotFound(f"no session is called {session_id[:40]!r}; it may have ended")
            write.execute(delete(sessions).where(named))
            write.audit(at, actor, "session.ended", name)


def end_sessions_of(write: Transaction, name: str) -> int:
    """End all sessions of a user, as part of what ends them; return how many."""
    return int(write.execute(delete(sessions).where(sessions.c.name == name)).rowcount)


def _end_oldest(write: Transaction, name: str) -> None:
    theirs = select(sessions.c.digest).where(sessions.c.name == name).order_by(sessions.c.seen_at.desc())
    surplus = list(write.connection.execute(theirs.offset(MOST_SESSIONS - 1).limit(1_000)).scalars())
    if surplus:
        write.execute(delete(sessions).where(sessions.c.digest.in_(surplus)))
