"""The command `demo`: what it refuses, and what it prepares."""

import fcntl
import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin_optimizer.config import load_config
from plugin_optimizer.demo import command, deployment
from plugin_optimizer.demo.commands import Ports
from plugin_optimizer.demo.credentials import renew_credentials
from plugin_optimizer.demo.layout import Layout
from plugin_optimizer.demo.roster import SERVICES
from plugin_optimizer.domain import Mode
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.web import token as tokens
from plugin_optimizer.web.password import password_fits


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "demo")
    made.create(command.NAMES)
    return made


@pytest.fixture
def ports() -> Ports:
    return Ports.choose(5000, command.NAMES)


def test_a_busy_port_is_said_before_anything_is_started(tmp_path: Path) -> None:
    """The message names the port and the option; nothing is written but the lock."""
    directory = tmp_path / "demo"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command.demo, ["--port", str(port), "--directory", str(directory)])
    assert result.exit_code == 1
    assert f"port {port} of 127.0.0.1 cannot be used (Address already in use)" in result.output
    assert "--port" in result.output
    assert [path.name for path in directory.iterdir()] == ["demo.lock"]


def test_a_second_demo_in_the_same_place_is_refused(tmp_path: Path) -> None:
    """It names the process that runs and what to do."""
    with (tmp_path / "demo.lock").open("w") as lock:
        lock.write("4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = CliRunner().invoke(command.demo, ["--directory", str(tmp_path)])
    assert result.exit_code == 1
    assert "process 4711" in result.output
    assert "--directory" in result.output


def test_the_configuration_is_one_the_engine_takes_and_names_no_fault(layout: Layout, ports: Ports) -> None:
    """It holds addresses, limits and expectations; every plugin is there."""
    command.prepare(layout, ports, "127.0.0.1")
    config = load_config(layout.config)
    assert [plugin.plugin_id for plugin in config.plugins] == [service.name for service in SERVICES]
    assert config.policies.of("orders").response_time_seconds == 0.6
    assert config.policies.of("reservations").memory_limit_bytes == 512 * 1024 * 1024
    assert config.policies.of("menu").mode == Mode.APPROVE
    assert config.home == layout.home
    assert config.state_dir == layout.state
    assert config.statsd.port == ports.statsd
    assert config.server.login


def test_credentials_are_the_owner_s_alone_and_work(layout: Layout, ports: Ports) -> None:
    """The file is 0600; password and token in it are the ones the state knows."""
    made = command.prepare(layout, ports, "127.0.0.1")
    assert layout.credentials.stat().st_mode & 0o777 == 0o600
    read = json.loads(layout.credentials.read_text())
    assert read == {"url": "http://127.0.0.1:5000", "username": "admin", "password": made.password, "token": made.token}
    store = open_state(layout.state_file)
    try:
        found = store.user("admin")
        assert found is not None
        assert found[0].role == "admin"
        assert password_fits(made.password, found[1])
        user = store.token(tokens.digest(made.token), 0.0)
        assert user is not None
        assert user.role == "admin"
    finally:
        store.close()


def test_credentials_of_the_last_start_stop_working(layout: Layout) -> None:
    """A start renews password and token."""
    first, second = (renew_credentials(layout.state_file, "http://127.0.0.1:1") for _ in range(2))
    store = open_state(layout.state_file)
    try:
        assert store.token(tokens.digest(first.token), 0.0) is None
        assert store.token(tokens.digest(second.token), 0.0) is not None
        found = store.user("admin")
        assert found is not None
        assert not password_fits(first.password, found[1])
    finally:
        store.close()


def test_fresh_forgets_what_was_tuned_and_learnt(layout: Layout) -> None:
    """Without it a tuned worker count and deployed prices stay; with it they go."""
    layout.gunicorn_config("orders").write_text("workers = 4\n")
    deployment.deploy(layout.pricing)
    layout.state_file.write_text("learnt")
    command.forget(layout)
    assert not layout.gunicorn_config("orders").exists()
    assert not layout.pricing.exists()
    assert not layout.state_file.exists()


def test_a_server_for_everybody_is_reached_on_loopback() -> None:
    """Nobody connects to 0.0.0.0."""
    assert command.reachable("0.0.0.0") == "127.0.0.1"
    assert command.reachable("192.0.2.7") == "192.0.2.7"
