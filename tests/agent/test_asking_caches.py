"""What a cache server tells goes through the agent unchanged."""

from dataclasses import dataclass

import msgspec

from plugin_optimizer.agent.messages import AskCache, Told
from plugin_optimizer.agent.service import Service
from plugin_optimizer.domain import CacheServer, HitPoint, Plugin
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.testing.simulated import SimulatedTouchpoint

SERVER = CacheServer(
    knob="maxmemory",
    policy="allkeys-lru",
    limit_bytes=1 << 30,
    used_bytes=1e9,
    empty_bytes=9e5,
    entries=1_000_000,
    entry_bytes=998.5,
    expiring_ratio=0.25,
    curve=(HitPoint(1_000_000, 0.7, 0.7, 0.7), HitPoint(2_000_000, 0.8, 0.82, 0.9)),
    hit_ratio=0.7,
)


@dataclass(frozen=True)
class Cache:
    """Knows one thing."""

    kind: str = "redis"

    def cache_server(self, plugin: Plugin) -> CacheServer:
        return SERVER


def asked(kind: str) -> CacheServer | None:
    service = Service({"redis": Cache(), "simulated": SimulatedTouchpoint({})}, LocalActuator())  # type: ignore[dict-item]
    answer = service.answer(AskCache(Plugin("sessions", kind)))
    assert isinstance(answer, Told)
    found: CacheServer | None = msgspec.json.decode(answer.result, type=CacheServer | None)
    return found


def test_a_cache_is_told_as_it_is() -> None:
    """Every figure and the whole curve; what is not known stays null."""
    assert asked("redis") == SERVER


def test_what_is_no_cache_says_so() -> None:
    """A touchpoint without that question answers null, not an error."""
    assert asked("simulated") is None
