"""Our own login, for the stand-alone application: flask-login over the users of the state store."""

import hashlib
import hmac
from dataclasses import dataclass, field

from flask import Flask, current_app, request, session
from flask_login import LoginManager, UserMixin, login_user, logout_user

from ..contracts import User
from .attempts import Attempts
from .identity import unauthorised
from .password import password_fits
from .problem import Problem
from .system import SystemProvider

EXTENSION = "plugin_optimizer_login"


@dataclass(frozen=True)
class Account(UserMixin):  # type: ignore[misc]
    """A logged-in user. The id carries a mark of the password's hash: a new password ends old sessions."""

    name: str
    role: str
    mark: str

    def get_id(self) -> str:
        return f"{self.mark}:{self.name}"


@dataclass(slots=True)
class Login:
    """Checks passwords against the users of the store and keeps count of failed tries."""

    system_provider: SystemProvider
    attempts: Attempts = field(default_factory=Attempts)

    def load(self, account_id: str) -> Account | None:
        """Return the account of a session; None once the user, the role's row or the password changed."""
        mark, _, name = account_id.partition(":")
        found = self._account(name)
        return found if found is not None and hmac.compare_digest(found.mark, mark) else None

    def log_in(self, name: str, password: str) -> User:
        """Open a new session for this user. Raises Problem 401, 429."""
        address = request.remote_addr or ""
        self.attempts.count(name, address)
        found = self.system_provider().state.user(name)
        if not password_fits(password, found[1] if found else None) or found is None:
            raise unauthorised("the user name or the password is wrong")
        self.attempts.forgive(name, address)
        session.clear()
        session.permanent = True
        login_user(Account(name, found[0].role, _mark(found[1])))
        return found[0]

    def _account(self, name: str) -> Account | None:
        found = self.system_provider().state.user(name)
        return Account(name, found[0].role, _mark(found[1])) if found else None


def install_login(app: Flask, system_provider: SystemProvider) -> None:
    """Give a stand-alone application our users: flask-login with strong session protection."""
    login = Login(system_provider)
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(login.load)
    app.extensions[EXTENSION] = login


def own_login() -> Login:
    """Return the login of this application. Raises Problem 409 in a host with a login of its own."""
    login = current_app.extensions.get(EXTENSION)
    if not isinstance(login, Login):
        raise Problem(409, "host_login", "this application has a login of its own; use that, or a token")
    return login


def has_own_login() -> bool:
    return EXTENSION in current_app.extensions


def log_out() -> None:
    if getattr(current_app, "login_manager", None) is not None:
        logout_user()
    session.clear()


def _mark(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]
