"""Who am I, logging in, logging out."""

from typing import Annotated

import msgspec
from flask import current_app, url_for
from werkzeug.routing import BuildError

from ..login import has_own_login, log_out, own_login
from ..origin import csrf_token
from ..route import Answer, Call, Role, Route, Strict


class LoginBody(Strict, frozen=True, kw_only=True):
    username: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """`login_url` is the host's own login page; null where POST /session logs in."""

    logged_in: bool
    name: str | None
    role: str | None
    login_required: bool
    login_url: str | None
    csrf_token: str | None
    lang: str


def read_session(call: Call) -> Answer:
    return Answer(_view(call, call.user.name if call.user else None, call.user.role if call.user else None))


def open_session(call: Call, body: LoginBody) -> Answer:
    user = own_login().log_in(body.username, body.password)
    return Answer(_view(call, user.name, user.role))


def close_session(call: Call) -> Answer:
    log_out()
    return Answer(_view(call, None, None))


def _view(call: Call, name: str | None, role: str | None) -> SessionView:
    return SessionView(
        logged_in=name is not None,
        name=name,
        role=role,
        login_required=call.system.config.server.login,
        login_url=_host_login_url(),
        csrf_token=csrf_token() if current_app.secret_key else None,
        lang=call.lang,
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
    Route("DELETE", "/session", Role.NOBODY, close_session, "Log out", SessionView),
)
