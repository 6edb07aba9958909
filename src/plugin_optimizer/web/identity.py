"""Who makes this request: a token, our own login, the host application's login, or this machine itself."""

from dataclasses import dataclass
from enum import StrEnum

from flask import Request, current_app

from ..contracts import User
from . import token
from .loopback import comes_from_here
from .problem import Problem
from .route import Role
from .system import SystemLike

ROLES = {"sender": Role.SENDER, "viewer": Role.VIEWER, "operator": Role.OPERATOR, "admin": Role.ADMIN}


class Proof(StrEnum):
    """How the caller proved who they are; it decides which fences against forged requests apply."""

    TOKEN = "token"  # noqa: S105 - a name, not a secret
    SESSION = "session"
    LOOPBACK = "loopback"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Identity:
    user: User | None
    proof: Proof

    @property
    def role(self) -> Role:
        return ROLES.get(self.user.role, Role.NOBODY) if self.user else Role.NOBODY


NOBODY = Identity(None, Proof.NONE)


def identify(request: Request, system: SystemLike, now: float) -> Identity:
    """Return who calls. Raises Problem 401 for a token that is not good: it is never ignored for a cookie."""
    if "Authorization" in request.headers:
        return _bearer(request.headers["Authorization"], system, now)
    found = _logged_in(system)
    if found is not None:
        return Identity(found, Proof.SESSION)
    if not system.config.server.login and comes_from_here(request):
        return Identity(User("local", "admin"), Proof.LOOPBACK)
    return NOBODY


def authorise(identity: Identity, wanted: Role) -> None:
    """Raise Problem 401 without an identity, 403 where its role may not do this."""
    if identity.role >= wanted:
        return
    if identity.user is None:
        raise unauthorised("log in, or send 'Authorization: Bearer TOKEN' (plugin-optimizer token create)")
    raise Problem(403, "role_missing", f"this needs the role {wanted.name.lower()}; yours is {identity.user.role}")


def unauthorised(detail: str) -> Problem:
    return Problem(401, "not_logged_in", detail, {"WWW-Authenticate": 'Bearer realm="plugin-optimizer"'})


def _bearer(header: str, system: SystemLike, now: float) -> Identity:
    scheme, _, secret = header.partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not token.well_formed(secret):
        raise unauthorised("the token is not one of ours; expected 'Authorization: Bearer po_…'")
    user = system.state.token(token.digest(secret), now)
    if user is None:
        raise unauthorised("the token is unknown, revoked or expired")
    return Identity(user, Proof.TOKEN)


def _logged_in(system: SystemLike) -> User | None:
    """Return flask-login's user: ours in the stand-alone application, else the host's own."""
    if getattr(current_app, "login_manager", None) is None:
        return None
    from flask_login import current_user

    if not getattr(current_user, "is_authenticated", False):
        return None
    return User(_name_of(current_user), _role_of(current_user, system.config.server.host_user_role))


def _name_of(user: object) -> str:
    for attribute in ("username", "name", "email"):
        value = getattr(user, attribute, None)
        if isinstance(value, str) and value:
            return value[:64]
    get_id = getattr(user, "get_id", None)
    return str(get_id() if callable(get_id) else "user")[:64]


def _role_of(user: object, default: str) -> str:
    role = getattr(user, "role", None)
    if isinstance(role, str) and role in ROLES:
        return role
    return "admin" if getattr(user, "is_admin", False) is True else default
