"""The last moment before an order leaves an engine: it may be held there until others have decided that it is lost.

Everything that a record can refuse has been asked by then. What still keeps the late order out is the fence alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugin_optimizer.contracts import Touchpoint
from plugin_optimizer.execute.actuator import Actuator
from plugin_optimizer.execute.orders import Fence, Order

if TYPE_CHECKING:
    from .world import World

OVERTAKEN_SECONDS = (
    9.0,
    25.0,
    40.0,
    60.0,
)  # a step is called lost after 8 s, and tried again or rolled back 10 s later
STOPPED_SECONDS = 4.0
OFTEN = 2.0  # an order is what a pause endangers most


@dataclass(frozen=True, slots=True)
class Door:
    """One engine's actuator; behind it, nobody is held any more."""

    world: World
    within: Actuator

    def turn(self, touchpoint: Touchpoint, order: Order) -> None:
        self._linger("turn")
        self.world.watch.leaving = order
        self.within.turn(touchpoint, order)

    def persist(self, touchpoint: Touchpoint, order: Order) -> bool:
        self._linger("persist")
        self.world.watch.leaving = order
        return self.within.persist(touchpoint, order)

    def bar(self, touchpoint: Touchpoint, plugin_id: str, fence: Fence) -> bool:
        return self.within.bar(touchpoint, plugin_id, fence)

    def _linger(self, verb: str) -> None:
        world = self.world
        if len(world.running) == 1 and world.happens(world.mix.pause * OFTEN):
            world.ledger.count("overtaken")
            if len(world.instances) == 1:
                world.start_another()
            if not world.stopped and world.chance.random() < 0.5:
                self._stop_meanwhile(verb)
            world.hold(f"{verb}'s door", world.chance.choice(OVERTAKEN_SECONDS))

    def _stop_meanwhile(self, verb: str) -> None:
        """Let somebody stop everything while the engine is held, and release it before it goes on."""
        self.world.stop()
        self.world.hold(f"{verb}'s door", STOPPED_SECONDS)
        if self.world.stopped:
            self.world.stop()
