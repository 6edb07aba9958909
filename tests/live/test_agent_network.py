"""Server and agent on two hosts (network namespaces) whose cable is cut for a while."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from plugin_optimizer.agent.seal import make_key
from plugin_optimizer.domain import Metric
from plugin_optimizer.knowledge import open_samples
from tests.agent.namespaces import Host, NotPermitted, two_hosts
from tests.gunicorn_service import HELLO_APP, wait_for

pytestmark = pytest.mark.live
INTERVAL_SECONDS = 1.0
CUT_SECONDS = 15.0
SERVICE_PORT, AGENT_PORT, SERVER_PORT = 8101, 7443, 5101
PATIENCE_SECONDS = 120.0


@dataclass
class Apart:
    """A server on one host; an agent and its service on the other."""

    directory: Path
    server: Host
    agent: Host
    started: "list[subprocess.Popen[bytes]]"

    @property
    def config(self) -> Path:
        return self.directory / "server.toml"

    def order(self, fence: int, workers: int, config: Path | None = None) -> dict[str, str]:
        words = ("-m", "tests.agent.ordering", str(config or self.config), "orders", str(fence), str(workers))
        said: dict[str, str] = json.loads(self.server.say(*words))
        return said

    def workers(self) -> int:
        pid = int((self.directory / "service" / "master.pid").read_text())
        return sum(child.status() != psutil.STATUS_ZOMBIE for child in psutil.Process(pid).children())

    def times(self) -> list[float]:
        """Return when the service was seen to be there, as the server has it on record."""
        with closing(open_samples(self.directory / "server" / "samples.db")) as samples:
            found = samples.range("orders", (Metric.UP,), time.time() - 600.0, time.time() + 5.0, 11_000)
        return [at for at, _ in found.get(Metric.UP, ())]


def write_configs(directory: Path, agent: Host) -> None:
    plugin = f'[plugins.orders]\ntouchpoint = "gunicorn"\nname = "orders"\nbind = "127.0.0.1:{SERVICE_PORT}"\n'
    for name, more in (("server", plugin), ("agent", "")):
        (directory / f"{name}.toml").write_text(
            f'[engine]\nstate_dir = "{directory / name}"\nhome = "{directory / name}-home"\ndiscover = false\n'
            f"interval_seconds = {INTERVAL_SECONDS}\n"
            "[statsd]\nenabled = false\n[server]\nlogin = false\n"
            f'[agent]\nseparate = true\naddress = "{agent.address}:{AGENT_PORT}"\nkey_file = "{directory}/{name}.key"\n{more}'
        )
    make_key(directory / "agent.key")
    shutil.copy(directory / "agent.key", directory / "server.key")


def start_service(directory: Path, host: Host) -> "subprocess.Popen[bytes]":
    service = directory / "service"
    service.mkdir()
    (service / "service_app.py").write_text(HELLO_APP)
    (service / "gunicorn_conf.py").write_text("workers = 1\n")
    words = ["-m", "gunicorn", "--name", "orders", "--bind", f"127.0.0.1:{SERVICE_PORT}", "--pid", "master.pid"]
    words += ["--config", "gunicorn_conf.py", "--no-control-socket", "service_app:app"]
    return host.start(service / "log", *words, cwd=service)


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    tmp_path = tmp_path_factory.mktemp("apart")
    try:
        with two_hosts() as (here, there):
            write_configs(tmp_path, there)
            made = Apart(tmp_path, here, there, [start_service(tmp_path, there)])
            try:
                cli = ("-m", "plugin_optimizer.cli")
                made.started.append(
                    there.start(tmp_path / "agent.log", *cli, "agent", "--config", f"{tmp_path}/agent.toml")
                )
                serve = ("serve", "--port", str(SERVER_PORT), "--config", str(made.config))
                made.started.append(here.start(tmp_path / "server.log", *cli, *serve))
                wait_for(lambda: len(made.times()) >= 3, PATIENCE_SECONDS, "the server to have samples from the agent")
                yield made
            finally:
                for process in reversed(made.started):
                    process.terminate()
                    process.wait(30)
    except NotPermitted as why:
        pytest.skip(f"network namespaces cannot be made here: {why}")


def test_a_cut_cable_costs_no_figure_and_obeys_nobody(apart: Apart) -> None:
    """Meanwhile nothing is obeyed, also not later; afterwards every look is on record, once; fences and keys hold."""
    assert apart.order(10, 2)["error"] is None
    wait_for(lambda: apart.workers() == 2, PATIENCE_SECONDS)
    before = time.time()
    apart.agent.cut()
    lost = apart.order(11, 3)
    assert lost["error"] in ("AgentAbsent", "Unobservable")
    wait_for(lambda: time.time() - before > CUT_SECONDS, PATIENCE_SECONDS)
    assert max(apart.times()) < before + 3 * INTERVAL_SECONDS  # nothing came over meanwhile
    apart.agent.mend()
    after = time.time()
    wait_for(lambda: max(apart.times()) > after + 2.0, PATIENCE_SECONDS, "figures from after the cut")
    assert apart.workers() == 2  # what was ordered during the cut is not obeyed now
    times = apart.times()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    during = [at for at in times if before <= at <= after]
    assert len(set(times)) == len(times)
    assert len(during) >= 0.6 * (after - before) / INTERVAL_SECONDS  # beside other work a look may come late
    assert max(gaps) < 4 * INTERVAL_SECONDS < CUT_SECONDS
    assert apart.order(10, 3)["code"] == "stale_fence"
    assert apart.order(12, 1)["error"] is None
    wait_for(lambda: apart.workers() == 1, PATIENCE_SECONDS)


def test_another_key_orders_nothing(apart: Apart) -> None:
    """It is told that the seal is wrong; the agent's log says no more than that somebody tried."""
    other = apart.directory / "other.toml"
    other.write_text(apart.config.read_text().replace("server.key", "other.key"))
    make_key(apart.directory / "other.key")
    before = apart.workers()
    refused = apart.order(20, before + 1, other)
    assert refused["error"] == "AgentAbsent"
    assert "not sealed with this agent's key" in refused["message"]
    assert apart.workers() == before
