"""The command lines of the demo."""

import sys
from pathlib import Path

import pytest

from plugin_optimizer.demo.commands import Commands, Ports, gunicorn_script, has_control_socket
from plugin_optimizer.demo.layout import Layout
from plugin_optimizer.demo.roster import SERVICES
from plugin_optimizer.domain import ConfigError


def made(directory: Path) -> Commands:
    layout = Layout(directory)
    names = tuple(service.name for service in SERVICES)
    layout.create(names)
    return Commands(layout, Ports.choose(5000, names), seed=1)


def test_the_worker_count_stands_where_it_can_be_tuned(tmp_path: Path) -> None:
    """In the configuration file, not on the command line, which would win over it after every reload."""
    command = made(tmp_path).service(SERVICES[0]).command
    assert "--workers" not in command
    assert "workers = 2\n" in (tmp_path / "services" / "orders" / "gunicorn.conf.py").read_text()


def test_every_process_carries_the_mark_of_its_demo(tmp_path: Path) -> None:
    """Without it a later start could not find what was left behind."""
    commands = made(tmp_path)
    children = [commands.partners(), commands.load(), commands.server(), *map(commands.service, SERVICES)]
    assert {child.environment["PLUGIN_OPTIMIZER_DEMO_DIRECTORY"] for child in children} == {str(tmp_path)}
    assert all(child.command[0] == sys.executable for child in children)


def test_ports_are_all_different(tmp_path: Path) -> None:
    """Nothing of one demo stands in the way of another part of it."""
    ports = made(tmp_path).ports
    taken = [ports.api, ports.partners, *ports.services.values()]
    assert len(set(taken)) == len(taken)


@pytest.mark.parametrize(
    ("version", "known"), [("23.0.0", False), ("25.0.9", False), ("25.1.0", True), ("27.0.1", True)]
)
def test_the_control_socket_is_asked_for_where_gunicorn_has_one(version: str, known: bool) -> None:
    """An option that is not known would end gunicorn at its start."""
    assert has_control_socket(version) is known


def test_a_missing_gunicorn_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message names the package."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(ConfigError, match="plugin-optimizer\\[server\\]"):
        gunicorn_script()
