"""What `instrument_hooks` promises to a plugin manager and to the record."""

import time
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest

from plugin_optimizer.monitor.probe_source import ProbeSource
from plugin_optimizer.probe import channel, instrument_hooks, registry
from plugin_optimizer.touchpoints.hooks import HooksTouchpoint
from plugin_optimizer.touchpoints.python_process import PythonProcessTouchpoint

SPEC, HOOK = pluggy.HookspecMarker("forum"), pluggy.HookimplMarker("forum")


class Specifications:
    @SPEC
    def navigation(self, user: str) -> str: ...


class Portal:
    @HOOK
    def navigation(self, user: str) -> str:
        time.sleep(0.02)
        return f"portal of {user}"


class Conversations:
    @HOOK
    def navigation(self, user: str) -> str:
        if user == "nobody":
            raise LookupError("no such user")
        began = time.thread_time()
        while time.thread_time() - began < 0.01:
            pass
        return "messages"


class Timer:
    @HOOK(hookwrapper=True)
    def navigation(self) -> Generator[None, Any, None]:
        yield


@pytest.fixture
def host(request: pytest.FixtureRequest) -> str:
    return channel.plugin_name(request.node.name[-30:])


@pytest.fixture
def manager(tmp_path: Path, host: str) -> pluggy.PluginManager:
    made = pluggy.PluginManager("forum")
    made.add_hookspecs(Specifications)
    made.register(Portal(), name="portal")
    made.register(Timer(), name="timer")
    return instrument_hooks(made, host=host, home=tmp_path)


def read(home: Path, plugin: str) -> Any:
    registry.named(plugin).turn()
    return ProbeSource(home).read(plugin)


def test_each_plugin_has_its_own_calls_also_those_that_register_later(
    manager: pluggy.PluginManager, host: str, tmp_path: Path
) -> None:
    """What hooks answer is unchanged; time, CPU and the name of the hook are on record, wrappers left alone."""
    manager.register(Conversations(), name="conversations")
    for _ in range(3):
        assert manager.hook.navigation(user="ann") == ["messages", "portal of ann"]
    portal, talk = (read(tmp_path, f"{host}.hooks.{name}") for name in ("portal", "conversations"))
    assert (len(portal), len(talk)) == (3, 3)
    assert portal.wall.min() >= 0.02
    assert talk.cpu.mean() == pytest.approx(0.01, rel=0.1)
    assert portal.cpu.mean() < 0.002
    (kind,) = ProbeSource(tmp_path).attributes(f"{host}.hooks.portal").values()
    assert dict(kind.values) == {"method": "HOOK", "route": "navigation"}
    assert len(read(tmp_path, f"{host}.hooks.timer")) == 0


def test_a_hook_that_raises_still_raises_and_is_an_error_of_its_plugin(
    manager: pluggy.PluginManager, host: str, tmp_path: Path
) -> None:
    """With its kind, at its plugin only."""
    manager.register(Conversations(), name="conversations")
    with pytest.raises(LookupError, match="no such user"):
        manager.hook.navigation(user="nobody")
    trace = read(tmp_path, f"{host}.hooks.conversations")
    assert trace.status.tolist() == [500]
    (group,) = ProbeSource(tmp_path).errors(f"{host}.hooks.conversations")
    assert (group.exception, group.fingerprint) == ("LookupError", trace.error[0])
    assert ProbeSource(tmp_path).errors(f"{host}.hooks.portal") == []


def test_instrumenting_twice_counts_once(manager: pluggy.PluginManager, host: str, tmp_path: Path) -> None:
    """Whoever instruments again, or registers something else, wraps nothing a second time."""
    instrument_hooks(manager, host=host, home=tmp_path)
    manager.register(SimpleNamespace(), name="empty")
    manager.hook.navigation(user="ann")
    assert len(read(tmp_path, f"{host}.hooks.portal")) == 1


def test_they_are_found_as_plugins_inside_their_host(manager: pluggy.PluginManager, host: str, tmp_path: Path) -> None:
    """Of the touchpoint `hooks`, and of no other."""
    manager.hook.navigation(user="ann")
    registry.named(f"{host}.hooks.portal").turn()
    (plugin,) = HooksTouchpoint(tmp_path).discover()
    assert (plugin.plugin_id, plugin.address) == (f"{host}.hooks.portal", {"host": host})
    assert PythonProcessTouchpoint(tmp_path).discover() == []
