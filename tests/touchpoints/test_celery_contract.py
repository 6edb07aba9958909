"""The Celery touchpoint keeps the promises that every touchpoint makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.celery import CeleryTouchpoint
from tests.celery_service import redis_server, start_celery

pytestmark = pytest.mark.live
NOBODY = Plugin("nobody", "celery", {"node": "nobody@nowhere", "app": "nothing"})


def subject_in(tmp_path: Path, knob: str, elsewhere: float, *extra: str) -> Iterator[TouchpointSubject]:
    with redis_server(tmp_path) as url, start_celery(tmp_path, f"{url}/0", *extra) as worker:
        touchpoint = CeleryTouchpoint(tmp_path / "home")
        plugin = next(found for found in touchpoint.discover() if found.address["pid"] == str(worker.pid))
        yield TouchpointSubject(touchpoint, plugin, knob, elsewhere, NOBODY, patience_seconds=120.0)


class TestWorkers(TouchpointContract):
    """Processes of a prefork pool."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "workers", 3, "-c", "1")


class TestAutoscaleMax(TouchpointContract):
    """How many processes an autoscaler may start."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "autoscale_max", 4, "--autoscale=2,1")


class TestRateLimit(TouchpointContract):
    """How many tasks of a kind may begin in a minute; 0 means any number."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "rate_limit.tasks.nap", 30, "-c", "1")
