"""A touchpoint on another host, whose agent looks by itself: what it saw meanwhile is fetched, each sample once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..contracts import Touchpoint
from ..domain import Plugin, Sample, Stale
from ..execute.actuator import Actuator
from ..execute.orders import Fence, Order
from .messages import Fetch, Fetched, samples_of
from .remote import RemoteTouchpoint

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BufferedTouchpoint(RemoteTouchpoint):
    """Fetches instead of asking for the present: the times are the agent's, and after a cut there are many."""

    _until: dict[str, tuple[str, int]] = field(default_factory=dict)

    def sense(self, plugin: Plugin, now: float) -> Sequence[Sample]:  # noqa: ARG002 - the agent's own times count
        spool, number = self._until.get(plugin.plugin_id, ("", 0))
        found = self.client.ask(Fetch(plugin, spool, number), Fetched)
        self._until[plugin.plugin_id] = (found.spool, found.number)
        if found.lost:
            log.warning("%s: the agent gave up %d samples before they were fetched", plugin.plugin_id, found.lost)
        return samples_of(found.samples)


@dataclass(frozen=True, slots=True)
class StoppedHere:
    """An actuator behind the emergency stop of this host: the agent of another one cannot see its file."""

    actuator: Actuator
    stopped: Callable[[], bool]

    def turn(self, touchpoint: Touchpoint, order: Order) -> None:
        self._check(order)
        self.actuator.turn(touchpoint, order)

    def persist(self, touchpoint: Touchpoint, order: Order) -> bool:
        self._check(order)
        return self.actuator.persist(touchpoint, order)

    def bar(self, touchpoint: Touchpoint, plugin_id: str, fence: Fence) -> bool:
        return self.actuator.bar(touchpoint, plugin_id, fence)

    def _check(self, order: Order) -> None:
        if not order.back and self.stopped():
            raise Stale("the emergency stop is set", "emergency_stop")
