"""Orders nobody gave, or not now: forged, changed, replayed, reordered, expired, too low; at a real socket."""

from random import Random

from plugin_optimizer.domain import Stale
from plugin_optimizer.execute.orders import Fence, Order
from tests.agent.forgeries import forged
from tests.agent.running import ORDERS, Running, agent, directory_for_sockets

from .promise import Measured

FORGERIES = 200
DEEP_FORGERIES = 2_000
LATE_ORDERS = 100


def measure(deep: bool) -> list[Measured]:
    """Return how many of the forgeries were accepted, and how many orders came too late and were obeyed."""
    count = DEEP_FORGERIES if deep else FORGERIES
    with directory_for_sockets() as directory:
        with agent(directory) as running:
            accepted = sum(taken for _, taken in forged(running, count, seed=20_261_125))
            wrong = len(running.simulated.effects)
            highest = _obeyed(running)
        with agent(directory) as next_agent:
            late = _late(next_agent, highest)
    return [
        Measured(
            "P41 the agent obeys its engine alone",
            f"{count} forged, changed, replayed, reordered and expired orders at its socket",
            f"{accepted} accepted, {wrong} effects",
            "0 accepted",
            accepted == 0 and wrong == 0,
        ),
        Measured(
            "P19 a late actor cannot act",
            f"{LATE_ORDERS} orders with fences already overtaken, sent to an agent that was started anew",
            f"{late} effects",
            "0 effects",
            late == 0,
        ),
    ]


def _obeyed(running: Running) -> int:
    """Let the agent obey a few orders; return the highest fence."""
    for fence in (2_000_000, 2_000_010):
        running.actuator.turn(running.touchpoint, Order(ORDERS, "workers", 5, Fence(fence)))
    assert len(running.simulated.effects) == 2, "the agent did not obey what it should"
    return 2_000_010


def _late(running: Running, highest: int) -> int:
    chance = Random(7)
    for _ in range(LATE_ORDERS):
        late = Order(ORDERS, "workers", chance.randint(3, 16), Fence(chance.randint(1, highest)))
        try:
            running.actuator.turn(running.touchpoint, late)
        except Stale:
            continue
    return len(running.simulated.effects)
