"""The curve of a cache that is a server of its own: what the API tells of other memory limits, and why where it tells none."""

from dataclasses import dataclass, field, replace

import pytest
from web.conftest import Api
from web.small_system import NOW, SmallSystem, add_plugin, offer, proposal

from plugin_optimizer.domain import CacheServer, Change, HitPoint, Knob, Plugin, PluginStatus, Unobservable
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

MEBIBYTE = 1 << 20
PLUGIN = Plugin("sessions", "redis")
SIZE = Knob("maxmemory", 10 * MEBIBYTE, 1 * MEBIBYTE, 64 * MEBIBYTE, unit="bytes", step=MEBIBYTE, kind="cache_size")
CURVE = tuple(
    HitPoint(entries, hits, hits, hits)
    for entries, hits in ((10_000, 0.65), (20_000, 0.8), (40_000, 0.92), (60_000, 0.95))
)
SERVER = CacheServer(
    knob="maxmemory", policy="allkeys-lru", limit_bytes=10 * MEBIBYTE, used_bytes=10 * MEBIBYTE, empty_bytes=MEBIBYTE,
    entries=10_000, entry_bytes=900.0, expiring_ratio=0.0, curve=CURVE, hit_ratio=0.65, known_entries=60_000.0,
    misses_per_second=100.0, model_error_ratio=0.03, sampled_keys=1_024, recorded_seconds=300.0,
)  # fmt: skip


@dataclass(slots=True)
class CacheTouchpoint(SimulatedTouchpoint):
    """A simulated server that says of itself what a cache says; None where it cannot be read."""

    server: CacheServer | None = field(default=SERVER)

    def cache_server(self, plugin: Plugin) -> CacheServer:
        if self.server is None:
            raise Unobservable(f"{plugin.plugin_id} does not answer")
        return self.server


@pytest.fixture
def touchpoint(system: SmallSystem) -> CacheTouchpoint:
    """One cache server that the API knows, and its touchpoint."""
    system.state.save_plugin(PLUGIN, PluginStatus.ACTIVE, NOW - 3600)
    system.known_knobs["sessions"] = (SIZE,)
    made = CacheTouchpoint({"sessions": SimulatedPlugin(PLUGIN, {"maxmemory": SIZE})}, "redis")
    system.touchpoints["redis"] = made
    return made


def test_larger_limits_are_told_with_their_hit_ratio(
    system: SmallSystem, touchpoint: CacheTouchpoint, viewer: Api
) -> None:
    """From the present limit on, ascending, the counted hit ratio first; `enough` comes within a point of the best."""
    found = viewer.get("/plugins/sessions/curves").json
    curve = found["cache_server"]
    assert found["cache_server_why_not"] is None
    assert (curve["knob"], curve["present_bytes"], curve["suggested_bytes"]) == ("maxmemory", 10 * MEBIBYTE, None)
    sizes = [point["size_bytes"] for point in curve["points"]]
    assert sizes == sorted(set(sizes))
    assert (sizes[0], curve["most_bytes"]) == (10 * MEBIBYTE, 64 * MEBIBYTE)
    first, *larger = curve["points"]
    assert first["low"] == first["hit_ratio"] == first["high"]
    assert first["hit_ratio"] == pytest.approx(0.65, abs=0.02)
    assert all(point["low"] < point["hit_ratio"] <= point["high"] for point in larger)
    enough = next(point for point in curve["points"] if point["size_bytes"] == curve["enough_bytes"])
    assert enough["hit_ratio"] >= 0.94
    assert touchpoint.plugins["sessions"].effects == []


def test_the_suggested_limit_stands_on_the_curve(system: SmallSystem, touchpoint: CacheTouchpoint, viewer: Api) -> None:
    """An open suggestion is a point of its own, wherever it lies."""
    goal = proposal().change.goal  # type: ignore[union-attr]
    offer(system, "sessions", change=Change("sessions", "maxmemory", 10 * MEBIBYTE, 15 * MEBIBYTE, goal))
    curve = viewer.get("/plugins/sessions/curves").json["cache_server"]
    assert curve["suggested_bytes"] == 15 * MEBIBYTE
    assert 15 * MEBIBYTE in [point["size_bytes"] for point in curve["points"]]
    assert touchpoint.server == SERVER


@pytest.mark.parametrize(
    ("server", "code"),
    [
        (replace(SERVER, curve=(), curve_missing="cache_not_lru"), "cache_not_lru"),
        (replace(SERVER, curve=(), curve_missing="cache_keys_not_seen"), "cache_keys_elsewhere"),
        (replace(SERVER, model_error_ratio=0.4), "model_not_valid"),
    ],
)
def test_without_a_curve_it_says_why(
    system: SmallSystem, touchpoint: CacheTouchpoint, viewer: Api, server: CacheServer, code: str
) -> None:
    """What the server cannot tell, what another process knows, what the model gets wrong: each in words."""
    touchpoint.server = server
    found = viewer.get("/plugins/sessions/curves?lang=en").json
    assert (found["cache_server"], found["cache_server_why_not"]["code"]) == (None, code)
    assert found["cache_server_why_not"]["text"] != code
    assert system.runner.active is False


def test_the_process_that_runs_the_turns_says_that_it_still_collects(
    system: SmallSystem, touchpoint: CacheTouchpoint, viewer: Api
) -> None:
    """There the sample is its own."""
    system.runner.active = True
    touchpoint.server = replace(SERVER, curve=(), curve_missing="cache_keys_not_seen")
    assert viewer.get("/plugins/sessions/curves").json["cache_server_why_not"]["code"] == "cache_keys_not_seen"


def test_other_plugins_are_no_cache_servers(system: SmallSystem, touchpoint: CacheTouchpoint, viewer: Api) -> None:
    """Of them nothing is said, and neither of one that cannot be read just now."""
    add_plugin(system)
    touchpoint.server = None
    for plugin_id in ("orders", "sessions"):
        found = viewer.get(f"/plugins/{plugin_id}/curves").json
        assert (found["cache_server"], found["cache_server_why_not"]) == (None, None)
