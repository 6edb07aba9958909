"""Plugins of pluggy in a running process keep the promises that every touchpoint makes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.domain import Plugin
from plugin_optimizer.testing.touchpoint_contract import TouchpointContract, TouchpointSubject
from plugin_optimizer.touchpoints.hooks import HooksTouchpoint
from tests.gunicorn_service import wait_for

pytestmark = pytest.mark.live
FORUM = """
import time
import pluggy
from plugin_optimizer.probe import instrument_hooks, tunable
size = tunable("page_size", 10, minimum=1, maximum=100, plugin="forum.hooks.portal")
class Specifications:
    @pluggy.HookspecMarker("forum")
    def navigation(self): ...
class Portal:
    @pluggy.HookimplMarker("forum")
    def navigation(self):
        return size.value
manager = instrument_hooks(pluggy.PluginManager("forum"), host="forum")
manager.add_hookspecs(Specifications)
manager.register(Portal(), name="portal")
manager.hook.navigation()
print("ready", flush=True)
time.sleep(300)
"""
PORTAL = Plugin("forum.hooks.portal", "hooks", {"host": "forum"})
ABSENT = Plugin("forum.hooks.nobody", "hooks", {"host": "forum"})


class TestHooks(TouchpointContract):
    """A setting declared for one of them."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Iterator[TouchpointSubject]:
        source = str(Path(__file__).parents[2] / "src")
        environment = {**os.environ, "PYTHONPATH": source, "PLUGIN_OPTIMIZER_HOME": str(tmp_path / "home")}
        with subprocess.Popen([sys.executable, "-c", FORUM], stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            touchpoint = HooksTouchpoint(tmp_path / "home")
            wait_for(lambda: touchpoint.discover() == [PORTAL])
            wait_for(lambda: any(touchpoint.knobs(PORTAL)))
            yield TouchpointSubject(touchpoint, PORTAL, "page_size", 40, ABSENT, patience_seconds=150.0)
            process.kill()
