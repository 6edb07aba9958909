"""Logging in, staying logged in, and what a session may not do."""

import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web.conftest import BASE
from web.small_system import SmallSystem, offer

from plugin_optimizer.web.password import hash_password

PASSWORD = "correct horse battery"


@pytest.fixture
def browser(app: Flask, system: SmallSystem) -> FlaskClient:
    system.state.save_user("kim", "operator", hash_password(PASSWORD), time.time())
    return app.test_client()


def log_in(browser: FlaskClient, password: str = PASSWORD, name: str = "kim") -> str:
    answer = browser.post(f"{BASE}/session", json={"username": name, "password": password})
    assert answer.status_code == 200, answer.json
    return str(answer.json["csrf_token"])


def test_a_session_reads_and_writes(browser: FlaskClient, system: SmallSystem) -> None:
    """After the login the cookie reads; with the CSRF header it writes; after the logout it does neither."""
    token = log_in(browser)
    suggestion = offer(system)
    assert browser.get(f"{BASE}/suggestions").status_code == 200
    answer = browser.post(f"{BASE}/execute/{suggestion.id}", headers={"X-CSRF-Token": token})
    assert answer.status_code == 202
    assert system.state.executions()[0].approved_by == "kim"
    browser.delete(f"{BASE}/session")
    assert browser.get(f"{BASE}/suggestions").status_code == 401


def test_the_cookie_is_not_for_scripts(browser: FlaskClient) -> None:
    """HttpOnly and a new session at the login."""
    browser.get(f"{BASE}/session")
    before = browser.get_cookie("session")
    log_in(browser)
    after = browser.get_cookie("session")
    assert after is not None
    assert after.http_only
    assert before is None or before.value != after.value


def test_the_csrf_token_is_renewed_at_login(browser: FlaskClient) -> None:
    """What somebody planted before the login is worth nothing afterwards."""
    planted = browser.get(f"{BASE}/session").json["csrf_token"]
    assert log_in(browser) != planted


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "wrong"},
        {"X-CSRF-Token": "RIGHT", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "RIGHT", "Origin": "null"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_cannot_write(browser: FlaskClient, system: SmallSystem, headers: dict[str, str]) -> None:
    """Without the token, or from another origin, a session's write is 403 and changes nothing."""
    token = log_in(browser)
    suggestion = offer(system)
    sent = {k: v.replace("RIGHT", token) for k, v in headers.items()}
    assert browser.post(f"{BASE}/execute/{suggestion.id}", headers=sent).status_code == 403
    assert system.state.executions() == []


def test_a_new_password_ends_old_sessions(browser: FlaskClient, system: SmallSystem) -> None:
    """The session opened under the old password is over with the next request; so is that of a lower role."""
    log_in(browser)
    system.state.save_user("kim", "viewer", hash_password("another password"), time.time())
    assert browser.get(f"{BASE}/suggestions").status_code == 401


@pytest.mark.parametrize(("name", "password"), [("kim", "wrong"), ("nobody", PASSWORD), ("kim", "x" * 128)])
def test_a_wrong_login_says_nothing_of_which_part(browser: FlaskClient, name: str, password: str) -> None:
    """The same 401 for an unknown user and a wrong password."""
    answer = browser.post(f"{BASE}/session", json={"username": name, "password": password})
    assert (answer.status_code, answer.json["detail"]) == (401, "the user name or the password is wrong")


def test_guessing_is_slowed_down(browser: FlaskClient) -> None:
    """The eleventh try within 15 minutes is 429 with Retry-After, even with the right password."""
    for _ in range(10):
        browser.post(f"{BASE}/session", json={"username": "kim", "password": "wrong"})
    answer = browser.post(f"{BASE}/session", json={"username": "kim", "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_who_am_i_never_fails(app: Flask) -> None:
    """GET /session answers 200 to anybody, in the language asked for."""
    answer = app.test_client().get(f"{BASE}/session", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert answer.status_code == 200
    assert answer.json | {"csrf_token": ""} == {
        "logged_in": False, "name": None, "role": None, "login_required": True, "login_url": None, "csrf_token": "",
        "lang": "en", "expires_at": None, "fresh_until": None,
    }  # fmt: skip
