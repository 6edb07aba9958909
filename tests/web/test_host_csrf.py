"""Mounted in a host whose own CSRF protection looks at every request (as Flask-WTF's CSRFProtect does)."""

import hmac
from typing import Any

import pytest
from flask import Blueprint, Flask, abort, current_app, request, session
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, login_user
from web.conftest import BASE
from web.small_system import SmallSystem, add_plugin, offer

from plugin_optimizer.web import token as tokens
from plugin_optimizer.web.blueprint import create_blueprint

HOST_TOKEN = "token-of-the-host"


class HostProtection:
    """Refuses every write without the host's token, unless its Blueprint is exempt, before any view is reached.

    This is the behaviour of flask_wtf.csrf.CSRFProtect 1.x: a `before_request` of the application, the session's token in the
    header X-CSRFToken or X-CSRF-Token, and a set of exempt Blueprints, found again under whatever name they are registered.
    """

    def __init__(self, app: Flask) -> None:
        self.exempted: set[Blueprint] = set()
        app.before_request(self._protect)

    def exempt(self, blueprint: Blueprint) -> Blueprint:
        self.exempted.add(blueprint)
        return blueprint

    def _protect(self) -> None:
        blueprint = current_app.blueprints.get(request.blueprint or "")
        if request.method in {"GET", "HEAD", "OPTIONS", "TRACE"} or blueprint in self.exempted:
            return
        given = request.headers.get("X-CSRFToken") or request.headers.get("X-CSRF-Token") or ""
        if not hmac.compare_digest(str(session.get("csrf_token", "")), given) or not given:
            abort(400, "The CSRF token is missing.")


class HostUser(UserMixin):
    id = username = "lee"
    role = "operator"


def enter() -> str:
    session["csrf_token"] = HOST_TOKEN
    return str(login_user(HostUser()))


def host(system: SmallSystem, exempt: str) -> FlaskClient:
    """A host with a login, its protection, a form of its own, and our Blueprint, exempt or not."""
    app = Flask("host")
    app.secret_key = "host"
    LoginManager(app).user_loader(lambda _: HostUser())
    protection = HostProtection(app)
    app.add_url_rule("/enter", "enter", enter)
    app.add_url_rule("/form", "form", lambda: "done", methods=["POST"])
    blueprint = create_blueprint(lambda: system)
    if exempt == "exempt":
        protection.exempt(blueprint)
    app.register_blueprint(blueprint, name="plugin_optimization_api")
    return app.test_client()


def test_an_exempt_blueprint_keeps_its_own_protection(system: SmallSystem) -> None:
    """Our token is asked for instead of the host's; the host's own forms stay protected."""
    client, suggestion = host(system, "exempt"), _offered(system)
    client.get("/enter")
    assert client.post("/form").status_code == 400
    path = f"{BASE}/execute/{suggestion}"
    assert client.post(path).get_json()["code"] == "csrf_token_missing"
    assert client.post(path, headers={"X-CSRF-Token": HOST_TOKEN}).status_code == 403
    token = client.get(f"{BASE}/session").get_json()["csrf_token"]
    foreign = client.post(path, headers={"X-CSRF-Token": token, "Origin": "https://evil.example"})
    assert foreign.get_json()["code"] == "foreign_origin"
    assert system.state.executions() == []
    assert client.post(path, headers={"X-CSRF-Token": token}).status_code == 202


def test_without_the_exemption_the_host_decides_and_reading_goes_on(system: SmallSystem) -> None:
    """Writes are refused by the host with its own page, reads are not; nothing is executed."""
    client, suggestion = host(system, "protected"), _offered(system)
    client.get("/enter")
    token = client.get(f"{BASE}/session").get_json()["csrf_token"]
    assert client.post(f"{BASE}/execute/{suggestion}", headers={"X-CSRF-Token": token}).status_code == 400
    assert system.state.executions() == []


@pytest.mark.parametrize(("exempt", "status"), [("exempt", 202), ("protected", 400)])
def test_tokens_need_no_csrf_token_where_the_blueprint_is_exempt(system: SmallSystem, exempt: str, status: int) -> None:
    """The seed's `requests.post` with a bearer token: no cookie, nothing to forge."""
    secret, suggestion = tokens.mint(), _offered(system)
    system.state.save_token("script", "operator", tokens.digest(secret), None, 0.0)
    answer: Any = host(system, exempt).post(
        f"{BASE}/execute/{suggestion}", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == status


def _offered(system: SmallSystem) -> str:
    add_plugin(system)
    return offer(system).id
