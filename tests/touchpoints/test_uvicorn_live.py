"""What is special to uvicorn: signals that may stop it, code that a new worker would deploy, a supervisor that waits."""

import os
import threading
import time
from pathlib import Path

import psutil
import pytest

from plugin_optimizer.domain import Gone, Metric, NotFound, Plugin, Refused
from plugin_optimizer.touchpoints.uvicorn import UvicornTouchpoint
from plugin_optimizer.touchpoints.uvicorn.process import invocation_of, supervises, uvicorn_at
from plugin_optimizer.touchpoints.uvicorn.workers import UvicornSteps
from tests.gunicorn_service import wait_for
from tests.uvicorn_service import HELLO, UvicornService, start_uvicorn

pytestmark = pytest.mark.live

SLOW = HELLO.replace(
    '    await send({"type": "http.response.start"',
    '    import asyncio; await asyncio.sleep(6)\n    await send({"type": "http.response.start"',
)


def found(touchpoint: UvicornTouchpoint, service: UvicornService) -> Plugin:
    return next(p for p in touchpoint.discover() if p.address["bind"].endswith(f":{service.port}"))


def test_a_service_is_named_by_its_application_and_measured(tmp_path: Path) -> None:
    """Found without configuration, its workers counted, its memory and CPU measured from outside."""
    with start_uvicorn(tmp_path / "shop") as service:
        touchpoint = UvicornTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        assert plugin.plugin_id.startswith("orders_api")
        assert plugin.address["app"] == "orders_api:app"
        touchpoint.sense(plugin, time.time())
        wait_for(lambda: len(service.children()) == 2)
        time.sleep(0.2)
        values = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
        assert values[Metric.WORKERS] == 2
        assert values[Metric.MEMORY_BYTES] > 10e6
        assert Metric.CPU_CORES in values


def test_one_that_serves_alone_is_measured_and_never_signalled(tmp_path: Path) -> None:
    """TTIN would stop it: there is no knob, and even a direct order sends nothing. It answers on."""
    with start_uvicorn(tmp_path / "shop", workers=1) as service:
        touchpoint = UvicornTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        master = uvicorn_at(service.pid)
        assert not supervises(master)
        assert touchpoint.knobs(plugin) == []
        assert "--workers 2" in touchpoint.not_offered(plugin)["workers"]
        assert touchpoint.pool(plugin).workers == 1
        with pytest.raises(NotFound, match="without a supervisor"):
            touchpoint.turn(plugin, "workers", 2)
        with pytest.raises(Refused, match="would stop it"):
            UvicornSteps().step(master, 1, 2)
        assert psutil.Process(service.pid).status() != psutil.STATUS_STOPPED
        assert service.get() == "hello"


def test_many_orders_are_one_step(tmp_path: Path) -> None:
    """However often the same order is given, a signal is sent once until it shows: the supervisor would carry out each."""
    with start_uvicorn(tmp_path / "shop", workers=2) as service:
        touchpoint = UvicornTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        for _ in range(10):
            touchpoint.turn(plugin, "workers", 3)
        wait_for(lambda: len(service.children()) == 3)
        time.sleep(2.0)
        assert len(service.children()) == 3
        assert service.get() == "hello"


def test_newer_code_is_not_deployed_by_the_way(tmp_path: Path) -> None:
    """A new worker would load what lies on disk, and end the whole service if that does not start."""
    with start_uvicorn(tmp_path / "shop") as service:
        touchpoint = UvicornTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        changed = service.folder / "orders_api.py"
        changed.write_text("raise RuntimeError('broken')")
        os.utime(changed, (time.time() + 5, time.time() + 5))
        with pytest.raises(Refused, match="newer than the workers"):
            touchpoint.turn(plugin, "workers", 3)
        touchpoint.turn(plugin, "workers", 1)  # fewer load nothing
        wait_for(lambda: len(service.children()) == 1)
        assert service.get() == "hello"


def test_while_a_worker_finishes_its_request_nothing_more_is_ordered(tmp_path: Path) -> None:
    """The supervisor waits for a worker told to go; a second TTOU would count as another one. No request is lost."""
    with start_uvicorn(tmp_path / "shop", workers=3, app=SLOW) as service:
        touchpoint = UvicornTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 3)
        answers: list[str] = []
        threads = [threading.Thread(target=lambda: answers.append(service.get())) for _ in range(6)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 3.0
        while time.monotonic() < deadline:
            touchpoint.turn(plugin, "workers", 2)
            time.sleep(0.05)
        for thread in threads:
            thread.join()
        assert answers == ["hello"] * 6
        wait_for(lambda: len(service.children()) == 2)
        time.sleep(2.0)
        assert len(service.children()) == 2


def test_a_restart_is_another_life(tmp_path: Path) -> None:
    """What was kept is lost with the supervisor, and the incarnation says so."""
    touchpoint = UvicornTouchpoint(tmp_path / "home")
    with start_uvicorn(tmp_path / "shop") as service:
        plugin = found(touchpoint, service)
        before = touchpoint.incarnation(plugin)
        assert touchpoint.incarnation(plugin) == before
        assert touchpoint.persist(plugin, "workers", 2) is False
    with pytest.raises(Gone):
        touchpoint.incarnation(plugin)


def test_a_name_of_the_configuration_goes_before_the_one_we_gave(tmp_path: Path) -> None:
    """Whoever asks for the service at an address gets it under that name, also after it was discovered as another."""
    with start_uvicorn(tmp_path / "shop") as service:
        touchpoint = UvicornTouchpoint(tmp_path / "home")
        given = found(touchpoint, service)
        named = Plugin("shop-asgi", "uvicorn", {"bind": f"127.0.0.1:{service.port}"})
        assert touchpoint.pool(named).kind == "uvicorn"
        assert found(touchpoint, service).plugin_id == "shop-asgi"
        with pytest.raises(Gone):  # nobody turns one service under two names
            touchpoint.knobs(given)
        assert touchpoint.knobs(named)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (["/usr/bin/python3", "-m", "uvicorn", "a:app", "--workers", "2"], ("a:app", "--workers", "2")),
        (["/srv/.venv/bin/python", "/srv/.venv/bin/uvicorn", "a:app"], ("a:app",)),
        (["python3.12", "-X", "dev", "-m", "uvicorn", "a:app"], ("a:app",)),
        (["python", "-m", "uvicorn_extra", "a:app"], None),
        (["python", "-m", "gunicorn", "a:app", "-k", "uvicorn.workers.UvicornWorker"], None),
        (["python", "/srv/uvicorn.py"], None),
        (["vim", "uvicorn"], None),
        (["python", "-c", "import uvicorn"], None),
        ([], None),
    ],
)
def test_a_uvicorn_is_known_by_its_command(command: list[str], arguments: tuple[str, ...] | None) -> None:
    """And nothing else is taken for one."""
    invocation = invocation_of(command)
    assert (invocation.arguments if invocation else None) == arguments
