"""The touchpoint against real gunicorns."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from plugin_optimizer.domain import Gone, InvalidValue, Knob, Metric, NotFound, Plugin, Refused, Unobservable
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint
from plugin_optimizer.touchpoints.gunicorn.workers import heartbeat_ages_seconds
from plugin_optimizer.touchpoints.process_sensors import usable_memory_bytes
from tests.gunicorn_service import START_SECONDS, GunicornService, start_gunicorn, wait_for

pytestmark = pytest.mark.live

Start = Callable[..., GunicornService]
BY_SIGNALS = ("--no-control-socket",)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    services = []

    def _start(*arguments: object, **settings: object) -> GunicornService:
        service = start_gunicorn(tmp_path, *arguments, **settings)  # type: ignore[arg-type]
        services.append(service)
        return service

    yield _start
    for service in services:
        service.stop()


@pytest.fixture
def touchpoint(tmp_path: Path) -> GunicornTouchpoint:
    return GunicornTouchpoint(home=tmp_path / "home")


def found(touchpoint: GunicornTouchpoint, service: GunicornService) -> Plugin:
    bind = f"127.0.0.1:{service.port}"
    return next(plugin for plugin in touchpoint.discover() if plugin.address["bind"] == bind)


def workers_knob(touchpoint: GunicornTouchpoint, plugin: Plugin) -> Knob:
    """Return it; where no number can be told, look again as the engine does."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return next(knob for knob in touchpoint.knobs(plugin) if knob.name == "workers")
        except Unobservable:
            if time.monotonic() > deadline:
                raise


def turn_all_the_way(touchpoint: GunicornTouchpoint, plugin: Plugin, to: int) -> list[int]:
    """Turn step by step as the engine does; return the counts that were seen on the way.

    A look here and the touchpoint's own look in `turn` are two looks: a worker that goes between them lets two steps
    follow each other unseen. What must hold at every look is that no more steps were made than were ordered.
    """
    seen = [int(workers_knob(touchpoint, plugin).value)]
    orders = 0

    def arrived() -> bool:
        nonlocal orders
        value = int(workers_knob(touchpoint, plugin).value)
        assert abs(value - seen[0]) <= orders, f"{seen} and then {value} after {orders} orders of one step each"
        if value != seen[-1]:
            seen.append(value)
        if value != to:
            orders += 1
            touchpoint.turn(plugin, "workers", to)
        return value == to

    wait_for(arrived, 150.0, f"{to} workers after {seen}")  # a lost step is missed after 35 s only
    return seen


def samples(touchpoint: GunicornTouchpoint, plugin: Plugin) -> dict[Metric, float]:
    return {sample.metric: sample.value for sample in touchpoint.sense(plugin, 1.0)}


def test_a_service_is_discovered_with_its_address(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """Name, bind, application, config, directory, StatsD prefix and pid are those it was started with."""
    service = start(name="Bestellungen 1", config="workers = 2\n", workers=2, extra=("--statsd-prefix", "shop.orders"))
    plugin = found(touchpoint, service)
    assert plugin.plugin_id == "bestellungen-1"
    assert plugin.touchpoint == touchpoint.kind == "gunicorn"
    expected = {
        "name": "Bestellungen 1",
        "app": "service_app:app",
        "config": str(service.config_path),
        "cwd": str(service.directory),
        "statsd_prefix": "shop.orders",
        "pid": str(service.master_pid),
    }
    assert expected.items() <= plugin.address.items()


def test_the_optimizers_own_server_is_left_out(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """A gunicorn that serves the optimizer is no plugin."""
    service = start(name="plugin-optimizer")
    assert str(service.master_pid) not in {plugin.address["pid"] for plugin in touchpoint.discover()}


def test_two_services_of_one_name_are_told_apart(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """They get ids in the order of their ports, keep them, and each knob turns its own service only."""
    one, other = start(name="twin"), start(name="twin")
    first, second = sorted((one, other), key=lambda service: service.port)
    assert found(touchpoint, first).plugin_id == "twin"
    assert found(touchpoint, second).plugin_id == "twin-2"
    turn_all_the_way(touchpoint, found(touchpoint, second), 2)
    assert (len(first.worker_pids()), len(second.worker_pids())) == (1, 2)
    plugin = found(touchpoint, second)
    first.stop()
    assert found(touchpoint, second).plugin_id == "twin-2"
    assert samples(GunicornTouchpoint(touchpoint.home), plugin)[Metric.WORKERS] == 2


@pytest.mark.parametrize("extra", [(), BY_SIGNALS], ids=["control socket", "signals"])
def test_workers_grow_and_shrink_one_by_one(
    start: Start, touchpoint: GunicornTouchpoint, extra: tuple[str, ...]
) -> None:
    """From 1 to 4 and back, one worker an order and never the wrong way; the service answers afterwards."""
    service = start(name="steps", extra=extra)
    plugin = found(touchpoint, service)
    wait_for(lambda: workers_knob(touchpoint, plugin).value == 1)
    up = turn_all_the_way(touchpoint, plugin, 4)
    assert up == sorted(set(up))
    assert up[-1] == 4
    assert len(service.worker_pids()) == 4
    assert service.get().text == "hello"
    down = turn_all_the_way(touchpoint, plugin, 1)
    assert down == sorted(set(down), reverse=True)
    assert down[-1] == 1
    assert len(service.worker_pids()) == 1
    assert ("Handling signal: ttin" in service.log) == (extra == BY_SIGNALS)


@pytest.mark.parametrize("extra", [(), BY_SIGNALS], ids=["control socket", "signals"])
def test_a_burst_of_orders_does_not_overshoot(
    start: Start, touchpoint: GunicornTouchpoint, extra: tuple[str, ...]
) -> None:
    """However often 3 is ordered, and however fast, there are never more than 3."""
    service = start(name="burst", extra=extra)
    plugin = found(touchpoint, service)
    begun, seen = time.monotonic(), [1]

    def ordered_for_long() -> bool:
        touchpoint.turn(plugin, "workers", 3)
        seen.append(len(service.worker_pids()))
        return time.monotonic() - begun > 3.0 and seen[-10:] == [3] * 10

    wait_for(ordered_for_long, what=f"3 workers after {seen}")
    assert max(seen) == 3


@pytest.mark.parametrize("extra", [(), BY_SIGNALS], ids=["control socket", "signals"])
def test_a_reload_resets_what_was_not_kept_and_is_told_from_a_foreign_hand(
    start: Start, touchpoint: GunicornTouchpoint, extra: tuple[str, ...]
) -> None:
    """After HUP the count is the configured one and the incarnation is another; after TTIN it is the same."""
    service = start(name="reset", config="workers = 1\n", extra=extra)
    plugin = found(touchpoint, service)
    turn_all_the_way(touchpoint, plugin, 2)
    before = touchpoint.incarnation(plugin)
    service.signal(signal.SIGTTIN)
    service.wait_for_workers(3)
    assert touchpoint.incarnation(plugin) == before
    old = set(service.worker_pids())
    service.signal(signal.SIGHUP)
    wait_for(lambda: len(service.worker_pids()) == 1 and not old & set(service.worker_pids()))
    wait_for(lambda: workers_knob(touchpoint, plugin).value == 1)
    assert touchpoint.incarnation(plugin) != before


def test_a_kept_count_survives_reload_and_restart(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """persist() writes it into the config file, of which nothing else changes, and gunicorn starts with it."""
    text = '"""Our shop."""\nimport os\nworkers = 1  # tuned\nthreads = 1\nproc_name = "kept"\n'
    service = start(config=text, env={"PYTHONDONTWRITEBYTECODE": ""})
    service.config_path.chmod(0o640)
    plugin = found(touchpoint, service)
    assert workers_knob(touchpoint, plugin).persistent
    turn_all_the_way(touchpoint, plugin, 3)
    assert touchpoint.persist(plugin, "workers", 3)
    assert service.config_path.read_text() == text.replace("workers = 1", "workers = 3")
    assert service.config_path.stat().st_mode & 0o777 == 0o640
    old = set(service.worker_pids())
    service.signal(signal.SIGHUP)
    wait_for(lambda: len(service.worker_pids()) == 3 and not old & set(service.worker_pids()))
    service.restart()
    service.wait_for_workers(3)
    wait_for(lambda: workers_knob(touchpoint, plugin).value == 3)
    assert sorted(path.name for path in service.directory.glob(".gunicorn*")) == []


def test_a_count_on_the_command_line_cannot_be_kept(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """The command line wins over any file, so persist() says no and writes nothing."""
    service = start(config="threads = 1\n", extra=("--workers", "1"))
    plugin = found(touchpoint, service)
    assert not workers_knob(touchpoint, plugin).persistent
    assert not touchpoint.persist(plugin, "workers", 2)
    assert service.config_path.read_text() == "threads = 1\n"


def test_a_service_without_a_config_file_cannot_keep_a_count(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """GUNICORN_CMD_ARGS wins over any file as well."""
    service = start(config="threads = 1\n", env={"GUNICORN_CMD_ARGS": "--workers 1"})
    assert not touchpoint.persist(found(touchpoint, service), "workers", 2)


def test_a_restarted_service_is_found_again(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """A plugin known by an old pid is measured under its new one, and the restart is counted."""
    service = start(name="phoenix")
    plugin = found(touchpoint, service)
    before = touchpoint.incarnation(plugin)
    assert samples(touchpoint, plugin)[Metric.RESTARTS] == 0
    service.restart()
    wait_for(lambda: samples(touchpoint, plugin).get(Metric.WORKERS) == 1)
    assert str(service.master_pid) != plugin.address["pid"]
    assert touchpoint.incarnation(plugin) != before
    assert found(touchpoint, service).plugin_id == "phoenix"


def test_a_re_executed_master_is_the_same_plugin(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """USR2 and TERM to the old master: while both run the old one is the plugin, afterwards the new one."""
    service = start(name="reborn")
    plugin = found(touchpoint, service)
    old = service.master_pid
    os.kill(old, signal.SIGUSR2)
    second = service.directory / "master.pid.2"
    wait_for(lambda: second.exists() and second.read_text().strip())
    new = int(second.read_text())
    wait_for(lambda: len(psutil.Process(new).children()) == 1)
    assert workers_knob(touchpoint, plugin).value == 1
    assert found(touchpoint, service).address["pid"] == str(old)
    os.kill(old, signal.SIGTERM)
    wait_for(lambda: found_pid(touchpoint, "reborn") == str(new))
    assert workers_knob(touchpoint, plugin).value == 1


def found_pid(touchpoint: GunicornTouchpoint, plugin_id: str) -> str:
    return next((p.address["pid"] for p in touchpoint.discover() if p.plugin_id == plugin_id), "")


def test_a_dead_service_is_down_and_nothing_else_is_said(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """UP is 0, knobs and pool raise Gone, and an orphaned worker is not taken for a master."""
    service = start(name="mortal")
    plugin = found(touchpoint, service)
    orphans = [psutil.Process(pid) for pid in service.worker_pids()]
    for process in orphans:
        process.suspend()
    os.kill(service.master_pid, signal.SIGKILL)
    wait_for(lambda: samples(touchpoint, plugin) == {Metric.UP: 0.0})
    assert all(process.is_running() for process in orphans)
    for ask in (touchpoint.knobs, touchpoint.pool, touchpoint.incarnation):
        with pytest.raises(Gone):
            ask(plugin)
    with pytest.raises(Gone):
        touchpoint.turn(plugin, "workers", 2)


def test_a_forged_pid_is_never_touched(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """An address with another process's pid leads to the service by name and bind, not to that process."""
    service, bystander = start(name="target", extra=BY_SIGNALS), start(name="bystander", extra=BY_SIGNALS)
    plugin = found(touchpoint, service)
    forged = Plugin("target", "gunicorn", {**plugin.address, "pid": str(bystander.master_pid)})
    turn_all_the_way(GunicornTouchpoint(touchpoint.home), forged, 2)
    assert (len(service.worker_pids()), len(bystander.worker_pids())) == (2, 1)
    unknown = Plugin("nobody", "gunicorn", {"name": "nobody", "bind": "127.0.0.1:1", "pid": str(bystander.master_pid)})
    with pytest.raises(Gone):
        touchpoint.turn(unknown, "workers", 2)


def test_it_measures_cpu_memory_and_workers(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """A worker that computes shows as CPU of at most its slots; memory is there from the first look on."""
    service = start(BURNING_APP, name="burner")
    plugin = found(touchpoint, service)
    begun = time.monotonic()  # before the first look: a pause on the way makes what is asked for less, not more
    first = samples(touchpoint, plugin)
    assert Metric.CPU_CORES not in first
    assert service.get("/burn").text == "0.5"
    second = samples(touchpoint, plugin)
    elapsed = time.monotonic() - begun
    assert 0.4 / elapsed <= second[Metric.CPU_CORES] <= 1.5
    assert second[Metric.CPU_RATIO] == pytest.approx(second[Metric.CPU_CORES])
    assert second[Metric.UP] == second[Metric.WORKERS] == 1
    assert 5e6 < second[Metric.WORKER_MEMORY_BYTES] < second[Metric.MEMORY_BYTES] < 5e8
    assert second[Metric.MEMORY_RATIO] == pytest.approx(
        second[Metric.MEMORY_BYTES] / usable_memory_bytes(service.master_pid), rel=0.01
    )


BURNING_APP = """
import time
def app(environ, start_response):
    end = time.thread_time() + 0.5
    while environ["PATH_INFO"] == "/burn" and time.thread_time() < end:
        pass
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"0.5"]
"""


def test_a_killed_worker_counts_as_a_restart(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """A replaced worker is a restart; one that was added or removed is not."""
    service = start(name="crash", workers=2)
    plugin = found(touchpoint, service)
    wait_for(lambda: samples(touchpoint, plugin)[Metric.WORKERS] == 2)
    turn_all_the_way(touchpoint, plugin, 3)
    assert samples(touchpoint, plugin)[Metric.RESTARTS] == 0
    victim = service.worker_pids()[0]
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in service.worker_pids() and workers_knob(touchpoint, plugin).value == 3)
    assert samples(touchpoint, plugin)[Metric.RESTARTS] == 1
    assert samples(touchpoint, plugin)[Metric.RESTARTS] == 0


def test_the_pool_says_how_requests_are_served(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """Threads make a sync worker a gthread one; spawn times are those of the processes."""
    service = start(name="pool", workers=2, extra=("--threads", "3"))
    plugin = found(touchpoint, service)
    wait_for(lambda: touchpoint.pool(plugin).workers == 2)
    pool = touchpoint.pool(plugin)
    assert (pool.kind, pool.threads, pool.reuse_port) == ("gthread", 3, False)
    assert 0 < pool.cores <= (psutil.cpu_count() or 1)
    assert set(pool.spawned) == set(service.worker_pids())
    assert all(abs(time.time() - begun) < 600 for begun in pool.spawned.values())
    assert 5e6 < pool.worker_memory_bytes < 5e8


SLEEPING_APP = """
import time
def app(environ, start_response):
    if environ["PATH_INFO"] == "/sleep":
        time.sleep(300)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""


@pytest.mark.parametrize("extra", [(), BY_SIGNALS], ids=["control socket", "signals"])
def test_nothing_is_removed_while_a_worker_is_stuck(
    start: Start, touchpoint: GunicornTouchpoint, extra: tuple[str, ...]
) -> None:
    """With a worker silent for most of its timeout, shrinking is refused and growing is not."""
    service = start(SLEEPING_APP, name="stuck", workers=2, extra=("--timeout", "24", "--graceful-timeout", "1", *extra))
    plugin = found(touchpoint, service)
    with socket.create_connection(("127.0.0.1", service.port)) as client:
        client.sendall(b"GET /sleep HTTP/1.0\r\n\r\n")
        wait_for(lambda: max(heartbeat_ages_seconds(service.master_pid), default=0.0) > 15.0)
        with pytest.raises(Refused, match="busy or stuck"):
            touchpoint.turn(plugin, "workers", 1)
        assert len(service.worker_pids()) == 2
        turn_all_the_way(touchpoint, plugin, 3)


def test_orders_that_cannot_be_meant_are_refused(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """Zero, fractions, words and huge numbers are invalid; an unknown knob is not found; what is so, stays."""
    service = start(name="strict", config="workers = 1\n")
    plugin = found(touchpoint, service)
    for value in (0, -1, 1.5, 10_000, "2", float("nan"), True):
        for order in (touchpoint.turn, touchpoint.persist):
            with pytest.raises(InvalidValue):
                order(plugin, "workers", value)
    with pytest.raises(NotFound):
        touchpoint.turn(plugin, "nonsense", 1)
    touchpoint.turn(plugin, "workers", 1)
    assert len(service.worker_pids()) == 1
    assert service.config_path.read_text() == "workers = 1\n"


def test_two_masters_on_one_default_control_path_are_told_apart(
    start: Start, touchpoint: GunicornTouchpoint, tmp_path: Path
) -> None:
    """All masters of a user share the default socket path; who lost it is turned by signals, not the other one."""
    shared = ("--control-socket", str(tmp_path / "c"))
    first = start(name="early", extra=shared)
    second = start(name="late", extra=shared)
    wait_for(lambda: "Control socket listening" in second.log)
    turn_all_the_way(touchpoint, found(touchpoint, first), 2)
    assert (len(first.worker_pids()), len(second.worker_pids())) == (2, 1)
    turn_all_the_way(touchpoint, found(touchpoint, second), 3)
    assert (len(first.worker_pids()), len(second.worker_pids())) == (2, 3)


SLOW_APP = """
import time
def app(environ, start_response):
    time.sleep(7 if environ["PATH_INFO"] == "/slow" else 0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]
"""


@pytest.mark.parametrize("extra", [(), BY_SIGNALS], ids=["control socket", "signals"])
def test_a_worker_that_takes_its_time_to_go_is_not_counted_twice(
    start: Start, touchpoint: GunicornTouchpoint, extra: tuple[str, ...]
) -> None:
    """While a removed worker finishes its request, further orders for the same number remove no other; and no request
    is lost.
    """
    service = start(SLOW_APP, name="slow", workers=3, extra=("--timeout", "60", *extra))
    plugin = found(touchpoint, service)
    wait_for(lambda: workers_knob(touchpoint, plugin).value == 3)
    with ThreadPoolExecutor(3) as clients:
        answers = [clients.submit(service.get, "/slow") for _ in range(3)]
        wait_for(lambda: len(established(service)) == 3)
        fewest = 3
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline or (fewest == 3 and time.monotonic() < deadline + 60):
            touchpoint.turn(plugin, "workers", 2)
            fewest = min(fewest, len(service.worker_pids()))
            time.sleep(0.05)
        assert [answer.result() for answer in answers] == [(200, "done")] * 3
    assert (fewest, len(service.worker_pids())) == (2, 2)


def established(service: GunicornService) -> set[int]:
    """Return the workers that have accepted a request."""
    return {
        pid
        for pid in service.worker_pids()
        for connection in psutil.Process(pid).net_connections("tcp")
        if connection.status == psutil.CONN_ESTABLISHED
    }


def test_a_change_of_mind_calls_the_worker_back(start: Start, touchpoint: GunicornTouchpoint) -> None:
    """By signals: 3, then at once 2 again before the third is there, ends at 2."""
    service = start(name="mind", workers=2, extra=BY_SIGNALS)
    plugin = found(touchpoint, service)
    wait_for(lambda: workers_knob(touchpoint, plugin).value == 2)
    touchpoint.turn(plugin, "workers", 3)

    def called_back() -> bool:
        touchpoint.turn(plugin, "workers", 2)
        return "Handling signal: ttou" in service.log and len(service.worker_pids()) == 2

    wait_for(called_back)


# What setproctitle does, done by hand: the command line in the process's own memory is overwritten.
TITLED_CONFIG = """
import psutil._psutil_linux  # a compiled module, as setproctitle is one
def _title(text):
    fields = open("/proc/self/stat").read().rpartition(")")[2].split()
    begin, end = int(fields[45]), int(fields[46])
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(begin)
        memory.write(text.encode().ljust(end - begin, b"\\0"))
def when_ready(server):
    _title("gunicorn: master [NAME]")
def post_fork(server, worker):
    _title("gunicorn: worker [NAME]")
workers = 2
threads = 3
timeout = 77
"""


@pytest.mark.parametrize(("name", "extra"), [("disguised", ()), ("signalled", BY_SIGNALS)])
def test_a_process_title_does_not_hide_a_service(
    start: Start, touchpoint: GunicornTouchpoint, name: str, extra: tuple[str, ...]
) -> None:
    """With setproctitle the command line is gone; name, bind and workers are found all the same, and from a control
    socket the class. Nothing is written, since the hidden command line may win over the file.
    """
    service = start(config=TITLED_CONFIG.replace("NAME", name), workers=2, extra=extra)
    plugin = found(touchpoint, service)
    assert (plugin.plugin_id, plugin.address["name"]) == (name, name)
    wait_for(lambda: touchpoint.pool(plugin).workers == 2)
    if not extra:
        assert (touchpoint.pool(plugin).kind, touchpoint.pool(plugin).threads) == ("gthread", 3)
    turn_all_the_way(touchpoint, plugin, 3)
    assert not touchpoint.persist(plugin, "workers", 3)
