"""The emergency stop over the API: who may set it, who may arm the engine again, and that it works without its helpers."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from web.conftest import BASE, Api, make_app
from web.small_system import SmallSystem, add_plugin, offer, small_system

from plugin_optimizer.knowledge.emergency_stop import EmergencyStop, StopFailed
from plugin_optimizer.web.password import hash_password

PASSWORD = "correct horse battery"


def logged_in(app: Flask, system: SmallSystem, name: str, role: str) -> tuple[FlaskClient, dict[str, str]]:
    """A browser in which somebody has logged in, and the header its writes need."""
    system.state.save_user(name, role, hash_password(PASSWORD), 0.0)
    client = app.test_client()
    session = client.post(f"{BASE}/session", json={"username": name, "password": PASSWORD}).get_json()
    return client, {"X-CSRF-Token": session["csrf_token"]}


def actions(system: SmallSystem) -> list[tuple[str, str, Any]]:
    return [
        (entry.action, entry.actor, entry.detail["reason"])
        for entry in system.state.audit()
        if entry.action.startswith("emergency_stop.")
    ]


def test_an_operator_stops_and_everybody_sees_who_and_why(operator: Api, viewer: Api, system: SmallSystem) -> None:
    """Set with a reason; the answer, the reading and the audit name it; the flag is a file."""
    assert viewer.get("/emergency-stop").json == {"stopped": False, "at": None, "actor": None, "reason": None}
    assert operator.post("/emergency-stop", json={"reason": "불이 났다"}).status_code == 200
    seen = viewer.get("/emergency-stop").json
    assert (seen["stopped"], seen["actor"], seen["reason"]) == (True, "operator-token", "불이 났다")
    assert seen["at"].endswith("Z")
    assert actions(system) == [("emergency_stop.set", "operator-token", "불이 났다")]
    assert (system.config.state_dir / "estop").exists()
    assert system.state.verify_audit() > 0


def test_it_is_latched_and_survives_a_restart(operator: Api, system: SmallSystem, tmp_path: Path) -> None:
    """A second stop does not rewrite the first; a new process over the same directory is stopped, too."""
    operator.post("/emergency-stop", json={"reason": "first"})
    assert operator.post("/emergency-stop", json={"reason": "second"}).json["reason"] == "first"
    system.close()
    again = small_system(tmp_path)
    assert EmergencyStop.of(again.config.state_dir).is_set()
    again.close()


def test_only_an_administrator_in_person_arms_again(app: Flask, system: SmallSystem, admin: Api, operator: Api) -> None:
    """An admin's token may not, an operator who logged in may not; an admin who logged in may, and is on the audit."""
    operator.post("/emergency-stop", json={"reason": "fire"})
    refused = admin("DELETE", "/emergency-stop")
    assert (refused.status_code, refused.json["code"]) == (403, "person_needed")
    client, headers = logged_in(app, system, "park", "operator")
    assert client.delete(f"{BASE}/emergency-stop", headers=headers).status_code == 403
    client, headers = logged_in(app, system, "kim", "admin")
    assert client.delete(f"{BASE}/emergency-stop").status_code == 403  # without the CSRF token
    assert EmergencyStop.of(system.config.state_dir).is_set()
    answer = client.delete(f"{BASE}/emergency-stop", headers=headers)
    assert (answer.status_code, answer.get_json()["stopped"]) == (200, False)
    assert actions(system)[0] == ("emergency_stop.armed", "kim", "fire")


def test_a_server_without_login_cannot_be_armed_by_the_api(tmp_path: Path) -> None:
    """Nobody there is a person; the command line on the host is."""
    system = small_system(tmp_path, login=False)
    client = make_app(system).test_client()
    assert client.post(f"{BASE}/emergency-stop", json={}).status_code == 200
    refused = client.delete(f"{BASE}/emergency-stop")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "person_needed")
    system.close()


def test_nothing_is_approved_while_it_is_set(operator: Api, system: SmallSystem) -> None:
    """409 with the code and words; the suggestion stays open and says why it cannot be executed."""
    add_plugin(system)
    suggestion = offer(system)
    operator.post("/emergency-stop", json={})
    refused = operator.post(f"/execute/{suggestion.id}?lang=en")
    assert (refused.status_code, refused.json["code"]) == (409, "emergency_stop")
    assert "emergency stop" in refused.json["detail"]
    listed = operator.get(f"/suggestions/{suggestion.id}?lang=ko").json
    assert listed["executable"] is False
    assert "비상 정지" in listed["why_not_executable"]
    assert system.state.executions() == []


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({"max_workers": 3}, "out_of_bounds"),
        ({"windows": ["Mon 00:00-00:01 UTC", "Thu 00:00-00:01 UTC"]}, "rail_window"),
        ({"freezes": ["2020-01-01T00:00/2100-01-01T00:00 UTC"]}, "rail_freeze"),
    ],
)
def test_a_rail_answers_when_it_is_approved(admin: Api, system: SmallSystem, policy: dict[str, Any], code: str) -> None:
    """Administrators, too: 409, the rail's code, and words in the asker's language."""
    add_plugin(system)
    suggestion = offer(system)
    assert admin.change("/policies/orders", json=policy).status_code == 200
    refused = admin.post(f"/execute/{suggestion.id}?lang=en")
    assert (refused.status_code, refused.json["code"]) == (409, code)
    assert code not in refused.json["detail"]


def test_windows_are_settings_like_any_other(admin: Api, system: SmallSystem) -> None:
    """Shown with their type and words; nonsense is 400 and names the key; null takes them back."""
    add_plugin(system)
    (field,) = [f for f in admin.get("/policies").json["schema"] if f["name"] == "windows"]
    assert (field["type"], field["default"]) == ("texts", [])
    assert field["text"]
    bad = admin.change("/policies/orders", json={"windows": ["Monday morning"]})
    assert bad.status_code == 400
    assert "windows" in bad.json["detail"]
    assert admin.change("/policies/orders", json={"windows": ["Mon 22:00-06:00 UTC"]}).status_code == 200
    assert admin.change("/policies/orders", json={"windows": None}).json["policy"]["windows"] == []


def test_the_flag_works_with_the_database_gone(system: SmallSystem, operator: Api, tmp_path: Path) -> None:
    """The state's file is replaced by rubbish: the flag can still be set, read and taken away."""
    system.close()
    for file in tmp_path.glob("state.db*"):
        file.write_bytes(b"rubbish" * 1000)
    flag = EmergencyStop.of(tmp_path)
    assert flag.set("kim", "database down", 1.0).reason == "database down"
    assert flag.is_set()
    assert flag.arm()
    assert not flag.arm()


def test_an_audit_that_fails_does_not_keep_it_from_stopping(
    operator: Api, system: SmallSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database refuses the entry: the stop is set all the same."""

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(type(system.state), "record_emergency_stop", refuse)
    assert operator.post("/emergency-stop", json={"reason": "fire"}).json["stopped"] is True
    assert EmergencyStop.of(system.config.state_dir).is_set()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"at": "x"}', b'{"actor": 1}', b"\xff\xfe", b"x" * 10_000])
def test_whatever_the_file_holds_its_existence_stops(operator: Api, system: SmallSystem, body: bytes) -> None:
    """`touch estop` is enough, and so is any other content."""
    (system.config.state_dir / "estop").write_bytes(body)
    assert operator.get("/emergency-stop").json == {"stopped": True, "at": None, "actor": None, "reason": None}


def test_a_dangling_link_stops_too(tmp_path: Path) -> None:
    """Existence of the name counts, not what it leads to; setting never writes through a link."""
    victim = tmp_path / "victim"
    (tmp_path / "estop").symlink_to(victim)
    flag = EmergencyStop.of(tmp_path)
    assert flag.is_set()
    flag.set("kim", "fire", 1.0)
    assert not victim.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs root and the right to mount a tmpfs")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_it_can_be_set_on_a_full_disk(small_disk: Path) -> None:
    """Not a byte is left: the empty flag still stops, without its words."""
    with (small_disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        for _ in range(100):
            filler.write(b"x" * 4096)
    assert shutil.disk_usage(small_disk).free == 0
    flag = EmergencyStop.of(small_disk)
    flag.set("kim", "disk full", 1.0)
    assert flag.is_set()
    assert flag.read() is not None
    assert (small_disk / "estop").stat().st_size == 0
    assert flag.arm()


def test_on_a_read_only_disk_it_fails_loudly(small_disk: Path, tmp_path: Path) -> None:
    """Where not even an empty file can be made, whoever stops is told that it is NOT set, and what else to do."""
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StopFailed, match="NOT set"):
        EmergencyStop.of(small_disk).set("kim", "fire", 1.0)
    assert not EmergencyStop.of(small_disk).is_set()
