"""The emergency stop by command, with no server anywhere and, where it must be, without a database."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin_optimizer.cli import main
from plugin_optimizer.knowledge import open_state


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
    run(state, "arm", text="n\n", code=1)
    assert json.loads(run(state, "status", "--json", code=3).output)["reason"] == "too hot"
    assert "armed again" in run(state, "arm", text="y\n").output
    assert "not set" in run(state, "arm").output
    store = open_state(state / "state.db")
    assert [e.action for e in store.audit() if "emergency" in e.action] == [
        "emergency_stop.armed",
        "emergency_stop.set",
    ]
    store.close()


def test_it_needs_no_database(state: Path) -> None:
    """The database is rubbish: it is set, says that it is not on the audit, and exits with 0."""
    state.mkdir()
    (state / "state.db").write_bytes(b"rubbish" * 1000)
    assert "not on the audit" in run(state, "set", "fire").output
    assert (state / "estop").exists()
    run(state, "arm", "--yes")
    assert not (state / "estop").exists()


def test_it_needs_no_configuration(state: Path) -> None:
    """A configuration that cannot be read: the state directory by name is enough."""
    (state.parent / "config.toml").write_text("nonsense")
    run(state, "set", "fire", code=1)
    run(state, "set", "fire", "--state-dir", str(state))
    run(state, "status", "--state-dir", str(state), code=3)
    run(state, "arm", "--yes", "--state-dir", str(state))


def test_where_it_cannot_be_set_it_says_so(state: Path) -> None:
    """A file stands where the directory should be: exit code 1 and what else to do."""
    state.write_text("")
    said = run(state, "set", "fire", code=1).output
    assert "NOT set" in said
    assert "end the server's process" in said
