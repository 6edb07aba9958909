"""Who may do what, and who is logged in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may act: a person or a token. `role` is viewer, operator or admin; of a token also sender."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Session:
    """A login that holds: who, last seen when, when the password was given last, and when it ends at the latest."""

    name: str
    role: str
    seen_at: float
    authenticated_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session in a list: `id` names it without being worth anything as a cookie."""

    id: str
    name: str
    role: str
    opened_at: float
    seen_at: float
    expires_at: float
