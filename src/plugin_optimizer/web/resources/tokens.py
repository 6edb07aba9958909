"""Bearer tokens: listed without their secret, which is shown once when it is made."""

from typing import Annotated, Literal

import msgspec

from ...domain import Conflict, NotFound
from .. import token
from ..moment import iso
from ..route import Answer, Call, Role, Route, Strict

DAY_SECONDS = 86_400.0
TOKEN_LIMIT = 50
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


class TokenBody(Strict, frozen=True, kw_only=True):
    name: Name
    role: Literal["sender", "viewer", "operator", "admin"] = "operator"
    days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 90


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    role: str
    created_at: str | None
    expires_at: str | None


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    role: str
    token: str
    expires_at: str | None


class Revoked(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    revoked: bool


def list_tokens(call: Call) -> Answer:
    rows = call.system.state.tokens()
    views = [TokenView(name=n, role=r, created_at=iso(c), expires_at=iso(e)) for n, r, c, e in rows]
    return Answer(views)


def create_token(call: Call, body: TokenBody) -> Answer:
    """Make a token. Raises Conflict for a name in use, or when there are 50 already."""
    state = call.system.state
    names = {row[0] for row in state.tokens()}
    if body.name in names:
        raise Conflict(f"a token is called {body.name!r} already; revoke it first, or take another name")
    if len(names) >= TOKEN_LIMIT:
        raise Conflict(f"there are {len(names)} tokens already; revoke one that nobody uses")
    secret, expires_at = token.mint(), call.now + body.days * DAY_SECONDS
    state.save_token(body.name, body.role, token.digest(secret), expires_at, call.now, call.actor)
    return Answer(NewToken(name=body.name, role=body.role, token=secret, expires_at=iso(expires_at)), 201)


def revoke_token(call: Call, token_name: str) -> Answer:
    if token_name not in {row[0] for row in call.system.state.tokens()}:
        raise NotFound(f"no token is called {token_name[:80]!r}; GET /tokens lists them")
    call.system.state.revoke_token(token_name, call.actor, call.now)
    return Answer(Revoked(name=token_name, revoked=True))


ROUTES = (
    Route("GET", "/tokens", Role.ADMIN, list_tokens, "List tokens", list[TokenView]),
    Route("POST", "/tokens", Role.ADMIN, create_token, "Make a token", NewToken, body=TokenBody, status=201),
    Route("DELETE", "/tokens/<token_name>", Role.ADMIN, revoke_token, "Revoke a token", Revoked),
)
