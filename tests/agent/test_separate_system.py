"""A server with `separate = true`: it signals nobody, and says so where its agent is missing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin_optimizer.agent.remote import RemoteActuator, RemoteTouchpoint
from plugin_optimizer.bootstrap import build, make_loop
from plugin_optimizer.cli.main import main
from plugin_optimizer.config import load_config
from plugin_optimizer.domain import PluginStatus
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.reach import agent_trouble

from .running import ORDERS, directory_for_sockets


@pytest.fixture
def directory() -> Iterator[Path]:
    with directory_for_sockets() as made:
        yield made


def written(directory: Path, *, separate: bool) -> Path:
    path = directory / "optimizer.toml"
    path.write_text(
        f'[engine]\nstate_dir = "{directory}/state"\nhome = "{directory}/home"\n'
        f"[statsd]\nenabled = false\n[agent]\nseparate = {str(separate).lower()}\n"
    )
    return path


def test_one_setting_takes_the_touchpoints_out_of_the_server(directory: Path) -> None:
    """With it there is no touchpoint and no actuator in the server that reaches a process."""
    together = build(load_config(written(directory, separate=False)))
    assert isinstance(together.actuator, LocalActuator)
    apart = build(load_config(written(directory, separate=True)))
    assert isinstance(apart.actuator, RemoteActuator)
    assert set(apart.touchpoints) == set(together.touchpoints)
    assert all(isinstance(touchpoint, RemoteTouchpoint) for touchpoint in apart.touchpoints.values())


def test_without_its_agent_the_loop_goes_on_and_says_what_is_missing(directory: Path) -> None:
    """A turn ends with a fault on record; the doctor names the agent and what to run."""
    config = written(directory, separate=True)
    system = build(load_config(config))
    system.state.save_plugin(ORDERS, PluginStatus.ACTIVE, 1.0)
    loop = make_loop(system, "test")
    loop.turn()
    loop.tick()
    cycle = system.state.latest_cycle()
    assert cycle is not None
    assert any("plugin-optimizer agent" in fault.error for fault in cycle.faults)
    assert "plugin-optimizer agent" in (agent_trouble(system.config) or "")
    loop.close()
    system.close()
    command = ["doctor", "--config", str(config), "--url", "http://127.0.0.1:9", "--json", "--lang", "en"]
    said = CliRunner().invoke(main, command)
    assert said.exit_code == 0, said.output
    codes = {answer["code"] for question in json.loads(said.output)["questions"] for answer in question["answer"]}
    assert "agent_unreachable" in codes


def test_the_agent_does_not_run_beside_a_server_that_signals_itself(directory: Path) -> None:
    """Two who act on one plugin with fences of their own would be one too many."""
    answer = CliRunner().invoke(main, ["agent", "--config", str(written(directory, separate=False))])
    assert answer.exit_code == 1
    assert "separate = true" in answer.output
