"""What a reload turns, against real gunicorns: under load, kept, refused with its reason."""

import contextlib
import http.client
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Disruption, Knob, Metric, Plugin, Refused, Unobservable
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint
from tests.gunicorn_service import GunicornService, start_gunicorn, wait_for
from tests.open_loop import OpenLoop

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

CHANGES = 40
AGAIN_SECONDS = 18.0  # as the engine: 8 s for a step, 10 s of standing still
THREADED = "workers = 2\nworker_class = 'gthread'\nthreads = 4\ngraceful_timeout = 5\n"
APP = """
import time
def app(environ, start_response):
    time.sleep(2.0 if environ["PATH_INFO"] == "/slow" else 0.02)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
"""
Start = Callable[..., tuple[GunicornService, GunicornTouchpoint, Plugin]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    services: list[GunicornService] = []

    def _start(config: str, **settings: object) -> tuple[GunicornService, GunicornTouchpoint, Plugin]:
        service = start_gunicorn(tmp_path, APP, config=config, **settings)  # type: ignore[arg-type]
        services.append(service)
        return service, *watched(service, tmp_path / "home")

    yield _start
    for service in services:
        service.stop()


def watched(service: GunicornService, home: Path) -> tuple[GunicornTouchpoint, Plugin]:
    touchpoint, bind = GunicornTouchpoint(home), f"127.0.0.1:{service.port}"
    return touchpoint, next(plugin for plugin in touchpoint.discover() if plugin.address["bind"] == bind)


def knobs(touchpoint: GunicornTouchpoint, plugin: Plugin) -> dict[str, Knob]:
    """Return them; empty while nothing can be told."""
    try:
        return {knob.name: knob for knob in touchpoint.knobs(plugin)}
    except Unobservable:
        return {}


def turn(touchpoint: GunicornTouchpoint, plugin: Plugin, name: str, to: int) -> None:
    """Turn and look, as the engine does, until it shows; order again what does not for as long as the engine waits."""
    ordered_at = -math.inf

    def arrived() -> bool:
        nonlocal ordered_at
        found = knobs(touchpoint, plugin)
        if name in found and found[name].value == to:
            return True
        if time.monotonic() - ordered_at > AGAIN_SECONDS:
            ordered_at = time.monotonic()
            with contextlib.suppress(Unobservable):
                touchpoint.turn(plugin, name, to)
        return False

    wait_for(arrived, 120.0, f"{name} = {to}, {knobs(touchpoint, plugin)} is there")


class KeptConnection(threading.Thread):
    """Asks again and again over one connection, and counts what was not answered."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.answered, self.failed, self.ended = port, 0, 0, threading.Event()

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.ended.is_set():
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
                self.answered += 1
            except (OSError, http.client.HTTPException):
                self.failed += 1
                connection.close()
            time.sleep(0.01)
        connection.close()


def test_no_request_fails_over_changes_under_load(start: Start) -> None:
    """Threads, timeout and keep-alive, forty changes in a row: every request is answered, on new and on kept connections."""
    service, touchpoint, plugin = start(THREADED, workers=2, name="loaded")
    kept = [KeptConnection(service.port) for _ in range(3)]
    with OpenLoop(service.port, 40.0) as load:
        for connection in kept:
            connection.start()
        for number in range(CHANGES):
            name, values = (("threads", (8, 4)), ("timeout", (60, 30)), ("keepalive", (5, 2)))[number % 3]
            turn(touchpoint, plugin, name, values[number // 3 % 2])
        for connection in kept:
            connection.ended.set()
            connection.join()
    answered, failed = len(load.answers), [answer for answer in load.answers if answer[2] != 200]
    on_kept = sum(connection.answered for connection in kept)
    print(f"{CHANGES} changes, {answered} + {on_kept} requests, {len(failed)} failed")  # noqa: T201
    assert failed == []
    assert [connection.failed for connection in kept] == [0, 0, 0]
    assert answered > 100


def test_what_is_in_flight_is_finished(start: Start) -> None:
    """A request that takes two seconds is answered by the old worker, while the new value is told already."""
    service, touchpoint, plugin = start(THREADED, workers=2, name="inflight")
    statuses: list[int] = []
    asking = threading.Thread(target=lambda: statuses.append(service.get("/slow").status))
    asking.start()
    time.sleep(0.3)  # a worker has taken it
    turn(touchpoint, plugin, "threads", 6)
    assert knobs(touchpoint, plugin)["workers"].value == 2
    asking.join()
    assert statuses == [200]


def test_a_turned_value_is_kept_over_reload_and_restart(start: Start) -> None:
    """It stands in the config file, of which nothing else changes; what was there is there again after the way back."""
    text = '"""Ours."""\nworker_class = "gthread"\nthreads = 4  # tuned\n'
    service, touchpoint, plugin = start(text, name="kept")
    turn(touchpoint, plugin, "threads", 6)
    assert touchpoint.persist(plugin, "threads", 6)
    assert service.config_path.read_text() == text.replace("threads = 4", "threads = 6")
    old = set(service.worker_pids())
    service.signal(signal.SIGHUP)
    wait_for(lambda: (now := set(service.worker_pids())) and not old & now)
    wait_for(lambda: knobs(touchpoint, plugin).get("threads") is not None)
    assert knobs(touchpoint, plugin)["threads"].value == 6
    service.restart()
    wait_for(lambda: "threads" in knobs(touchpoint, plugin))
    assert knobs(touchpoint, plugin)["threads"].value == 6
    assert touchpoint.pool(plugin).threads == 6
    turn(touchpoint, plugin, "threads", 4)
    assert service.config_path.read_text() == text


def test_a_reload_of_ours_is_no_restart(start: Start) -> None:
    """Workers that we told to go do not count as replaced; one that dies does."""
    service, touchpoint, plugin = start(THREADED, workers=2, name="calm")

    def restarts() -> float:
        return next(s.value for s in touchpoint.sense(plugin, 1.0) if s.metric is Metric.RESTARTS)

    def workers() -> object:
        found = knobs(touchpoint, plugin)
        return found["workers"].value if found else None

    restarts()
    turn(touchpoint, plugin, "threads", 8)
    service.wait_for_workers(2)
    assert restarts() == 0
    victim = service.worker_pids()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in service.worker_pids() and workers() == 2)
    assert restarts() == 1


def test_the_way_of_turning_is_told(start: Start) -> None:
    """It reloads, can be taken back exactly, and is kept; threads alone are a planner's business."""
    _, touchpoint, plugin = start(THREADED, workers=2, name="told")
    found = {name: knob for name, knob in knobs(touchpoint, plugin).items() if knob.disruption is Disruption.RELOAD}
    assert {name: knob.kind for name, knob in found.items()} == {
        "threads": "threads",
        "timeout": "time_limit",
        "keepalive": "setting",
    }
    assert all(knob.persistent for knob in found.values())


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"extra": ("--threads", "4")}, "command line"),
        ({"env": {"GUNICORN_CMD_ARGS": "--threads 4"}}, "GUNICORN_CMD_ARGS"),
        ({"config": "workers = 1\n"}, "have no threads"),
        ({"config": "import os\nworker_class = 'gthread'\nthreads = int('4')\n"}, "computes threads"),
        (
            {
                "config": "worker_class = 'gthread'\nthreads = 4\n"
                "def when_ready(server):\n    server.cfg.set('threads', 5)\n"
            },
            "the application or a hook",
        ),
    ],
    ids=["command line", "environment", "sync", "computed", "hook"],
)
def test_what_others_decide_is_not_offered_and_the_reason_is_said(
    start: Start, settings: dict[str, object], reason: str
) -> None:
    """The knob is not there, turning it is refused with the reason, and nothing is written."""
    config = str(settings.pop("config", "worker_class = 'gthread'\n"))
    service, touchpoint, plugin = start(config, name="decided", **settings)
    text = service.config_path.read_text()
    wait_for(lambda: "workers" in knobs(touchpoint, plugin))
    assert "threads" not in knobs(touchpoint, plugin)
    assert reason in touchpoint.not_offered(plugin)["threads"]
    with pytest.raises(Refused, match=reason):
        touchpoint.turn(plugin, "threads", 6)
    assert service.config_path.read_text() == text


def refused(touchpoint: GunicornTouchpoint, plugin: Plugin, service: GunicornService, reason: str) -> None:
    text, workers = service.config_path.read_text(), service.worker_pids()
    with pytest.raises(Refused, match=reason):
        touchpoint.turn(plugin, "threads", 6)
    assert service.config_path.read_text() == text
    assert service.worker_pids() == workers


def test_a_reload_that_would_do_more_is_refused(start: Start) -> None:
    """Another count of workers, code or settings that wait for a reload: nothing is written and nobody is signalled."""
    service, touchpoint, plugin = start("worker_class = 'gthread'\nthreads = 4\nmax_requests = 0\n", name="more")
    service.signal(signal.SIGTTIN)
    wait_for(lambda: (found := knobs(touchpoint, plugin)) and found["workers"].value == 2)
    refused(touchpoint, plugin, service, "2 workers run and 1 are configured")
    assert touchpoint.persist(plugin, "workers", 2)
    time.sleep(1.1)
    code = service.directory / "service_app.py"
    written = code.stat().st_mtime
    os.utime(code, (time.time(), time.time()))
    refused(touchpoint, plugin, service, "newer than the workers")
    os.utime(code, (written, written))
    turn(touchpoint, plugin, "threads", 8)  # our own count in the file waits for no other's reload
    time.sleep(1.1)
    service.config_path.write_text(service.config_path.read_text().replace("max_requests = 0", "max_requests = 9"))
    refused(touchpoint, plugin, service, "max_requests = 9 and 0 is in force")
    text = service.config_path.read_text().replace("max_requests = 9", "max_requests = 0")
    service.config_path.write_text(text + "def on_reload(server):\n    pass\n")
    refused(touchpoint, plugin, service, "changed after the workers")


def test_a_preloaded_application_is_reloaded_with_the_code_it_has(start: Start) -> None:
    """Then newer code on disk is no reason: a reload does not load it."""
    service, touchpoint, plugin = start("worker_class = 'gthread'\nthreads = 4\npreload_app = True\n", name="preloaded")
    time.sleep(1.1)
    os.utime(service.directory / "service_app.py")
    turn(touchpoint, plugin, "threads", 6)
    assert service.get().text == "hello"


def test_threads_that_make_a_sync_worker_threaded_are_never_taken_below_two(start: Start) -> None:
    """One thread would make it another class of worker."""
    _, touchpoint, plugin = start("threads = 3\n", name="implicit")
    assert knobs(touchpoint, plugin)["threads"].minimum == 2
