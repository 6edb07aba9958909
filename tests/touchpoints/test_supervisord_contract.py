"""The supervisord touchpoint keeps the promises that every touchpoint makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.supervisord import SupervisordTouchpoint
from tests.gunicorn_service import wait_for
from tests.supervisord_service import start_supervisord

pytestmark = pytest.mark.live
NOBODY = Plugin("nobody", "supervisord", {"group": "nobody", "url": "unix:///nowhere.sock"})


class TestProcesses(TouchpointContract):
    """Two processes of the group's own, and two more beside it."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        with start_supervisord(tmp_path / "s") as service:
            touchpoint = SupervisordTouchpoint()
            wanted = (service.rpc.url, "tasks")
            plugin = next(p for p in touchpoint.discover() if (p.address["url"], p.address["group"]) == wanted)
            wait_for(lambda: touchpoint.pool(plugin).workers == 2)
            yield TouchpointSubject(touchpoint, plugin, "processes", 4, NOBODY, patience_seconds=150.0)
