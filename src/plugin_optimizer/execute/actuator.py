"""The one way to a touchpoint's knobs: an order passes here only if it is newer than everything done before.

A lease or a look at the record says who may act, never that somebody who was allowed to has stopped acting. So the fence
is compared where the effect is made, under the same lock, against the highest one that anybody acted on; an actor that
was stopped in between and wakes too late is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ..contracts import OrdersByName, Touchpoint
from ..domain import NotFound, Stale, Unobservable, Value
from .fences import Fences, FencesInMemory, Mark
from .orders import Fence, Order

STALE_FENCE = "stale_fence"


def never() -> bool:
    """Stand for an emergency stop that is not set."""
    return False


class Actuator(Protocol):
    """Carries orders to touchpoints. All three raise Stale (nothing happened; `code` `stale_fence`, `value_moved` or
    `emergency_stop`), and what the touchpoint raises.
    """

    def turn(self, touchpoint: Touchpoint, order: Order) -> None:
        """Take one step. Its fence has to be higher than any before."""
        ...

    def persist(self, touchpoint: Touchpoint, order: Order) -> bool:
        """Make a value last. Its fence may be the one acted on last: the same record is handled again after a crash."""
        ...

    def bar(self, touchpoint: Touchpoint, plugin_id: str, fence: Fence) -> bool:
        """Let nothing older than `fence` happen to the plugin from now on; return whether that is new.

        Raises Unobservable where nobody can promise it.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalActuator:
    """Acts in this process. `stopped` is the emergency stop, asked last of all before each effect."""

    fences: Fences = field(default_factory=FencesInMemory)
    stopped: Callable[[], bool] = never

    def turn(self, touchpoint: Touchpoint, order: Order) -> None:
        with self.fences.holding(order.plugin.plugin_id) as cell:
            mark = cell.read()
            if order.fence <= mark.fence:
                raise _stale(order.plugin.plugin_id, order.fence, mark.fence)
            if order.seen is not None:
                _check_seen(order, _look(touchpoint, order))
            self._check_stop(order)
            cell.write(Mark(order.fence))  # before the effect: after a crash it counts as acted on
            _turn(touchpoint, order)

    def persist(self, touchpoint: Touchpoint, order: Order) -> bool:
        with self.fences.holding(order.plugin.plugin_id) as cell:
            mark, kept = cell.read(), (order.knob, order.to)
            again = order.fence == mark.fence and mark.kept in (None, kept)
            if order.fence <= mark.fence and not again:
                raise _stale(order.plugin.plugin_id, order.fence, mark.fence)
            if order.seen is not None:
                _check_seen(order, _look(touchpoint, order))
            self._check_stop(order)
            cell.write(Mark(order.fence, kept))
            return _persist(touchpoint, order)

    def bar(self, touchpoint: Touchpoint, plugin_id: str, fence: Fence) -> bool:  # noqa: ARG002 - fences are by plugin
        with self.fences.holding(plugin_id) as cell:
            risen = fence > cell.read().fence
            if risen:
                cell.write(Mark(fence))
            return risen

    def _check_stop(self, order: Order) -> None:
        if not order.back and self.stopped():
            raise Stale("the emergency stop is set", "emergency_stop")


def _turn(touchpoint: Touchpoint, order: Order) -> None:
    if isinstance(touchpoint, OrdersByName):
        touchpoint.turn_once(order.plugin, order.knob, order.to, order.name)
    else:
        touchpoint.turn(order.plugin, order.knob, order.to)


def _persist(touchpoint: Touchpoint, order: Order) -> bool:
    if isinstance(touchpoint, OrdersByName):
        return touchpoint.persist_once(order.plugin, order.knob, order.to, order.name)
    return touchpoint.persist(order.plugin, order.knob, order.to)


def _look(touchpoint: Touchpoint, order: Order) -> Value:
    try:
        for found in touchpoint.knobs(order.plugin):
            if found.name == order.knob:
                return found.value
    except OSError as error:
        raise Unobservable(f"{order.plugin.plugin_id} cannot be read: {error}") from error
    raise NotFound(f"{order.plugin.plugin_id} has no knob {order.knob!r} any more")


def _check_seen(order: Order, value: Value) -> None:
    if value != order.seen:
        raise Stale(f"{order.knob} was {order.seen!r} when this was ordered and is {value!r} now", "value_moved")


def _stale(plugin_id: str, fence: Fence, acted_on: Fence) -> Stale:
    return Stale(f"an order with fence {fence} comes too late: {plugin_id} has obeyed {acted_on}", STALE_FENCE)
