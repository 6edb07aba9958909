"""A session is a record on the server: what ends it, ends it everywhere and at once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web.conftest import BASE, make_app
from web.small_system import SmallSystem, small_system

from plugin_optimizer.web.login import IDLE_SECONDS
from plugin_optimizer.web.password import hash_password

PASSWORD = "correct horse battery"


@pytest.fixture
def other_app(system: SmallSystem, tmp_path: Path) -> Iterator[Flask]:
    """A second instance: its own application and connections, the same state."""
    other = small_system(tmp_path)
    yield make_app(other)
    other.close()


@pytest.fixture
def browser(app: Flask, system: SmallSystem) -> FlaskClient:
    """Somebody logged in at the first instance."""
    system.state.save_user("kim", "admin", hash_password(PASSWORD), time.time())
    client = app.test_client()
    log_in(client)
    return client


def log_in(client: FlaskClient, name: str = "kim") -> str:
    answer = client.post(f"{BASE}/session", json={"username": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.json
    return str(answer.json["csrf_token"])


def copied(browser: FlaskClient, app: Flask) -> FlaskClient:
    """Another browser with a copy of the cookie."""
    cookie = browser.get_cookie("session")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    return thief


def sees(client: FlaskClient) -> bool:
    answer = client.get(f"{BASE}/suggestions")
    assert answer.status_code in {200, 401}
    return bool(answer.status_code == 200)


def test_a_copied_cookie_ends_with_the_logout(browser: FlaskClient, app: Flask, other_app: Flask) -> None:
    """The copy works at both instances until the owner logs out at one; then at neither."""
    thieves = [copied(browser, app), copied(browser, other_app)]
    assert [sees(thief) for thief in thieves] == [True, True]
    browser.delete(f"{BASE}/session")
    assert [sees(thief) for thief in thieves] == [False, False]


@pytest.mark.parametrize("deed", ["password", "role", "removal"])
def test_what_happens_to_the_user_happens_to_the_session(
    browser: FlaskClient, other_app: Flask, system: SmallSystem, deed: str
) -> None:
    """A new password, another role, removal: the next request is 401 at every instance, and the audit says why."""
    elsewhere = copied(browser, other_app)
    assert sees(elsewhere)
    if deed == "removal":
        system.state.remove_user("kim", "root", time.time())
    else:
        role, password = ("viewer", PASSWORD) if deed == "role" else ("admin", "another password")
        system.state.save_user("kim", role, hash_password(password), time.time())
    assert not sees(browser)
    assert not sees(elsewhere)
    assert system.state.audit(limit=1)[0].detail["sessions_ended"] == 1


def test_another_persons_logout_ends_nothing_of_mine(browser: FlaskClient, app: Flask, system: SmallSystem) -> None:
    """Two people, and two browsers of one person, are four separate matters."""
    system.state.save_user("lee", "viewer", hash_password(PASSWORD), time.time())
    second, lee = app.test_client(), app.test_client()
    log_in(second)
    log_in(lee, "lee")
    lee.delete(f"{BASE}/session")
    second.delete(f"{BASE}/session")
    assert sees(browser)


def test_a_new_login_has_a_new_id_and_ends_the_one_before(browser: FlaskClient, app: Flask) -> None:
    """What somebody knew or planted before the login is worth nothing after it."""
    before = copied(browser, app)
    first = browser.get_cookie("session")
    log_in(browser)
    second = browser.get_cookie("session")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    assert not sees(before)
    assert sees(browser)


def shift(system: SmallSystem, **seconds: float) -> None:
    """Move moments of all sessions, as time would."""
    with system.state._database.writing() as write:  # type: ignore[attr-defined]
        for column, by in seconds.items():
            write.connection.exec_driver_sql(f"UPDATE sessions SET {column} = {column} + ?", (by,))


def test_an_idle_session_ends(browser: FlaskClient, system: SmallSystem) -> None:
    """Half an hour without a request; a minute less does not matter."""
    shift(system, seen_at=60 - IDLE_SECONDS)
    assert sees(browser)
    shift(system, seen_at=-IDLE_SECONDS)
    assert not sees(browser)


def test_a_page_that_refreshes_itself_is_no_sign_of_life(browser: FlaskClient, system: SmallSystem) -> None:
    """With X-Unattended the request is answered, but the half hour goes on."""
    shift(system, seen_at=60 - IDLE_SECONDS)
    assert browser.get(f"{BASE}/suggestions", headers={"X-Unattended": "1"}).status_code == 200
    shift(system, seen_at=-60)
    assert not sees(browser)


def test_a_session_ends_after_half_a_day_however_busy(browser: FlaskClient, system: SmallSystem) -> None:
    """The lifetime is absolute; the answer says when it will be over."""
    ends = browser.get(f"{BASE}/session").json["expires_at"]
    assert ends.endswith("Z")
    shift(system, expires_at=-12 * 3600 + 60)
    assert sees(browser)
    shift(system, expires_at=-61)
    assert not sees(browser)


def test_the_eleventh_login_ends_the_oldest(browser: FlaskClient, app: Flask, system: SmallSystem) -> None:
    """At most ten sessions of one user."""
    shift(system, seen_at=-10)
    others = [app.test_client() for _ in range(10)]
    for other in others[:9]:
        log_in(other)
    assert sees(browser)
    shift(system, seen_at=-10)
    browser.get(f"{BASE}/session")
    system.state.forgive_logins("kim", "127.0.0.1")
    log_in(others[9])
    assert [sees(client) for client in (browser, *others)].count(True) == 10
    assert sees(others[9])


def test_the_store_holds_no_secret(browser: FlaskClient, app: Flask, tmp_path: Path) -> None:
    """Whoever reads the database cannot make a cookie of it."""
    with browser.session_transaction() as session:
        secret = session["_user_id"]
    assert len(secret) >= 43
    assert all(secret.encode() not in file.read_bytes() for file in tmp_path.glob("state.db*"))


def test_tries_are_counted_over_all_instances(app: Flask, other_app: Flask, browser: FlaskClient) -> None:
    """Five wrong passwords here and five there: both refuse the next, the right one too."""
    clients = [app.test_client(), other_app.test_client()]
    for number in range(10):
        clients[number % 2].post(f"{BASE}/session", json={"username": "kim", "password": "wrong"})
    for client in clients:
        refused = client.post(f"{BASE}/session", json={"username": "kim", "password": PASSWORD})
        assert (refused.status_code, refused.json["code"]) == (429, "too_many_logins")
        assert int(refused.headers["Retry-After"]) > 0
    assert sees(browser), "who is logged in already is not thrown out"


def test_a_store_that_only_reads_keeps_nobody_from_looking(
    browser: FlaskClient, system: SmallSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sign of life that cannot be written down is no reason to refuse."""

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    shift(system, seen_at=-120)
    monkeypatch.setattr(type(system.state), "touch_session", refuse)
    assert sees(browser)
