"""Who may log in, and who is logged in; users themselves are made and removed on the host."""

from collections import defaultdict

import msgspec

from ..login import IDLE_SECONDS, own_session_id
from ..moment import iso
from ..route import Answer, Call, Role, Route


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """`sessions` that hold now; `seen_at` the last sign of life in any of them."""

    name: str
    role: str
    sessions: int
    seen_at: str | None


class OpenSessionView(msgspec.Struct, frozen=True, kw_only=True):
    """`here`: the session that asks."""

    id: str
    name: str
    role: str
    opened_at: str | None
    seen_at: str | None
    expires_at: str | None
    here: bool


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    ended: bool


def list_users(call: Call) -> Answer:
    seen: dict[str, list[float]] = defaultdict(list)
    for session in call.system.state.sessions(call.now, IDLE_SECONDS):
        seen[session.name].append(session.seen_at)
    views = [
        UserView(name=u.name, role=u.role, sessions=len(seen[u.name]), seen_at=iso(max(seen[u.name], default=None)))
        for u in call.system.state.users()
    ]
    return Answer(views)


def list_sessions(call: Call) -> Answer:
    own = own_session_id()
    views = [
        OpenSessionView(
            id=s.id,
            name=s.name,
            role=s.role,
            opened_at=iso(s.opened_at),
            seen_at=iso(s.seen_at),
            expires_at=iso(s.expires_at),
            here=s.id == own,
        )
        for s in call.system.state.sessions(call.now, IDLE_SECONDS)
    ]
    return Answer(views)


def end_session(call: Call, session_id: str) -> Answer:
    """End a session in every process; whoever has it must log in again. Raises NotFound."""
    call.system.state.end_session_by_id(session_id, call.actor, call.now)
    return Answer(Ended(id=session_id, ended=True))


ROUTES = (
    Route("GET", "/users", Role.ADMIN, list_users, "List users", list[UserView]),
    Route("GET", "/sessions", Role.ADMIN, list_sessions, "List who is logged in", list[OpenSessionView]),
    Route("DELETE", "/sessions/<session_id>", Role.ADMIN, end_session, "End a session", Ended),
)
