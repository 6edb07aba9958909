"""The uvicorn touchpoint keeps the promises that every touchpoint makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.uvicorn import UvicornTouchpoint
from tests.gunicorn_service import wait_for
from tests.uvicorn_service import start_uvicorn

pytestmark = pytest.mark.live
NOBODY = Plugin("nobody", "uvicorn", {"app": "nobody:app", "bind": "127.0.0.1:1"})


class TestWorkers(TouchpointContract):
    """Workers of a supervisor, by one signal after the other."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        with start_uvicorn(tmp_path / "orders", workers=2) as service:
            touchpoint = UvicornTouchpoint(tmp_path / "home")
            bind = f"127.0.0.1:{service.port}"
            wait_for(lambda: bind in {plugin.address["bind"] for plugin in touchpoint.discover()})
            plugin = next(plugin for plugin in touchpoint.discover() if plugin.address["bind"] == bind)
            wait_for(lambda: touchpoint.pool(plugin).workers == 2)
            yield TouchpointSubject(touchpoint, plugin, "workers", 4, NOBODY, patience_seconds=150.0)
