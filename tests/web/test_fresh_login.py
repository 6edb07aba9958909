"""Arming the engine again needs somebody who has just proven who they are."""

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import LoginManager, UserMixin, confirm_login, login_user
from web.conftest import BASE, Api
from web.small_system import SmallSystem

from plugin_optimizer.knowledge.emergency_stop import EmergencyStop
from plugin_optimizer.web.blueprint import create_blueprint
from plugin_optimizer.web.freshness import FRESH_SECONDS, HOST_LOGIN_KEY
from plugin_optimizer.web.password import hash_password

PASSWORD = "correct horse battery"


class Person:
    """A browser of an administrator who logged in."""

    def __init__(self, app: Flask, system: SmallSystem) -> None:
        self.system = system
        system.state.save_user("kim", "admin", hash_password(PASSWORD), time.time())
        self.client = app.test_client()
        session = self("POST", "/session", json={"username": "kim", "password": PASSWORD}).get_json()
        self.token = session["csrf_token"]

    token = ""

    def __call__(self, method: str, path: str, **options: Any) -> Any:
        return self.client.open(BASE + path, method=method, headers={"X-CSRF-Token": self.token}, **options)

    def wait(self, seconds: float) -> None:
        """Let the password have been given so much longer ago."""
        with self.system.state._database.writing() as write:  # type: ignore[attr-defined]
            write.connection.exec_driver_sql("UPDATE sessions SET authenticated_at = authenticated_at - ?", (seconds,))


@pytest.fixture
def kim(app: Flask, system: SmallSystem) -> Person:
    person = Person(app, system)
    EmergencyStop.of(system.config.state_dir).set("lee", "fire", time.time())
    return person


def is_stopped(system: SmallSystem) -> bool:
    return EmergencyStop.of(system.config.state_dir).is_set()


def test_right_after_the_login_nothing_more_is_asked(kim: Person, system: SmallSystem) -> None:
    """Within five minutes one click is enough; the session says until when."""
    assert kim("GET", "/session").json["fresh_until"] is not None
    assert kim("DELETE", "/emergency-stop").status_code == 200
    assert not is_stopped(system)


def test_an_older_login_is_asked_for_the_password(kim: Person, system: SmallSystem) -> None:
    """403 with its own code and what to do; the session stays; with the password the same request arms."""
    kim.wait(FRESH_SECONDS + 1)
    assert kim("GET", "/session").json["fresh_until"] is None
    refused = kim("DELETE", "/emergency-stop")
    assert (refused.status_code, refused.json["code"]) == (403, "fresh_login_required")
    assert "/session/confirm" in refused.json["detail"]
    assert is_stopped(system)
    assert kim("GET", "/session").json["logged_in"]
    assert kim("DELETE", "/emergency-stop", json={"password": PASSWORD}).status_code == 200
    assert not is_stopped(system)


def test_giving_the_password_again_makes_the_session_fresh(kim: Person, system: SmallSystem) -> None:
    """Confirm, then the request as it was; both stand on the audit."""
    kim.wait(FRESH_SECONDS + 1)
    confirmed = kim("POST", "/session/confirm", json={"password": PASSWORD})
    assert confirmed.status_code == 200
    assert confirmed.json["fresh_until"] is not None
    assert kim("DELETE", "/emergency-stop").status_code == 200
    assert [e.action for e in system.state.audit(limit=2)] == ["emergency_stop.armed", "session.confirmed"]


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/emergency-stop"), ("POST", "/session/confirm")])
def test_a_wrong_password_arms_nothing_and_is_counted(kim: Person, system: SmallSystem, method: str, path: str) -> None:
    """403 with its own code, ten times; then 429, for the right one too."""
    kim.wait(FRESH_SECONDS + 1)
    for _ in range(10):
        wrong = kim(method, path, json={"password": "wrong"})
        assert (wrong.status_code, wrong.json["code"]) == (403, "password_wrong")
    assert kim(method, path, json={"password": PASSWORD}).status_code == 429
    assert is_stopped(system)


def test_a_token_confirms_nothing(admin: Api) -> None:
    """Nor does it get past by a password in the body."""
    refused = admin.post("/session/confirm", json={"password": PASSWORD})
    assert (refused.status_code, refused.json["code"]) == (403, "person_needed")
    refused = admin("DELETE", "/emergency-stop", json={"password": PASSWORD})
    assert (refused.status_code, refused.json["code"]) == (403, "person_needed")


class HostUser(UserMixin):
    id = username = "lee"
    role = "admin"


def host(system: SmallSystem) -> tuple[FlaskClient, dict[str, str]]:
    """A host with its own login at /enter and its own confirmation at /again; somebody has entered."""
    app = Flask("host")
    app.secret_key = "host"
    manager = LoginManager(app)
    manager.user_loader(lambda _: HostUser())
    app.add_url_rule("/enter", "enter", lambda: str(login_user(HostUser())))
    app.add_url_rule("/again", "again", lambda: str(confirm_login()))
    app.register_blueprint(create_blueprint(lambda: system))
    client = app.test_client()
    client.get("/enter")
    return client, {"X-CSRF-Token": client.get(f"{BASE}/session").get_json()["csrf_token"]}


def test_a_login_at_the_host_is_fresh_for_five_minutes(system: SmallSystem) -> None:
    """Then the host has to ask again; our own confirmation knows no host's passwords."""
    flag = EmergencyStop.of(system.config.state_dir)
    client, headers = host(system)
    flag.set("lee", "fire", 1.0)
    assert client.delete(f"{BASE}/emergency-stop", headers=headers).status_code == 200
    with client.session_transaction() as session:
        session[HOST_LOGIN_KEY] -= FRESH_SECONDS + 1
    flag.set("lee", "fire", 1.0)
    for body in ({}, {"password": PASSWORD}):
        refused = client.delete(f"{BASE}/emergency-stop", headers=headers, json=body)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "fresh_login_required")
    refused = client.post(f"{BASE}/session/confirm", headers=headers, json={"password": PASSWORD})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "host_login")
    client.get("/again")
    assert client.delete(f"{BASE}/emergency-stop", headers=headers).status_code == 200
    assert not flag.is_set()
