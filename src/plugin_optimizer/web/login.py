"""Our own login, for the stand-alone application: flask-login over the users and sessions of the state store.

The cookie holds a secret of 256 bits; whether it is worth anything is looked up with each request, so that a logout, a
new password or role, and a removed user take effect at once in every process (OWASP ASVS 5.0, chapter V7).
"""

import hashlib
import logging
import secrets
import time
from dataclasses import dataclass

from flask import Flask, current_app, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from ..contracts import StateStore, User
from ..knowledge.state.sessions import ID_CHARACTERS
from .attempts import count_try, forgive_tries
from .identity import unauthorised
from .password import password_fits
from .problem import Problem
from .system import SystemProvider

log = logging.getLogger(__name__)
EXTENSION = "plugin_optimizer_login"
IDLE_SECONDS = 1800.0
TOUCH_SECONDS = 60.0  # a sign of life is written down once a minute, not with each request
UNATTENDED_HEADER = "X-Unattended"


@dataclass(frozen=True)
class Account(UserMixin):  # type: ignore[misc]
    """A logged-in user. The id is the secret of the session."""

    name: str
    role: str
    secret: str
    authenticated_at: float
    expires_at: float

    def get_id(self) -> str:
        return self.secret


@dataclass(frozen=True, slots=True)
class Login:
    """Checks passwords against the users of the store, and keeps its sessions there."""

    system_provider: SystemProvider

    def load(self, secret: str) -> Account | None:
        """Return the account of a session; None once it has ended."""
        state, now, digest = self._state(), time.time(), _digest(secret)
        found = state.session(digest, now, IDLE_SECONDS)
        if found is None:
            return None
        if now - found.seen_at >= TOUCH_SECONDS and UNATTENDED_HEADER not in request.headers:
            _touch(state, digest, now)
        return Account(found.name, found.role, secret, found.authenticated_at, found.expires_at)

    def log_in(self, name: str, password: str) -> Account:
        """Open a new session for this user, in place of the one there was. Raises Problem 401, 429."""
        user = self._proven(name, password)
        if user is None:
            raise unauthorised("the user name or the password is wrong")
        log_out()
        now, secret = time.time(), secrets.token_urlsafe(32)
        expires_at = now + self.system_provider().config.server.session_hours * 3600.0
        self._state().open_session(_digest(secret), user.name, now, expires_at)
        account = Account(user.name, user.role, secret, now, expires_at)
        session.permanent = True
        login_user(account)
        return account

    def confirm(self, account: Account, password: str) -> Account:
        """Note that this user is still there. Raises Problem 403 where the password is wrong, 429."""
        if self._proven(account.name, password) is None:
            raise Problem(403, "password_wrong", f"that is not the password of {account.name}")
        now = time.time()
        self._state().confirm_session(_digest(account.secret), account.name, now)
        return Account(account.name, account.role, account.secret, now, account.expires_at)

    def end(self, account: Account) -> None:
        """End the session in every process."""
        self._state().end_session(_digest(account.secret), time.time())

    def _proven(self, name: str, password: str) -> User | None:
        """Return the user if that is the password. Raises Problem 429."""
        state, address = self._state(), request.remote_addr or ""
        count_try(state, name, address, time.time())
        found = state.user(name)
        if not password_fits(password, found[1] if found else None) or found is None:
            log.warning("a login as %r from %s was refused", name[:64], address)
            return None
        forgive_tries(state, name, address)
        return found[0]

    def _state(self) -> StateStore:
        return self.system_provider().state


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


def own_account() -> Account | None:
    """Return who is logged in by our own login; None for nobody, a token, or a host's user."""
    if not has_own_login():
        return None
    found = current_user._get_current_object()  # noqa: SLF001 - flask-login's documented way to the object
    return found if isinstance(found, Account) else None


def own_session_id() -> str | None:
    """Return under which id the present session stands in the list of all; None for a token or a host's user."""
    account = own_account()
    return _digest(account.secret)[:ID_CHARACTERS] if account is not None else None


def log_out() -> None:
    """End the session, if there is one."""
    account = own_account()
    if account is not None:
        own_login().end(account)
    if getattr(current_app, "login_manager", None) is not None:
        logout_user()
    session.clear()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _touch(state: StateStore, digest: str, now: float) -> None:
    """Write the sign of life down; a store that only reads now must not keep people from looking."""
    try:
        state.touch_session(digest, now)
    except Exception as error:  # noqa: BLE001 - whatever hinders it, the session holds
        log.warning("a sign of life could not be written down: %s", error)
