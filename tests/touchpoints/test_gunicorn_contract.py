"""The gunicorn touchpoint keeps the promises that every touchpoint makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint
from tests.gunicorn_service import start_gunicorn, wait_for

pytestmark = pytest.mark.live
NOBODY = Plugin("nobody", "gunicorn", {"name": "nobody", "bind": "127.0.0.1:1"})
TUNABLE_APP = """
from plugin_optimizer.probe import instrument, tunable
size = tunable("batch_size", 10, minimum=1, maximum=100, plugin="contract")
def app(environ, start_response):
    start_response("200 OK", [])
    return [str(size.value).encode()]
app = instrument(app, plugin="contract")
"""


def subject_in(tmp_path: Path, knob: str, elsewhere: float, **settings: object) -> Iterator[TouchpointSubject]:
    root = Path(__file__).parents[2]
    environment = {"PYTHONPATH": str(root / "src"), "PLUGIN_OPTIMIZER_HOME": str(tmp_path / "home")}
    with start_gunicorn(tmp_path, TUNABLE_APP, env=environment, **settings) as service:  # type: ignore[arg-type]
        touchpoint = GunicornTouchpoint(tmp_path / "home")
        bind = f"127.0.0.1:{service.port}"
        wait_for(
            lambda: (
                {"contract": bind}.items() <= {p.plugin_id: p.address["bind"] for p in touchpoint.discover()}.items()
            )
        )
        plugin = next(plugin for plugin in touchpoint.discover() if plugin.address["bind"] == bind)
        subject = TouchpointSubject(touchpoint, plugin, knob, elsewhere, NOBODY, patience_seconds=150.0)
        wait_for(lambda: any(found.name == knob for found in touchpoint.knobs(plugin)))
        wait_for(lambda: touchpoint.pool(plugin).workers == settings["workers"])
        yield subject


class TestByControlSocket(TouchpointContract):
    """Workers, kept in a config file."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "workers", 3, config="workers = 1\n", workers=1)


class TestBySignals(TouchpointContract):
    """Workers that the command line sets, without a control socket."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "workers", 3, workers=1, extra=("--no-control-socket",))


class TestTunable(TouchpointContract):
    """A knob inside the application, in all of its processes."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "batch_size", 50, workers=2)


class TestThreads(TouchpointContract):
    """Threads of a service with two workers, changed by a reload; the master shows what is in force."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        config = "workers = 2\nworker_class = 'gthread'\nthreads = 2\ngraceful_timeout = 5\n"
        yield from subject_in(tmp_path, "threads", 5, config=config, workers=2)


class TestThreadsWithoutControlSocket(TouchpointContract):
    """The same where only the probes in the workers tell what is in force."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        config = "worker_class = 'gthread'\nthreads = 4\n"
        yield from subject_in(tmp_path, "threads", 2, config=config, workers=1, extra=("--no-control-socket",))


class TestTimeout(TouchpointContract):
    """The time after which a silent worker is aborted; the config file does not set it at first."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "timeout", 60, config="workers = 1\n", workers=1)


class TestKeepAlive(TouchpointContract):
    """How long threads keep an idle connection."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "keepalive", 5, config="threads = 2\nkeepalive = 3\n", workers=1)
