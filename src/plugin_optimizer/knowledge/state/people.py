"""Users and tokens. Neither password hashes nor digests ever reach the audit."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select

from ...contracts import User
from ...domain import NotFound
from .records import Records
from .schema import tokens, users
from .sessions import end_sessions_of

SYSTEM = "system"

THE_USER = select(users).where(users.c.name == bindparam("name"))
THE_TOKEN = select(tokens).where(tokens.c.digest == bindparam("digest"))


class People(Records):
    def save_user(self, name: str, role: str, password_hash: str, at: float) -> None:
        """Create a user, or give an existing one this role and password, which ends their sessions."""
        with self._database.writing() as write:
            write.execute(delete(users).where(users.c.name == name))
            write.execute(insert(users).values(name=name, role=role, password_hash=password_hash, at=at))
            ended = end_sessions_of(write, name)
            write.audit(at, SYSTEM, "user.saved", name, role=role, sessions_ended=ended)

    def remove_user(self, name: str, actor: str, at: float) -> None:
        """Remove a user, and end their sessions; raises NotFound."""
        with self._database.writing() as write:
            if write.execute(delete(users).where(users.c.name == name)).rowcount == 0:
                raise NotFound(f"no user {name!r}")
            write.audit(at, actor, "user.removed", name, sessions_ended=end_sessions_of(write, name))

    def users(self) -> Sequence[User]:
        """Return all users, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(users.c.name, users.c.role).order_by(users.c.name)).all()
        return [User(row.name, row.role) for row in rows]

    def user(self, name: str) -> tuple[User, str] | None:
        """Return the user with the password hash; None if there is no such user."""
        with self._database.reading() as connection:
            row = connection.execute(THE_USER, {"name": name}).first()
        return None if row is None else (User(row.name, row.role), row.password_hash)

    def save_token(
        self, name: str, role: str, digest: str, expires_at: float | None, at: float, actor: str = SYSTEM
    ) -> None:
        """Create a token; one of the same name stops working."""
        with self._database.writing() as write:
            write.execute(delete(tokens).where(tokens.c.name == name))
            write.execute(
                insert(tokens).values(name=name, role=role, digest=digest, created_at=at, expires_at=expires_at)
            )
            write.audit(at, actor, "token.saved", name, role=role, expires_at=expires_at)

    def token(self, digest: str, at: float) -> User | None:
        """Return who a token stands for; None if it is unknown or was valid until `at` or earlier."""
        with self._database.reading() as connection:
            row = connection.execute(THE_TOKEN, {"digest": digest}).first()
        if row is None or (row.expires_at is not None and at >= row.expires_at):
            return None
        return User(row.name, row.role)

    def revoke_token(self, name: str, actor: str, at: float) -> None:
        """Make a token stop working; raises NotFound."""
        with self._database.writing() as write:
            if write.execute(delete(tokens).where(tokens.c.name == name)).rowcount == 0:
                raise NotFound(f"no token {name!r}")
            write.audit(at, actor, "token.revoked", name)

    def tokens(self) -> Sequence[tuple[str, str, float, float | None]]:
        """Return name, role, created and expiry, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.created_at, tokens.c.name)).all()
        return [(row.name, row.role, row.created_at, row.expires_at) for row in rows]
