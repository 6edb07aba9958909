"""A real gunicorn, turned by a real agent process, on the orders of an engine that signals nobody."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plugin_optimizer.bootstrap import System, build
from plugin_optimizer.config import load_config
from plugin_optimizer.domain import Plugin, Refused, Stale, Unobservable
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.knowledge.emergency_stop import EmergencyStop
from tests.agent.running import directory_for_sockets
from tests.gunicorn_service import GunicornService, start_gunicorn, wait_for

pytestmark = pytest.mark.live
ROOT = Path(__file__).parents[2]


@pytest.fixture
def directory() -> Iterator[Path]:
    with directory_for_sockets() as made:
        yield made


@pytest.fixture
def config(directory: Path) -> Path:
    path = directory / "optimizer.toml"
    path.write_text(
        f'[engine]\nstate_dir = "{directory}/state"\nhome = "{directory}/home"\n'
        "[statsd]\nenabled = false\n[agent]\nseparate = true\n"
    )
    return path


@pytest.fixture
def system(config: Path) -> Iterator[System]:
    built = build(load_config(config))
    yield built
    built.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[GunicornService]:
    with start_gunicorn(tmp_path, config="workers = 1\n", name="orders") as started:
        yield started


@contextmanager
def agent_process(config: Path, system: System) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "plugin_optimizer.cli", "agent", "--config", str(config)]
    with (config.parent / "agent.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd="/", env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: _trouble(system) is None or process.poll() is not None, 60.0, "the agent to answer")
        assert process.poll() is None, (config.parent / "agent.log").read_text()
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(60)


def _trouble(system: System) -> str | None:
    try:
        list(system.touchpoints["gunicorn"].discover())
    except Unobservable as error:
        return str(error)
    return None


def found(system: System, service: GunicornService) -> Plugin:
    bind = f"127.0.0.1:{service.port}"
    return next(p for p in system.touchpoints["gunicorn"].discover() if p.address["bind"] == bind)


def workers(system: System, plugin: Plugin) -> int:
    return int(next(k.value for k in system.touchpoints["gunicorn"].knobs(plugin) if k.name == "workers"))


def test_a_gunicorn_is_turned_and_kept_through_the_agent(
    config: Path, system: System, service: GunicornService
) -> None:
    """One worker more, written into its file; a touchpoint without a fence, a lower fence and a stop are refused."""
    touchpoint, actuator = system.touchpoints["gunicorn"], system.actuator
    with agent_process(config, system) as process:
        plugin = found(system, service)
        with pytest.raises(Refused, match="fence"):
            touchpoint.turn(plugin, "workers", 2)
        actuator.turn(touchpoint, Order(plugin, "workers", 2, Fence(10), seen=1))
        service.wait_for_workers(2, 60.0)
        wait_for(lambda: workers(system, plugin) == 2, 60.0)
        assert actuator.persist(touchpoint, Order(plugin, "workers", 2, Fence(11)))
        assert "workers = 2\n" in service.config_path.read_text()
        flag = EmergencyStop.of(system.config.state_dir)
        flag.set("kim", "test", 0.0)
        with pytest.raises(Stale) as stopped:
            actuator.turn(touchpoint, Order(plugin, "workers", 3, Fence(12)))
        assert stopped.value.code == "emergency_stop"
        flag.arm()
        assert process.poll() is None
    with pytest.raises(Unobservable, match="plugin-optimizer agent"):
        actuator.turn(touchpoint, Order(plugin, "workers", 3, Fence(13)))
    with agent_process(config, system):
        with pytest.raises(Stale) as late:
            actuator.turn(touchpoint, Order(plugin, "workers", 3, Fence(10)))
        assert late.value.code == "stale_fence"
        assert len(service.worker_pids()) == 2


def test_an_order_to_an_agent_that_was_stopped_is_given_up_and_not_obeyed_later(
    config: Path, system: System, service: GunicornService
) -> None:
    """Its greeting does not come, so nothing is sent; when it wakes there is nothing left to obey."""
    touchpoint = system.touchpoints["gunicorn"]
    with agent_process(config, system) as process:
        plugin = found(system, service)
        process.send_signal(signal.SIGSTOP)
        errors: list[Exception] = []

        def order() -> None:
            try:
                system.actuator.turn(touchpoint, Order(plugin, "workers", 2, Fence(20)))
            except Unobservable as error:
                errors.append(error)

        thread = threading.Thread(target=order)
        thread.start()
        thread.join(60)
        assert errors  # no greeting came from it
        process.send_signal(signal.SIGCONT)
        wait_for(lambda: _trouble(system) is None, 60.0)
        assert workers(system, plugin) == 1
        assert len(service.worker_pids()) == 1
