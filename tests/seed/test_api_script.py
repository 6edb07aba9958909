"""The seed's test script and its `requests` example against a real server."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from gunicorn_service import free_port
from seed.served import ROOT, Served, environment, served
from web import small_system
from web.small_system import offer

from plugin_optimizer.config import Config, Engine
from plugin_optimizer.web import token as tokens

pytestmark = pytest.mark.live
SCRIPT = ROOT / "scripts" / "test_plugin_optimization.py"
SERVE = [sys.executable, "-m", "plugin_optimizer.cli", "serve"]


def run_script(*options: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, SCRIPT, *options], cwd=cwd, capture_output=True, text=True, timeout=120)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, SERVE) as made:
        yield made


@pytest.fixture
def open_server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, [*SERVE, "--no-login"]) as made:
        yield made


def stores(server: Served) -> small_system.SmallSystem:
    from plugin_optimizer.knowledge import open_samples, open_state

    state = server.directory / "state"
    config = Config(engine=Engine(state_dir=str(state)))
    return small_system.SmallSystem(config, open_state(state / "state.db"), open_samples(state / "samples.db"))


def alive(pid: int) -> bool:
    """Tell whether a process runs: one that only waits to be reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def make_token(server: Served, role: str = "admin") -> str:
    secret, system = tokens.mint(), stores(server)
    system.state.save_token(role, role, tokens.digest(secret), time.time() + 600, time.time())
    system.close()
    return secret


def test_the_script_is_content_with_a_healthy_server(server: Served) -> None:
    """Exit code 0 with a token; with --execute it executes an open suggestion, once."""
    token, system = make_token(server), stores(server)
    result = run_script("--url", server.url, "--token", token)
    assert result.returncode == 0, result.stderr
    assert run_script("--url", server.url, "--token", token, "--execute").returncode == 1
    offer(system)
    executed = run_script("--url", server.url, "--token", token, "--execute")
    assert executed.returncode == 0, executed.stderr
    assert len(system.state.executions()) == 1
    system.close()


def test_the_script_says_what_is_wrong(server: Served) -> None:
    """No token, a viewer's token for --execute, no server: non-zero, and what to do."""
    assert "--token" in run_script("--url", server.url).stderr
    offer(system := stores(server))
    viewer = make_token(server, "viewer")
    assert "role" in run_script("--url", server.url, "--token", viewer, "--execute").stderr
    nobody = run_script("--url", f"http://127.0.0.1:{free_port()}")
    assert (nobody.returncode, "no server answers" in nobody.stderr) == (1, True)
    assert system.state.executions() == []
    system.close()


def test_the_seeds_example_as_written(open_server: Served) -> None:
    """`requests.get(…/suggestions)` without anything else, on a server started without login."""
    answer = requests.get(f"{open_server.url}/api/plugin-optimization/suggestions", timeout=60)
    assert answer.json() == []
    assert run_script("--url", open_server.url).returncode == 0


def test_serving_strangers_without_login_is_refused(tmp_path: Path) -> None:
    """--no-login off loopback is wrong usage: exit code 2 and the reason."""
    result = subprocess.run(
        [*SERVE, "--no-login", "--host", "0.0.0.0", "--port", str(free_port())],
        cwd=tmp_path, env=environment(tmp_path) | {"PLUGIN_OPTIMIZER_CONFIG": ""}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert result.returncode == 2
    assert "127.0.0.1" in result.stderr


def test_a_busy_port_is_a_clear_message(server: Served, tmp_path: Path) -> None:
    """Exit code 1, naming --port."""
    result = subprocess.run(
        [*SERVE, "--port", str(server.port)],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 1
    assert f"--port {server.port + 1}" in result.stderr


def test_a_stop_signal_ends_it_in_time(tmp_path: Path) -> None:
    """SIGTERM, even with an event stream open: gone within ten seconds, and nothing of it is left.

    Three times at most: where the whole machine stood still meanwhile, that is not the server's time.
    """
    took: list[float] = []
    while len(took) < 3 and not any(seconds <= 10.0 for seconds in took):
        directory = tmp_path / str(len(took))
        directory.mkdir()
        took.append(seconds_to_its_end(directory))
    assert min(took) <= 10.0, took


def seconds_to_its_end(directory: Path) -> float:
    """Serve with an event stream open, send SIGTERM, and see that nothing is left."""
    with served(directory, SERVE) as server:
        token = make_token(server)
        stream = requests.get(
            f"{server.url}/api/plugin-optimization/events",
            headers={"Authorization": f"Bearer {token}"},
            stream=True,
            timeout=60,
        )
        assert stream.status_code == 200
        family = server.family()
        asked = time.monotonic()
        server.process.terminate()
        server.process.wait(60)
        seconds = time.monotonic() - asked
        stream.close()
    assert [pid for pid in family if alive(pid)] == []
    return seconds
