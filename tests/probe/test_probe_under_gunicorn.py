"""The probe in real gunicorn workers: records, settings that reach all of them, workers that leave in time."""

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from gunicorn_service import GunicornService, start_gunicorn, wait_for

from plugin_optimizer.domain import RequestTrace
from plugin_optimizer.monitor.probe_source import ProbeSource
from plugin_optimizer.probe import channel

pytestmark = pytest.mark.live

PLUGIN = "orders"
TICK_SECONDS = 0.02  # the kernel tells the age of the last data by its own ticks, of 10 ms at most
SOURCE = Path(__file__).resolve().parents[2] / "src"
APP = """
import time
from flask import Flask
from plugin_optimizer.probe import TunableCache, instrument, tunable

app = Flask("orders")
batch = tunable("batch", 5, minimum=1, maximum=100)
menu = TunableCache("menu", 64)

@app.get("/")
def index():
    return {"batch": batch.value, "menu": menu.get_or_load("tea", lambda: 3)}

@app.get("/slow")
def slow():
    time.sleep(0.2)
    return "slow"

@app.get("/fail")
def fail():
    raise LookupError("no such order")

instrument(app)
"""
WORKER_CLASSES = [pytest.param(("--worker-class", "sync"), id="sync"), pytest.param(("--threads", "4"), id="gthread")]


def serve(tmp_path: Path, workers: int, extra: Sequence[str], home: Path | None = None) -> GunicornService:
    environment = {"PLUGIN_OPTIMIZER_HOME": str(home or tmp_path / "home"), "PYTHONPATH": str(SOURCE)}
    return start_gunicorn(tmp_path, APP, workers=workers, extra=extra, env=environment)


def read_until(source: ProbeSource, count: int) -> RequestTrace:
    """Collect what the probes write until there are `count` requests."""
    parts = [RequestTrace.empty()]

    def enough() -> bool:
        parts.append(source.read(PLUGIN))
        return sum(map(len, parts)) >= count

    wait_for(enough, what=f"{count} records")
    return RequestTrace.merge(*parts)


def values(home: Path, knob: str) -> dict[int, channel.Value]:
    """Return what each live process reports of a knob."""
    found = {report.pid: report.knob(knob) for report in channel.reports(home, PLUGIN)}
    return {pid: entry.value for pid, entry in found.items() if entry is not None}


@pytest.mark.parametrize("extra", WORKER_CLASSES)
def test_every_request_is_recorded_with_sane_values(tmp_path: Path, extra: Sequence[str]) -> None:
    """Status, times, error and process of each request are those that happened."""
    begin = time.time()
    with serve(tmp_path, 2, extra) as service:
        statuses = [service.get(path).status for path in ("/", "/", "/slow", "/fail")]
        source = ProbeSource(tmp_path / "home")
        trace = read_until(source, 4)
        assert sorted(trace.status.tolist()) == sorted(statuses) == [200, 200, 200, 500]
        assert set(trace.pid.tolist()) <= set(service.worker_pids())
        assert np.all((trace.arrival > begin) & (trace.end < time.time() + 0.1))
        assert np.all((trace.queue_wait >= 0) & (trace.queue_wait < time.time() - begin))
        assert np.all((trace.cpu > 0) & (trace.cpu + trace.run_delay <= trace.wall + 0.01))
        route_of = {context: dict(kind.values)["route"] for context, kind in source.attributes(PLUGIN).items()}
        slow = trace.where(np.array([route_of[context] == "/slow" for context in trace.context.tolist()]))
        assert len(slow) == 1
        assert slow.wall[0] >= 0.2
        assert slow.cpu[0] < 0.1
        (error,) = source.errors(PLUGIN)
        assert (error.exception, error.frames[-1]) == ("LookupError", "service_app.py:fail")
        assert set(route_of.values()) == {"/", "/slow", "/fail"}
        assert {report.server for report in source.reports(PLUGIN)} == {"gunicorn"}
        assert source.caches(PLUGIN)[0].name == "menu"


def test_the_wait_for_a_busy_worker_is_seen(tmp_path: Path) -> None:
    """Three requests of 0.2 s at once on one worker: each came when it was sent, and the last one waited for two others."""
    sent: list[tuple[float, float]] = []
    with serve(tmp_path, 1, ("--worker-class", "sync")) as service:
        service.get("/")
        source = ProbeSource(tmp_path / "home")
        read_until(source, 1)
        clients = [http.client.HTTPConnection("127.0.0.1", service.port, timeout=60) for _ in range(3)]
        for client in clients:
            before = time.time()
            client.request("GET", "/slow")
            sent.append((before, time.time()))
        assert [client.getresponse().read() for client in clients] == [b"slow"] * 3
        for client in clients:
            client.close()
        trace = read_until(source, 3)
    arrivals = np.sort(trace.arrival)
    earliest, latest = np.array(sent).T
    assert np.all((earliest - TICK_SECONDS <= arrivals) & (arrivals <= latest + TICK_SECONDS))
    assert trace.queue_wait.max() >= 0.4 - (arrivals[-1] - arrivals[0]) - 2 * TICK_SECONDS


@pytest.mark.parametrize("extra", [*WORKER_CLASSES, pytest.param(("--preload",), id="preload")])
def test_a_setting_reaches_all_workers_and_a_new_one(tmp_path: Path, extra: Sequence[str]) -> None:
    """Each process reports the value; a worker that starts later serves its first request with it."""
    home = tmp_path / "home"
    with serve(tmp_path, 3, extra) as service:
        wait_for(lambda: set(values(home, "batch")) == set(service.worker_pids()), what="a report of each worker")
        version = channel.write_setting(home, PLUGIN, "batch", 9)
        wait_for(lambda: set(values(home, "batch").values()) == {9}, what="9 everywhere")
        assert {report.version for report in channel.reports(home, PLUGIN)} == {version}
        for pid in service.worker_pids():
            os.kill(pid, signal.SIGKILL)
        assert '"batch":9' in service.get("/").text


@pytest.mark.parametrize("extra", WORKER_CLASSES)
def test_a_worker_tells_what_it_was_made_with_and_its_slowest_request(tmp_path: Path, extra: Sequence[str]) -> None:
    """Its server's numbers as they are in force, and the longest time that a request took."""
    with serve(tmp_path, 1, (*extra, "--timeout", "41")) as service:
        service.get("/slow")
        wait_for(lambda: any(r.slowest_seconds for r in channel.reports(tmp_path / "home", PLUGIN)))
        (report,) = channel.reports(tmp_path / "home", PLUGIN)
    assert report.server_numbers["timeout"] == 41
    assert report.server_numbers["threads"] == (4 if "--threads" in extra else 1)
    assert 0.2 <= report.slowest_seconds < 5.0


@pytest.mark.parametrize("extra", WORKER_CLASSES)
def test_workers_are_recycled_without_a_failed_request(tmp_path: Path, extra: Sequence[str]) -> None:
    """With max_requests set, every worker is replaced while clients notice nothing."""
    home = tmp_path / "home"
    with serve(tmp_path, 2, extra) as service:
        wait_for(lambda: len(values(home, "max_requests")) == 2, what="two reports")
        first = set(service.worker_pids())
        channel.write_setting(home, PLUGIN, "max_requests", 40)
        wait_for(lambda: set(values(home, "max_requests").values()) == {40}, what="40 everywhere")
        statuses = load(service.port, threads=3, until=lambda: not first & set(service.worker_pids()))
        assert set(statuses) == {200}
        assert len(statuses) >= 60
        service.wait_for_workers(2)
        wait_for(lambda: set(values(home, "max_requests").values()) == {40}, what="the new workers know the limit")


def load(port: int, threads: int, until: Callable[[], object]) -> list[int]:
    """Ask one request after the other on each thread until the promise is true; 0 stands for no answer."""
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                answer.read()
                statuses.append(answer.status)
            except (OSError, http.client.HTTPException):
                statuses.append(0)
            finally:
                connection.close()

    with ThreadPoolExecutor(threads) as pool:
        for _ in range(threads):
            pool.submit(ask)
        try:
            wait_for(until, what="all workers replaced")
        finally:
            enough.set()
    return statuses


def test_a_killed_workers_records_are_still_read(tmp_path: Path) -> None:
    """What was written before kill -9 is in the file; a new reader finds it."""
    with serve(tmp_path, 1, ()) as service:
        service.get("/")
        (pid,) = service.worker_pids()
        read_until(ProbeSource(tmp_path / "home"), 1)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: pid not in service.worker_pids(), what="the worker to be gone")
        assert ProbeSource(tmp_path / "home").read(PLUGIN).pid.tolist() == [pid]


def test_the_last_requests_before_a_graceful_end_are_written(tmp_path: Path) -> None:
    """A worker that ends by SIGTERM leaves its last records behind."""
    with serve(tmp_path, 1, ()) as service:
        service.get("/")
        service.get("/slow")
        (pid,) = service.worker_pids()
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: pid not in service.worker_pids(), what="the worker to be gone")
        assert len(ProbeSource(tmp_path / "home").read(PLUGIN)) == 2


def test_without_a_writable_home_the_service_serves(tmp_path: Path) -> None:
    """A home that is a file, or full, or forbidden: requests are answered, nothing is recorded."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    with serve(tmp_path, 2, ("--threads", "2"), home=blocked) as service:
        assert [service.get("/").status for _ in range(10)] == [200] * 10
        assert "Traceback" not in service.log


def test_the_master_of_a_preloaded_service_is_no_worker(tmp_path: Path) -> None:
    """Only who serves reports: the master has loaded the application, too, but is not one of its workers."""
    home = tmp_path / "home"
    with serve(tmp_path, 2, ("--preload",)) as service:
        wait_for(lambda: set(values(home, "batch")) == set(service.worker_pids()), what="a report of each worker")
        assert service.get("/").status == 200
        trace = read_until(ProbeSource(home), 1)
        assert set(trace.pid.tolist()) <= set(service.worker_pids())
        assert service.master_pid not in values(home, "batch")
