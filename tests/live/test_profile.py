"""A real application under load is asked where its CPU and its memory go; all of its processes answer as one."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from cli.test_commands import Shell, shell, system  # noqa: F401 - fixtures
from web.small_system import SmallSystem

from plugin_optimizer.domain import Plugin, PluginStatus
from plugin_optimizer.monitor.profiles import Profiles
from plugin_optimizer.probe import channel
from tests.gunicorn_service import GunicornService, start_gunicorn, wait_for

pytestmark = pytest.mark.live
SHOP = """
import json, time
from flask import Blueprint, Flask
from plugin_optimizer.probe import instrument
app = Flask("shop")
pricing, stock, baskets = (Blueprint(name, __name__) for name in ("pricing", "stock", "baskets"))
KEPT = []
def compute(seconds):
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        json.dumps({"price": [1, 2, 3]})
@pricing.get("/price")
def price():
    compute(0.03)
    return "1"
@stock.get("/stock")
def level():
    compute(0.01)
    time.sleep(0.05)
    return "2"
@baskets.get("/basket")
def basket():
    KEPT.append(bytes(20_000))
    return "3"
for blueprint in (pricing, stock, baskets):
    app.register_blueprint(blueprint)
instrument(app, plugin="shop")
"""
KEEPS = SHOP.splitlines().index("    KEPT.append(bytes(20_000))") + 1
PARTS = {"shop.pricing": "pricing", "shop.stock": "stock"}


@pytest.fixture
def home(system: SmallSystem, tmp_path: Path) -> Path:  # noqa: F811
    """Let the API look where the probes write, and know the parts of the application; of its own it is no plugin here."""
    made = tmp_path / "home"
    system.config = replace(system.config, engine=replace(system.config.engine, home=str(made)))
    plugins = [Plugin(name, "blueprint", {"host": "shop", "blueprint": part}) for name, part in PARTS.items()]
    for plugin in plugins:
        system.state.save_plugin(plugin, PluginStatus.ACTIVE, 1.0)
    return made


@pytest.fixture
def service(tmp_path: Path, home: Path) -> Iterator[GunicornService]:
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "src"), "PLUGIN_OPTIMIZER_HOME": str(home)}
    with start_gunicorn(tmp_path, SHOP, workers=2, env=environment, extra=("--threads", "2")) as started:
        wait_for(lambda: len(channel.reports(home, "shop")) == 2)
        yield started


@pytest.fixture
def visitors(service: GunicornService) -> Iterator[None]:
    """Four that ask for prices and stock in turn, as long as the test takes."""
    ended = threading.Event()

    def visit() -> None:
        while not ended.wait(0.05):
            for path in ("/price", "/stock", "/basket"):
                assert service.get(path).status == 200

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield
    ended.set()
    for thread in threads:
        thread.join()


def kernel_seconds(service: GunicornService) -> float:
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in service.worker_pids())


@pytest.mark.usefixtures("visitors")
def test_the_cpu_of_all_processes_is_told_by_part_package_and_function(
    shell: Shell,  # noqa: F811
    service: GunicornService,
) -> None:
    """Both processes as one; no more than the kernel counted meanwhile, most of it by name, parts in proportion."""
    before = kernel_seconds(service)
    found = json.loads(shell("profile", "shop", "--seconds", "10", "--json").stdout)
    counted = kernel_seconds(service) - before
    assert (found["state"], found["processes"], found["answered"], found["refused"]) == ("done", 2, 2, [])
    assert found["total"] <= counted * 1.02
    used = {use["name"]: use["amount"] for use in found["plugins"]}
    assert (
        2.0 <= used["shop.pricing"] / used["shop.stock"] <= 4.5
    )  # 3 in the long run; a starved host has served a few of each
    named = sum(use["amount"] for use in found["packages"])
    assert 0.6 * found["total"] <= named <= found["total"]
    assert found["functions"][0]["name"] == "service_app:compute"
    assert found["looking_seconds"] <= 0.02 * 2 * found["seconds"]
    part = json.loads(shell("profile", "shop.stock", "--seconds", "3", "--json").stdout)
    assert [use["name"] for use in part["plugins"]] == ["shop.stock"]
    assert part["host"] == "shop"


@pytest.mark.usefixtures("visitors", "service")
def test_memory_is_told_by_one_process_after_its_cost_was_told_and_accepted(shell: Shell, home: Path) -> None:  # noqa: F811
    """No without a yes; then the line that keeps what it allocates stands first. A second question meanwhile is a conflict."""
    refused = shell("profile", "shop", "--memory", text="n\n", code=1)
    assert "times the CPU" in refused.output
    other = Profiles(home).ask("shop", "cpu", 3.0, time.time())
    assert "profile_under_way" in shell("profile", "shop", code=1).output
    wait_for(lambda: time.time() > other.until)
    found = json.loads(shell("profile", "shop", "--memory", "--yes", "--seconds", "4", "--json").stdout)
    assert (found["kind"], found["processes"], found["answered"]) == ("memory", 1, 1)
    largest = found["functions"][0]
    assert largest["name"].endswith(f"service_app.py:{KEEPS}")
    assert largest["amount"] >= 20_000
    assert largest["package"] == "service_app"


def test_what_cannot_be_measured_is_said(shell: Shell, home: Path) -> None:  # noqa: F811
    """No process with a probe; nothing measured yet; nobody who samples all the time; too long."""
    assert not home.exists()
    assert "no process of shop with a probe" in shell("profile", "shop", code=1).output
    assert "늘 재는 프로세스가 없습니다" in shell("profile", "shop", "--standing", "--lang", "ko").output
    assert "at most 60" in shell("profile", "shop", "--memory", "--yes", "--seconds", "90", code=1).output
