"""uWSGIs that others start, or that hide behind a title: found once, measured, and turned as far as that is safe."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plugin_optimizer.domain import Metric, Refused
from plugin_optimizer.touchpoints.uwsgi import UwsgiTouchpoint
from tests.gunicorn_service import free_port, wait_for
from tests.uwsgi_service import HELLO, MANUAL, UwsgiService, ini_of, start_uwsgi, uwsgi_program

pytestmark = pytest.mark.live


@contextmanager
def start_emperor(folder: Path) -> Iterator[UwsgiService]:
    """Run an Emperor with one vassal; yield that one. Its `pid` is the Emperor's."""
    vassals, home = folder / "vassals", folder / "shop"
    for directory in (vassals, home):
        directory.mkdir(parents=True)
    (home / "orders_api.py").write_text(HELLO)
    port = free_port()
    (vassals / "shop.ini").write_text(ini_of(home, port, MANUAL))
    with (home / "uwsgi.log").open("wb") as log:
        process = subprocess.Popen(
            [uwsgi_program(), "--emperor", str(vassals)], cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    service = UwsgiService(home, port, [], process)
    try:
        wait_for(service.answers, what=f"the vassal did not answer: {service.log[-3000:]}")
        yield service
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_vassal_is_a_service_and_its_emperor_is_none(tmp_path: Path) -> None:
    """Its workers are turned while it runs; its file, which the Emperor watches, is not written."""
    with start_emperor(tmp_path) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        found = touchpoint.discover()
        plugin = next(p for p in found if p.address["bind"] == f"127.0.0.1:{service.port}")
        assert str(service.pid) not in {p.address["pid"] for p in found}
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        knob = next(each for each in touchpoint.knobs(plugin) if each.name == "workers")
        assert (knob.value, knob.persistent) == (2, False)
        ini = tmp_path / "vassals" / "shop.ini"
        before = ini.stat()
        assert touchpoint.persist(plugin, "workers", 2) is False
        with pytest.raises(Refused, match="Emperor"):
            touchpoint.turn(plugin, "max-requests", 100)
        assert ini.stat() == before
        touchpoint.turn(plugin, "workers", 3)
        wait_for(lambda: touchpoint.pool(plugin).workers == 3)


def test_one_behind_a_title_is_found_once_and_measured(tmp_path: Path) -> None:
    """It keeps its name from one look to the next, though nothing but its sockets and its directory tell of it."""
    with start_uwsgi(tmp_path / "shop", (*MANUAL, "auto-procname = true")) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        plugin = next(p for p in touchpoint.discover() if p.address["pid"] == str(service.pid))
        again = next(p for p in touchpoint.discover() if p.address["pid"] == str(service.pid))
        assert again == plugin
        wait_for(lambda: touchpoint.pool(plugin).workers == 2)
        values = {sample.metric: sample.value for sample in touchpoint.sense(plugin, time.time())}
        assert values[Metric.WORKERS] == 2
        assert "auto-procname" in touchpoint.not_offered(plugin)["workers"]
        assert touchpoint.knobs(plugin) == []
        assert [message.code for message in touchpoint.unlocks(plugin)] == ["unlock_uwsgi_title"]
