"""Mounted in other people's applications, and served without login."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_login import LoginManager, UserMixin, login_user
from web.conftest import BASE, make_app
from web.small_system import SmallSystem, offer, small_system

from plugin_optimizer.web.blueprint import create_blueprint
from plugin_optimizer.web.loopback import is_loopback


class HostUser(UserMixin):
    def __init__(self, name: str, **attributes: Any) -> None:
        self.id = self.username = name
        self.__dict__.update(attributes)


def host(system: SmallSystem, **attributes: Any) -> Flask:
    """A host with a login of its own at /enter, its page at /login."""
    app = Flask("host")
    app.secret_key = "host"
    manager = LoginManager(app)
    manager.login_view = "login"
    manager.user_loader(lambda name: HostUser(name, **attributes))
    app.add_url_rule("/login", "login", lambda: "log in")
    app.add_url_rule("/enter", "enter", lambda: str(login_user(HostUser("lee", **attributes))))
    app.register_blueprint(create_blueprint(lambda: system), name="plugin_optimization_api")
    return app


@pytest.mark.parametrize(
    ("attributes", "role"),
    [({}, "operator"), ({"role": "viewer"}, "viewer"), ({"is_admin": True}, "admin"), ({"role": "boss"}, "operator")],
)
def test_the_hosts_user_is_ours(system: SmallSystem, attributes: dict[str, Any], role: str) -> None:
    """Whoever is logged in at the host is logged in here, with the role the host gives or the default one."""
    browser = host(system, **attributes).test_client()
    assert browser.get(f"{BASE}/suggestions").status_code == 401
    assert browser.get(f"{BASE}/session").json["login_url"] == "/login"
    browser.get("/enter")
    session = browser.get(f"{BASE}/session").json
    assert (session["name"], session["role"]) == ("lee", role)
    assert browser.post(f"{BASE}/session", json={"username": "a", "password": "b"}).status_code == 409


def test_a_hosts_user_needs_the_csrf_token(system: SmallSystem) -> None:
    """The host's cookie alone does not write."""
    browser = host(system).test_client()
    browser.get("/enter")
    suggestion = offer(system)
    assert browser.post(f"{BASE}/execute/{suggestion.id}").status_code == 403
    token = browser.get(f"{BASE}/session").json["csrf_token"]
    answer = browser.post(f"{BASE}/execute/{suggestion.id}", headers={"X-CSRF-Token": token})
    assert answer.status_code == 202


def test_without_flask_login_only_tokens_work(system: SmallSystem) -> None:
    """A host without LoginManager and without a secret key still serves tokens and 401."""
    app = Flask("bare")
    app.register_blueprint(create_blueprint(lambda: system), url_prefix="/tools")
    assert app.test_client().get(f"/tools{BASE}/suggestions").status_code == 401
    assert app.test_client().get(f"/tools{BASE}/session").json["csrf_token"] is None


@pytest.fixture
def open_system(tmp_path: Path) -> Iterator[SmallSystem]:
    made = small_system(tmp_path / "open", login=False)
    yield made
    made.close()


def test_without_login_this_machine_may_do_everything(open_system: SmallSystem) -> None:
    """The seed's `requests` example as written: no token, read and execute."""
    client = make_app(open_system).test_client()
    suggestion = offer(open_system)
    assert client.get(f"{BASE}/suggestions").json[0]["id"] == suggestion.id
    assert client.post(f"{BASE}/execute/{suggestion.id}").status_code == 202
    session = client.get(f"{BASE}/session").json
    assert (session["role"], session["login_required"]) == ("admin", False)


@pytest.mark.parametrize(
    "strange",
    [
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
        {"headers": {"Host": "rebound.example:5000"}},
        {"headers": {"Host": "127.0.0.1.evil.example"}},
        {"headers": {"X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"Forwarded": "for=192.0.2.7"}},
    ],
)
def test_without_login_nobody_else_may_do_anything(open_system: SmallSystem, strange: dict[str, Any]) -> None:
    """Another machine, a rebound name, a proxy: 401."""
    assert make_app(open_system).test_client().get(f"{BASE}/suggestions", **strange).status_code == 401


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_without_login_another_sites_page_cannot_write(open_system: SmallSystem, headers: dict[str, str]) -> None:
    """A page in this machine's browser is no reason to trust its site."""
    suggestion = offer(open_system)
    answer = make_app(open_system).test_client().post(f"{BASE}/execute/{suggestion.id}", headers=headers)
    assert answer.status_code == 403
    assert open_system.state.executions() == []


@pytest.mark.parametrize(
    ("address", "local"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False),
     ("", False), ("192.168.0.1", False), ("example.com", False)],
)  # fmt: skip
def test_what_counts_as_this_machine(address: str, local: bool) -> None:
    """Loopback addresses only; the wildcard is not one."""
    assert is_loopback(address) is local
