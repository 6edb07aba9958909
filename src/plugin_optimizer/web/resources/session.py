"""Who am I, logging in, logging out."""

from typing import Annotated

import msgspec
from flask import current_app, url_for
from werkzeug.routing import BuildError

from ...contracts import User
from ..freshness import FRESH_SECONDS, confirm, fresh_until
from ..login import has_own_login, log_out, own_account, own_login
from ..moment import iso
from ..origin import csrf_token
from ..route import Answer, Call, Role, Route, Strict

Password = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class LoginBody(Strict, frozen=True, kw_only=True):
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Password


class ConfirmBody(Strict, frozen=True, kw_only=True):
    password: Password


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """`login_url` is the host's own login page; null where POST /session logs in.

    `expires_at`: when the login ends at the latest, null where the host decides. `fresh_until`: until when the password
    counts as just given, null where it does not.
    """

    logged_in: bool
    name: str | None
    role: str | None
    login_required: bool
    login_url: str | None
    csrf_token: str | None
    lang: str
    expires_at: str | None
    fresh_until: str | None


def read_session(call: Call) -> Answer:
    account = own_account() if call.person else None
    return Answer(_view(call, call.user, account.expires_at if account else None, fresh_until(call)))


def open_session(call: Call, body: LoginBody) -> Answer:
    account = own_login().log_in(body.username, body.password)
    fresh = account.authenticated_at + FRESH_SECONDS
    return Answer(_view(call, User(account.name, account.role), account.expires_at, fresh))


def confirm_session(call: Call, body: ConfirmBody) -> Answer:
    """Give the password again. Raises Problem 403 where it is wrong, 409 in a host with a login of its own, 429."""
    fresh = confirm(body.password)
    account = own_account()
    return Answer(_view(call, call.user, account.expires_at if account else None, fresh))


def close_session(call: Call) -> Answer:
    log_out()
    return Answer(_view(call, None, None, None))


def _view(call: Call, user: User | None, expires_at: float | None, fresh: float | None) -> SessionView:
    return SessionView(
        logged_in=user is not None,
        name=user.name if user else None,
        role=user.role if user else None,
        login_required=call.system.config.server.login,
        login_url=_host_login_url(),
        csrf_token=csrf_token() if current_app.secret_key else None,
        lang=call.lang,
        expires_at=iso(expires_at),
        fresh_until=iso(fresh),
    )


def _host_login_url() -> str | None:
    """Return the address of the host's login page, None where there is none or the login is ours."""
    view = getattr(getattr(current_app, "login_manager", None), "login_view", None)
    if has_own_login() or not isinstance(view, str):
        return None
    try:
        return url_for(view)
    except BuildError:
        return view if view.startswith("/") else None


ROUTES = (
    Route("GET", "/session", Role.NOBODY, read_session, "Tell who is logged in", SessionView),
    Route("POST", "/session", Role.NOBODY, open_session, "Log in", SessionView, body=LoginBody),
    Route(
        "POST", "/session/confirm", Role.VIEWER, confirm_session, "Give the password again", SessionView,
        body=ConfirmBody,
    ),
    Route("DELETE", "/session", Role.NOBODY, close_session, "Log out", SessionView),
)  # fmt: skip
