"""Whether somebody has proven lately who they are: what some deeds need besides a login.

Our own sessions remember when the password was given. Of a host application's login flask-login tells us the moment; we
keep it in the host's session.
"""

import time

from flask import Flask, current_app, session
from flask_login import user_logged_in, user_login_confirmed

from .login import has_own_login, own_account, own_login
from .problem import Problem
from .route import Call

FRESH_SECONDS = 300.0
CLOCK_SLACK_SECONDS = 5.0  # between the clocks of two processes
HOST_LOGIN_KEY = "plugin_optimizer_login_at"


def watch_logins(app: Flask) -> None:
    """Note when somebody logs in at this application."""
    user_logged_in.connect(_note_login, app)
    user_login_confirmed.connect(_note_login, app)


def fresh_until(call: Call) -> float | None:
    """Return until when this person's login counts as fresh; None where it does not."""
    at = _authenticated_at() if call.person else None
    if at is None or not -CLOCK_SLACK_SECONDS <= call.now - at <= FRESH_SECONDS:
        return None
    return at + FRESH_SECONDS


def require_fresh(call: Call, password: str | None) -> None:
    """Raise Problem 403 unless this person has logged in within five minutes or gives the password now; 429."""
    if fresh_until(call) is not None:
        return
    if password is None or not has_own_login():
        raise Problem(403, "fresh_login_required", _how())
    confirm(password)


def confirm(password: str) -> float:
    """Take the password of the person who is logged in; return until when that is fresh. Raises Problem 403, 409, 429."""
    account = own_account()
    login = own_login()
    if account is None:
        raise Problem(403, "person_needed", "only somebody who logged in can confirm it, no token")
    return login.confirm(account, password).authenticated_at + FRESH_SECONDS


def _authenticated_at() -> float | None:
    account = own_account()
    if account is not None:
        return account.authenticated_at
    noted = session.get(HOST_LOGIN_KEY) if current_app.secret_key else None
    return float(noted) if isinstance(noted, int | float) else None


def _how() -> str:
    if has_own_login():
        return "this needs a login of the last 5 minutes: send the password in the body, or POST /session/confirm first"
    return "this needs a login of the last 5 minutes: log in again at the host application, then repeat the request"


def _note_login(_app: Flask, **_user: object) -> None:
    session[HOST_LOGIN_KEY] = time.time()
