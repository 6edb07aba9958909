"""Who may log in and who is logged in: shown to administrators, ended by them, and on the audit under their name."""

import time

from flask import Flask
from web.conftest import BASE, Api
from web.small_system import SmallSystem
from web.test_session_records import PASSWORD, log_in, sees

from plugin_optimizer.web.login import IDLE_SECONDS
from plugin_optimizer.web.password import hash_password


def test_an_administrator_sees_and_ends_sessions(app: Flask, system: SmallSystem, admin: Api) -> None:
    """Theirs is marked; one that is ended is out at once; no secret is shown."""
    for name, role in (("kim", "admin"), ("lee", "viewer")):
        system.state.save_user(name, role, hash_password(PASSWORD), time.time())
    kim, lee = app.test_client(), app.test_client()
    csrf = log_in(kim)
    log_in(lee, "lee")
    listed = kim.get(f"{BASE}/sessions").json
    assert {(s["name"], s["role"], s["here"]) for s in listed} == {("kim", "admin", True), ("lee", "viewer", False)}
    assert all(
        len(s["id"]) == 16 and set(s) == {"id", "name", "role", "opened_at", "seen_at", "expires_at", "here"}
        for s in listed
    )
    assert not any(s["here"] for s in admin.get("/sessions").json), "a token has no session"
    (of_lee,) = (s["id"] for s in listed if s["name"] == "lee")
    assert kim.delete(f"{BASE}/sessions/{of_lee}", headers={"X-CSRF-Token": csrf}).json == {"id": of_lee, "ended": True}
    assert [sees(kim), sees(lee)] == [True, False]
    users = {u["name"]: u for u in admin.get("/users").json}
    assert [(users[n]["role"], users[n]["sessions"]) for n in ("kim", "lee")] == [("admin", 1), ("viewer", 0)]
    entry = next(e for e in system.state.audit() if e.action == "session.ended")
    assert (entry.actor, entry.subject) == ("kim", "lee")


def test_a_session_that_is_over_is_not_listed(app: Flask, system: SmallSystem, admin: Api) -> None:
    """Idle ones hold no longer; an id that was cut short, or guessed, ends nobody's."""
    system.state.save_user("kim", "admin", hash_password(PASSWORD), time.time())
    browser = app.test_client()
    log_in(browser)
    (session,) = admin.get("/sessions").json
    for wrong in (session["id"][:4], "%" * 16, "0" * 16):
        assert admin("DELETE", f"/sessions/{wrong}").status_code == 404
    assert sees(browser)
    assert system.state.sessions(time.time() + IDLE_SECONDS + 1, IDLE_SECONDS) == []


def test_a_token_is_on_the_audit_under_who_made_it(admin: Api, system: SmallSystem) -> None:
    """Not under the product's name."""
    assert admin.post("/tokens", json={"name": "ci", "role": "viewer", "days": 7}).status_code == 201
    made = next(e for e in system.state.audit() if (e.action, e.subject) == ("token.saved", "ci"))
    assert made.actor == "admin-token"
