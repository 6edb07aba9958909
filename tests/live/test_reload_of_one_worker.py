"""A service with one worker that is reloaded while that one is still busy: two generations are not two workers."""

import signal
import threading
import time
from pathlib import Path

import pytest

from plugin_optimizer.domain import Unobservable
from plugin_optimizer.touchpoints.gunicorn.count import MIXED_STANDS_SECONDS, Counting
from plugin_optimizer.touchpoints.gunicorn.process import Master, master_at
from tests.gunicorn_service import GunicornService, start_gunicorn

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

BUSY_SECONDS = 1.8
SLOW_APP = f"""
import time

def app(environ, start_response):
    time.sleep({BUSY_SECONDS} if environ["PATH_INFO"] == "/slow" else 0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""


def test_an_old_worker_that_takes_its_time_to_go_is_not_counted(tmp_path: Path) -> None:
    """However often it is reloaded while a request of almost two seconds is under way, one worker is told and never two."""
    with start_gunicorn(tmp_path, SLOW_APP, workers=1, name="one", extra=("--no-control-socket",)) as service:
        master, counting = master_at(service.master_pid), Counting()
        assert len(counting.workers("one", master)) == 1
        for _ in range(3):
            assert told_in_a_reload(service, counting, master) <= {1, None}
            service.wait_for_workers(1)


def test_a_worker_that_was_added_is_told_soon(tmp_path: Path) -> None:
    """From one to two it takes the seconds that two generations may last, and not much more."""
    with start_gunicorn(tmp_path, SLOW_APP, workers=1, name="one", extra=("--no-control-socket",)) as service:
        master, counting = master_at(service.master_pid), Counting()
        assert len(counting.workers("one", master)) == 1
        service.signal(signal.SIGTTIN)
        service.wait_for_workers(2)
        begun = time.monotonic()
        while told(counting, master) != 2:
            assert time.monotonic() - begun < MIXED_STANDS_SECONDS + 3.0


def told_in_a_reload(service: GunicornService, counting: Counting, master: Master) -> set[int | None]:
    """Reload while a slow request is served; return everything that is told until the old worker has gone."""
    asking = threading.Thread(target=service.get, args=("/slow",))
    asking.start()
    time.sleep(0.3)  # the worker has taken it
    begun, said = time.monotonic(), set()
    service.signal(signal.SIGHUP)
    while time.monotonic() - begun < BUSY_SECONDS + 1.0:
        said.add(told(counting, master))
    asking.join()
    return said


def told(counting: Counting, master: Master) -> int | None:
    try:
        return len(counting.workers("one", master))
    except Unobservable:
        return None
