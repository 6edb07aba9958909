"""A real agent of an earlier version and today's server, and the reverse: over TCP, with a real gunicorn between them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plugin_optimizer.agent.network import NetworkClient
from plugin_optimizer.agent.remote import RemoteActuator, RemoteTouchpoint
from plugin_optimizer.domain import Metric
from plugin_optimizer.execute.orders import Fence, Order
from tests.gunicorn_service import free_port, start_gunicorn, wait_for

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
EARLIER = "c2f474e"  # the first whose agent may stand on another host
CONFIG = """
[engine]
state_dir = "{folder}/state"
home = "{folder}/home"
[statsd]
enabled = false
[agent]
separate = true
address = "127.0.0.1:{port}"
"""
ASKS = """
import sys, json
from pathlib import Path
from plugin_optimizer.agent.network import NetworkClient
from plugin_optimizer.agent.buffered import BufferedTouchpoint
from plugin_optimizer.agent.remote import RemoteActuator
from plugin_optimizer.execute.orders import Fence, Order
key, port, bind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
client = NetworkClient(key, key, frozenset(), "127.0.0.1", port)
touchpoint = BufferedTouchpoint("gunicorn", client)
plugin = next(p for p in touchpoint.discover() if p.address.get("bind") == bind)
touchpoint.sense(plugin, 0.0)
workers = next(k for k in touchpoint.knobs(plugin) if k.name == "workers").value
RemoteActuator(client).turn(touchpoint, Order(plugin, "workers", workers + 1, Fence(1), seen=workers))
print(json.dumps([workers, touchpoint.pool(plugin).workers]))
"""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sources of the earlier version; skips where the history is not there (a shallow clone, a package)."""
    folder = tmp_path_factory.mktemp("earlier")
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", EARLIER, "src"], capture_output=True)
    if archive.returncode:
        pytest.skip(f"the history of this clone does not reach back to {EARLIER}: {archive.stderr.decode()[:200]}")
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder / "src"


@contextmanager
def agent_of(source: Path, folder: Path) -> Iterator[tuple[Path, int]]:
    """Run the agent of these sources; yield its key and its port."""
    folder.mkdir()
    port, config = free_port(), folder / "optimizer.toml"
    config.write_text(CONFIG.format(folder=folder, port=port))
    command = [sys.executable, "-m", "plugin_optimizer.cli", "agent", "--config", str(config)]
    with (folder / "agent.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd="/", env={**os.environ, "PYTHONPATH": str(source)}, stdout=log, stderr=log
        )
    key = folder / "state" / "agent.key"
    try:
        wait_for(lambda: (key.exists() and _answers(key, port)) or process.poll() is not None, 120.0, "the agent")
        assert process.poll() is None, (folder / "agent.log").read_text()
        yield key, port
    finally:
        process.terminate()
        process.wait(60)


def client_of(key: Path, port: int) -> NetworkClient:
    return NetworkClient(key, key, frozenset(), "127.0.0.1", port)


def _answers(key: Path, port: int) -> bool:
    return client_of(key, port).trouble() is None


def test_an_agent_of_an_earlier_version_senses_and_obeys_todays_server(earlier: Path, tmp_path: Path) -> None:
    """It is asked everything that a turn asks, and turns a real gunicorn by one worker."""
    with (
        start_gunicorn(tmp_path, config="workers = 1\n", name="orders") as service,
        agent_of(earlier, tmp_path / "agent") as (key, port),
    ):
        client = client_of(key, port)
        touchpoint = RemoteTouchpoint("gunicorn", client)
        bind = f"127.0.0.1:{service.port}"
        plugin = next(p for p in touchpoint.discover() if p.address["bind"] == bind)
        samples = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
        assert samples[Metric.UP] == 1
        workers = lambda: next(k.value for k in touchpoint.knobs(plugin) if k.name == "workers")  # noqa: E731
        assert workers() == 1
        RemoteActuator(client).turn(touchpoint, Order(plugin, "workers", 2, Fence(1), seen=1))
        wait_for(lambda: workers() == 2, 120.0, "the second worker")


def test_todays_agent_senses_and_obeys_a_server_of_an_earlier_version(earlier: Path, tmp_path: Path) -> None:
    """The reverse: the earlier version's own code asks and orders."""
    with (
        start_gunicorn(tmp_path, config="workers = 1\n", name="orders") as service,
        agent_of(ROOT / "src", tmp_path / "agent") as (key, port),
    ):
        command = [sys.executable, "-c", ASKS, str(key), str(port), f"127.0.0.1:{service.port}"]
        done = subprocess.run(
            command,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(earlier)},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        touchpoint = RemoteTouchpoint("gunicorn", client_of(key, port))
        plugin = next(p for p in touchpoint.discover() if p.address["bind"] == f"127.0.0.1:{service.port}")
        workers = lambda: next(k.value for k in touchpoint.knobs(plugin) if k.name == "workers")  # noqa: E731
        wait_for(lambda: workers() == 2, 120.0, "the second worker")
