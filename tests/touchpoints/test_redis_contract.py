"""The Redis touchpoint keeps the promises that every touchpoint makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.redis import RedisTouchpoint
from tests.redis_service import MEBIBYTE, start_redis

pytestmark = pytest.mark.live
NOBODY = Plugin("nobody", "redis", {"url": "redis://127.0.0.1:1"})


def subject_in(tmp_path: Path, *arguments: str, config: str | None = None) -> Iterator[TouchpointSubject]:
    with start_redis(tmp_path, *arguments, config=config) as service:
        service.fill(200)
        touchpoint = RedisTouchpoint()
        (plugin,) = (found for found in touchpoint.discover() if found.address["url"] == service.url)
        yield TouchpointSubject(touchpoint, plugin, "maxmemory", 64 * MEBIBYTE, NOBODY)


class TestWithConfigFile(TouchpointContract):
    """The size of a cache that has a file to keep it in."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, config="maxmemory 32mb\nmaxmemory-policy allkeys-lru\n")


class TestWithoutConfigFile(TouchpointContract):
    """The size of a cache that loses it at its restart."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        yield from subject_in(tmp_path, "--maxmemory", "32mb", "--maxmemory-policy", "allkeys-lru")


class TestOverSocket(TouchpointContract):
    """A server that listens on a Unix socket alone."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        path = tmp_path / "r.sock"
        with start_redis(tmp_path, "--maxmemory", "32mb", "--unixsocket", str(path)) as service:
            plugin = Plugin("sessions", "redis", {"url": f"unix://{path}"})
            service.fill(200)
            yield TouchpointSubject(RedisTouchpoint((plugin,)), plugin, "maxmemory", 64 * MEBIBYTE, NOBODY)
