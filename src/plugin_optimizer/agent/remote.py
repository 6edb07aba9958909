"""The agent's touchpoints and actuator as the engine sees them: the same promises, kept in another process."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..contracts import Touchpoint
from ..domain import CacheServer, Knob, Plugin, Pool, Refused, Sample, Value
from ..execute.orders import Fence, Order
from .client import AgentClient
from .messages import (
    AskCache,
    AskKnobs,
    AskPool,
    Bar,
    Discover,
    Figure,
    Incarnation,
    Persist,
    PoolView,
    Sense,
    Turn,
    samples_of,
)

CACHE_KINDS = frozenset({"redis", "memcached"})  # the others are not asked, turn by turn, for what they are not


@dataclass(frozen=True, slots=True)
class RemoteTouchpoint:
    """Senses through the agent. Turns nothing: what has no fence on it is not passed on."""

    kind: str
    client: AgentClient

    def discover(self) -> Sequence[Plugin]:
        return self.client.ask(Discover(self.kind), list[Plugin])

    def sense(self, plugin: Plugin, now: float) -> Sequence[Sample]:
        return samples_of(self.client.ask(Sense(plugin, float(now)), list[Figure]))

    def pool(self, plugin: Plugin) -> Pool | None:
        view: PoolView | None = self.client.ask(AskPool(plugin), PoolView | None)  # type: ignore[arg-type]
        return None if view is None else view.pool()

    def knobs(self, plugin: Plugin) -> Sequence[Knob]:
        return self.client.ask(AskKnobs(plugin), list[Knob])

    def cache_server(self, plugin: Plugin) -> CacheServer | None:
        if self.kind not in CACHE_KINDS:
            return None
        server: CacheServer | None = self.client.ask(AskCache(plugin), CacheServer | None)  # type: ignore[arg-type]
        return server

    def incarnation(self, plugin: Plugin) -> str:
        return self.client.ask(Incarnation(plugin), str)

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        raise Refused(f"{knob} of {plugin.plugin_id} is turned to {to!r} by the agent alone, on an order with a fence")

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        raise Refused(f"{knob} of {plugin.plugin_id} is kept at {to!r} by the agent alone, on an order with a fence")


@dataclass(frozen=True, slots=True)
class RemoteActuator:
    """Hands orders to the agent, which compares the fence where the effect is made."""

    client: AgentClient

    def turn(self, touchpoint: Touchpoint, order: Order) -> None:  # noqa: ARG002 - the agent has the real one
        self.client.ask(Turn(order), None)  # type: ignore[arg-type]

    def persist(self, touchpoint: Touchpoint, order: Order) -> bool:  # noqa: ARG002
        return self.client.ask(Persist(order), bool)

    def bar(self, touchpoint: Touchpoint, plugin_id: str, fence: Fence) -> bool:  # noqa: ARG002
        return self.client.ask(Bar(plugin_id, fence), bool)
