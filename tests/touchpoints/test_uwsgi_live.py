"""What is special to uWSGI: orders that wait in its books, an algorithm that owns the number, a reload that would do more."""

import os
import threading
import time
from pathlib import Path

import pytest

from plugin_optimizer.domain import Disruption, Gone, InvalidValue, Knob, Metric, Plugin, Refused, Unobservable
from plugin_optimizer.touchpoints.python_process import PythonProcessTouchpoint
from plugin_optimizer.touchpoints.uwsgi import UwsgiTouchpoint
from plugin_optimizer.touchpoints.uwsgi.backlog import waiting_connections
from tests.gunicorn_service import wait_for
from tests.uwsgi_service import HELLO, MANUAL, Crowd, UwsgiService, start_uwsgi

pytestmark = pytest.mark.live

PROBED = """
from plugin_optimizer.probe import instrument, tunable

limit = tunable("limit", 10, minimum=1, maximum=50)
app = instrument(app, plugin="shop-probed")
"""


def found(touchpoint: UwsgiTouchpoint, service: UwsgiService) -> Plugin:
    return next(p for p in touchpoint.discover() if p.address["bind"].endswith(f":{service.port}"))


def knob(touchpoint: UwsgiTouchpoint, plugin: Plugin, name: str) -> Knob | None:
    """Return a knob as soon as it can be told, None where it is not offered."""
    told: list[Knob] = []

    def look() -> bool:
        try:
            told[:] = touchpoint.knobs(plugin)
        except Unobservable:
            return False
        return True

    wait_for(look, 120.0, f"{name} could not be told")
    return next((each for each in told if each.name == name), None)


def go(touchpoint: UwsgiTouchpoint, plugin: Plugin, name: str, to: int) -> None:
    """Turn step by step until it is seen, as the engine does."""

    def there() -> bool:
        if (each := knob(touchpoint, plugin, name)) is not None and each.value == to:
            return True
        touchpoint.turn(plugin, name, to)
        return False

    wait_for(there, 150.0, f"{name} did not come to {to}")


def test_a_service_is_named_by_its_application_and_measured(tmp_path: Path) -> None:
    """Found without configuration; workers, requests, their time and busyness told by uWSGI, the queue by the kernel."""
    with start_uwsgi(tmp_path / "shop") as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        assert plugin.plugin_id.startswith("orders_api")
        assert plugin.address["app"] == "orders_api:app"
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        touchpoint.sense(plugin, time.time())
        with Crowd(service, clients=4, path="/nap/0.2") as crowd:
            wait_for(lambda: len(crowd.answers) >= 8)
            values = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
            assert values[Metric.WORKERS] == 2 == len(service.children())
            assert values[Metric.MEMORY_BYTES] > 5e6
            assert values[Metric.REQUESTS] >= 8
            assert values[Metric.SERVICE_TIME_SECONDS] >= 0.2
            assert values[Metric.BUSY_RATIO] > 0.5
            wait_for(lambda: (waiting_connections(service.pid) or 0) >= 1, what="four ask, and two are served")
        assert not crowd.failures
        wait_for(lambda: waiting_connections(service.pid) == 0)
        assert Metric.ERROR_RATIO not in values


def test_growing_and_shrinking_under_load_loses_no_request(tmp_path: Path) -> None:
    """One worker more or less at a time, those that serve are not taken away, and each is a real process."""
    with start_uwsgi(tmp_path / "shop") as service, Crowd(service, pause_seconds=0.1) as crowd:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        for to in (5, 1, 3):
            go(touchpoint, plugin, "workers", to)
            assert len(service.children()) == to
        wait_for(lambda: len(crowd.answers) > 50)
    assert not crowd.failures


def test_many_orders_are_one_step(tmp_path: Path) -> None:
    """The master adds up what it is told: an order is given once until it shows."""
    with start_uwsgi(tmp_path / "shop") as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        for _ in range(10):
            touchpoint.turn(plugin, "workers", 3)
        wait_for(lambda: len(service.children()) == 3)
        time.sleep(3.0)
        assert len(service.children()) == 3


def test_an_order_that_waits_for_an_idle_worker_can_be_taken_back(tmp_path: Path) -> None:
    """While all are busy nobody goes; once the old number is wanted again nobody goes later either."""
    with start_uwsgi(tmp_path / "shop") as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        answers: list[str] = []
        threads = [threading.Thread(target=lambda: answers.append(service.get("/nap/8"))) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_for(lambda: touchpoint.sense(plugin, time.time()) and _busy(touchpoint, plugin) == 1.0)
        before = set(service.children())
        touchpoint.turn(plugin, "workers", 1)
        time.sleep(3.0)
        assert set(service.children()) == before
        touchpoint.turn(plugin, "workers", 2)
        for thread in threads:
            thread.join()
        assert [answer[:5] for answer in answers] == ["hello"] * 2
        time.sleep(3.0)
        assert set(service.children()) == before


def _busy(touchpoint: UwsgiTouchpoint, plugin: Plugin) -> float:
    values = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
    return values.get(Metric.BUSY_RATIO, 0.0)


def test_what_is_kept_survives_a_restart(tmp_path: Path) -> None:
    """`cheaper-initial` is how many workers it starts with; nothing else of the ini file changes. The restart is another life."""
    with start_uwsgi(tmp_path / "shop") as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin, before = found(touchpoint, service), service.ini.read_text()
        life = touchpoint.incarnation(plugin)
        go(touchpoint, plugin, "workers", 4)
        assert touchpoint.incarnation(plugin) == life
        assert touchpoint.persist(plugin, "workers", 4)
        assert service.ini.read_text() == before.replace("cheaper-initial = 2", "cheaper-initial = 4")
        service.restart()
        wait_for(lambda: len(service.children()) == 4)
        assert touchpoint.incarnation(plugin) != life
        each = knob(touchpoint, plugin, "workers")
        assert each is not None
        assert each.value == 4


def test_a_reload_brings_one_setting_and_nothing_else(tmp_path: Path) -> None:
    """Threads there and back, read back from the slots its workers really have; the number of workers that was kept stays."""
    lines = (*MANUAL, "threads = 2")
    with start_uwsgi(tmp_path / "shop", lines) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin, before = found(touchpoint, service), service.ini.read_text()
        go(touchpoint, plugin, "workers", 3)
        each = knob(touchpoint, plugin, "workers")
        assert each is not None
        assert each.disruption is Disruption.RESTART  # with threads even one worker less may drop a request
        with pytest.raises(Refused, match="Keep the number first"):
            touchpoint.turn(plugin, "threads", 4)
        assert service.ini.read_text() == before
        touchpoint.persist(plugin, "workers", 3)
        life = touchpoint.incarnation(plugin)
        with Crowd(service) as crowd:
            wait_for(lambda: len(crowd.answers) > 20)
            go(touchpoint, plugin, "threads", 4)
            assert touchpoint.pool(plugin).threads == 4
            assert touchpoint.incarnation(plugin) != life
            go(touchpoint, plugin, "threads", 2)
            answered = len(crowd.answers)
            wait_for(lambda: len(crowd.answers) > answered + 20)
        assert len(crowd.failures) < len(crowd.answers) / 10  # uWSGI drops what it accepts at that very moment
        assert len(service.children()) == 3
        assert service.ini.read_text() == before.replace("cheaper-initial = 2", "cheaper-initial = 3")


def test_time_limits_and_recycling_are_turned_by_a_reload(tmp_path: Path) -> None:
    """`max-requests` from none to one: workers are replaced, which is no restart; a time limit that ends one is."""
    with start_uwsgi(tmp_path / "shop", ("processes = 1", "harakiri = 2")) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        each = knob(touchpoint, plugin, "harakiri")
        assert each is not None
        assert (each.value, each.needed, each.kind) == (2, 2.0, "time_limit")
        assert each.disruption is Disruption.RESTART
        go(touchpoint, plugin, "max-requests", 5)
        first = service.get().rpartition(" ")[2]
        touchpoint.sense(plugin, time.time())
        wait_for(lambda: service.answers() and service.get().rpartition(" ")[2] != first)
        assert _restarts(touchpoint, plugin) == 0
        with pytest.raises(OSError):  # noqa: PT011 - however the connection ends that nobody answers any more
            service.get("/nap/30")
        wait_for(service.answers)
        assert _restarts(touchpoint, plugin) == 1


def _restarts(touchpoint: UwsgiTouchpoint, plugin: Plugin) -> float:
    return {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}[Metric.RESTARTS]


def test_a_reload_that_would_bring_more_is_refused(tmp_path: Path) -> None:
    """Newer code, a file that somebody changed: nothing is written and nothing reloads."""
    with start_uwsgi(tmp_path / "shop", ("processes = 2",)) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        assert knob(touchpoint, plugin, "workers") is not None
        code, workers = service.folder / "orders_api.py", set(service.children())
        old = code.read_text()
        code.write_text("raise RuntimeError('broken')")
        os.utime(code, (time.time() + 5, time.time() + 5))
        with pytest.raises(Refused, match="newer than the workers"):
            touchpoint.turn(plugin, "workers", 3)
        code.write_text(old)
        os.utime(code, (1, 1))
        changed = service.ini.read_text() + "buffer-size = 8192\n"
        service.ini.write_text(changed)
        with pytest.raises(Refused, match="changed after the uWSGI"):
            touchpoint.turn(plugin, "workers", 3)
        assert service.ini.read_text() == changed
        assert set(service.children()) == workers
        fresh = UwsgiTouchpoint(tmp_path / "home")  # one that did not see what it began with
        os.utime(service.ini, (time.time() + 5, time.time() + 5))
        assert "changed after it was started" in fresh.not_offered(found(fresh, service))["workers"]


def test_a_file_that_would_end_it_is_never_written(tmp_path: Path) -> None:
    """uWSGI ends where `cheaper` is not below `processes`: the bounds leave no way there."""
    with start_uwsgi(tmp_path / "shop", ("processes = 4", "cheaper = 2", "cheaper-initial = 2")) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        most, least = knob(touchpoint, plugin, "processes"), knob(touchpoint, plugin, "cheaper")
        assert most is not None
        assert least is not None
        assert (most.minimum, least.maximum) == (3, 3)
        with pytest.raises(InvalidValue):
            touchpoint.turn(plugin, "processes", 2)
        assert "spare owns" in touchpoint.not_offered(plugin)["workers"]
        with pytest.raises(Refused, match="spare owns"):
            touchpoint.turn(plugin, "workers", 3)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((*MANUAL, "master-fifo = none"), "--master-fifo"),
        (("master = none", "processes = 1", "master-fifo = none"), "without a master"),
        (("processes = 2", "exit-on-reload = true"), "exit-on-reload"),
        (("processes = 2", "touch-reload = shop.ini"), "by itself"),
    ],
)
def test_what_cannot_be_turned_says_why(tmp_path: Path, lines: tuple[str, ...], reason: str) -> None:
    """And an order for it changes nothing: it answers on with the same processes."""
    with start_uwsgi(tmp_path / "shop", lines) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        assert reason in touchpoint.not_offered(plugin)["workers"]
        before = service.children()
        with pytest.raises(Refused, match=reason):
            touchpoint.turn(plugin, "workers", 3)
        assert service.children() == before
        assert service.answers()


def test_without_an_ini_file_a_fixed_number_is_told_and_not_turned(tmp_path: Path) -> None:
    """The command line wins over any file; the three lines that would let it be turned are named."""
    arguments = ("--processes", "2")
    with start_uwsgi(tmp_path / "shop", ("processes = none",), arguments=arguments) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        why = touchpoint.not_offered(plugin)["workers"]
        assert "its command line sets processes" in why
        assert "cheaper-algo = manual" in why
        assert [message.code for message in touchpoint.unlocks(plugin)] == ["unlock_uwsgi_workers"]


def test_workers_are_told_from_other_processes(tmp_path: Path) -> None:
    """A mule has the same command line: the stats server tells who is a worker, and without it nobody is counted."""
    with start_uwsgi(tmp_path / "shop", (*MANUAL, "mule = true")) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        wait_for(lambda: len(service.children()) == 3)
        each = knob(touchpoint, plugin, "workers")
        assert each is not None
        assert each.value == 2
    with start_uwsgi(tmp_path / "mute", (*MANUAL, "mule = true", "stats = none")) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = found(touchpoint, service)
        with pytest.raises(Unobservable, match="--stats"):
            touchpoint.knobs(plugin)
        assert Metric.WORKERS not in {sample.metric for sample in touchpoint.sense(plugin, 1.0)}
        assert "unlock_uwsgi_stats" in [message.code for message in touchpoint.unlocks(plugin)]


def test_a_stats_server_on_a_socket_or_over_http_is_asked_as_well(tmp_path: Path) -> None:
    """All three ways in which it can listen."""
    socket_lines = (*MANUAL, f"stats = {tmp_path}/stats.sock")
    for place, lines in (("socket", socket_lines), ("http", (*MANUAL, "stats-http = true"))):
        with start_uwsgi(tmp_path / place, lines) as service:
            touchpoint = UwsgiTouchpoint(tmp_path / "home")
            plugin = found(touchpoint, service)
            touchpoint.sense(plugin, time.time())
            service.get()
            values = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
            assert values[Metric.REQUESTS] >= 1


def test_what_its_application_declared_is_turned_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a probe in the workers the service has the probe's name, and no other touchpoint claims it."""
    home = tmp_path / "home"
    monkeypatch.setenv("PLUGIN_OPTIMIZER_HOME", str(home))
    app = f"{HELLO}\n{PROBED}"
    paths = (f"chdir = {tmp_path / 'shop'}", f"pythonpath = {Path(__file__).parents[2] / 'src'}")
    with start_uwsgi(tmp_path / "shop", (*MANUAL, "enable-threads = true", *paths), app) as service:
        service.get()
        wait_for(lambda: found(UwsgiTouchpoint(home), service).plugin_id == "shop-probed")  # once it has reported
        touchpoint = UwsgiTouchpoint(home)
        plugin = found(touchpoint, service)
        go(touchpoint, plugin, "limit", 12)
        assert touchpoint.persist(plugin, "limit", 12)
        assert "shop-probed" not in {p.plugin_id for p in PythonProcessTouchpoint(home).discover()}


def test_a_service_that_ended_is_gone(tmp_path: Path) -> None:
    """And its FIFO is nobody's any more."""
    touchpoint = UwsgiTouchpoint(tmp_path / "home")
    with start_uwsgi(tmp_path / "shop") as service:
        plugin = found(touchpoint, service)
    with pytest.raises(Gone):
        touchpoint.turn(plugin, "workers", 3)
