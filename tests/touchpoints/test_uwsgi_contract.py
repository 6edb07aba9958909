"""The uWSGI touchpoint keeps the promises that every touchpoint makes."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.uwsgi import UwsgiTouchpoint
from tests.gunicorn_service import wait_for
from tests.uwsgi_service import MANUAL, start_uwsgi

pytestmark = pytest.mark.live
NOBODY = Plugin("nobody", "uwsgi", {"app": "nobody:app", "bind": "127.0.0.1:1"})


def subject_in(
    tmp_path: Path, lines: Sequence[str], workers: int, knob: str, elsewhere: float
) -> Iterator[TouchpointSubject]:
    with start_uwsgi(tmp_path / "shop", lines) as service:
        touchpoint = UwsgiTouchpoint(tmp_path / "home")
        bind = f"127.0.0.1:{service.port}"
        plugin = next(plugin for plugin in touchpoint.discover() if plugin.address["bind"] == bind)
        wait_for(lambda: touchpoint.pool(plugin).workers == workers)
        yield TouchpointSubject(touchpoint, plugin, knob, elsewhere, NOBODY, patience_seconds=150.0)


class TestWorkersByFifo(TouchpointContract):
    """Workers within `cheaper` and `processes`, one byte after the other."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, MANUAL, 2, "workers", 4)


class TestWorkersByReload(TouchpointContract):
    """A fixed number of workers, by ini file and reload."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, ("processes = 2",), 2, "workers", 4)


class TestThreads(TouchpointContract):
    """Threads of each worker, by ini file and reload."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, ("processes = 1", "threads = 2"), 1, "threads", 4)


class TestBoundsOfAnAlgorithm(TouchpointContract):
    """How many workers the algorithm that owns their number may start."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, ("processes = 4", "cheaper = 1", "cheaper-initial = 1"), 1, "processes", 6)
