"""The emergency stop by command, with no server anywhere and, where it must be, without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin_optimizer.cli import main
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.web.password import hash_password

PASSWORD = "correct horse battery"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(f"[engine]\nstate_dir = '{tmp_path / 'state'}'\n")
    return tmp_path / "state"


def run(state: Path, *words: str, code: int = 0, text: str | None = None) -> Result:
    environment = {"PLUGIN_OPTIMIZER_CONFIG": str(state.parent / "config.toml")}
    result = CliRunner().invoke(main, ["estop", *words], env=environment, input=text)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_set_status_arm(state: Path) -> None:
    """Three commands; the exit code tells scripts; the audit tells who."""
    assert "not set" in run(state, "status").output
    assert "SET" in run(state, "set", "too hot").output
    assert "too hot" in run(state, "status", code=3).output
    add_user(state, "kim", "admin")
    run(state, "arm", "--user", "kim", text="wrong password\n", code=1)
    assert json.loads(run(state, "status", "--json", code=3).output)["reason"] == "too hot"
    assert "armed again" in run(state, "arm", text=f"kim\n{PASSWORD}\n").output
    assert "not set" in run(state, "arm").output
    store = open_state(state / "state.db")
    found = [(e.action, e.actor) for e in store.audit(action="emergency_stop")]
    assert found[0] == ("emergency_stop.armed", "kim (command line)")
    assert [action for action, _ in found] == ["emergency_stop.armed", "emergency_stop.set"]
    store.close()


def add_user(state: Path, name: str, role: str) -> None:
    store = open_state(state / "state.db")
    store.save_user(name, role, hash_password(PASSWORD), 1_000.0)
    store.close()


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_only_an_administrator_arms(state: Path, role: str) -> None:
    """Somebody else's right password is not enough where there is an administrator; guessing is counted."""
    run(state, "set", "fire")
    add_user(state, "kim", "admin")
    add_user(state, "lee", role)
    assert "no administrator" in run(state, "arm", "--user", "lee", text=f"{PASSWORD}\n", code=1).output
    for _ in range(10):
        run(state, "arm", "--user", "kim", text="wrong password\n", code=1)
    assert "too many tries" in run(state, "arm", "--user", "kim", text=f"{PASSWORD}\n", code=1).output
    assert (state / "estop").exists()


def test_without_any_administrator_it_takes_a_terminal(state: Path) -> None:
    """A script is refused; whoever sits at a real terminal and says yes is obeyed."""
    run(state, "set", "fire")
    assert "on a terminal" in run(state, "arm", text="y\n", code=1).output
    controller, terminal = os.openpty()
    environment = {**os.environ, "PLUGIN_OPTIMIZER_CONFIG": str(state.parent / "config.toml")}
    command = [sys.executable, "-m", "plugin_optimizer.cli", "estop", "arm"]
    with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, text=True, env=environment) as arming:
        os.write(controller, b"y\n")
        said, _ = arming.communicate(timeout=60)
    os.close(controller)
    os.close(terminal)
    assert arming.returncode == 0, said
    assert not (state / "estop").exists()


def test_it_needs_no_database(state: Path) -> None:
    """The database is rubbish: it is set, says that it is not on the audit, and exits with 0. Arming can wait for it."""
    state.mkdir()
    (state / "state.db").write_bytes(b"rubbish" * 1000)
    assert "not on the audit" in run(state, "set", "fire").output
    assert (state / "estop").exists()
    refused = run(state, "arm", code=1).output
    assert "stays stopped" in refused
    assert str(state / "estop") in refused
    assert (state / "estop").exists()


def test_it_needs_no_configuration(state: Path) -> None:
    """A configuration that cannot be read: the state directory by name is enough."""
    (state.parent / "config.toml").write_text("nonsense")
    run(state, "set", "fire", code=1)
    run(state, "set", "fire", "--state-dir", str(state))
    run(state, "status", "--state-dir", str(state), code=3)
    add_user(state, "kim", "admin")
    run(state, "arm", "--user", "kim", "--state-dir", str(state), text=f"{PASSWORD}\n")


def test_where_it_cannot_be_set_it_says_so(state: Path) -> None:
    """A file stands where the directory should be: exit code 1 and what else to do."""
    state.write_text("")
    said = run(state, "set", "fire", code=1).output
    assert "NOT set" in said
    assert "end the server's process" in said
