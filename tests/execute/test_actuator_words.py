"""What the actuator says when it refuses, and what of an order reaches the touchpoint."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Knob, NotFound, Plugin, Stale, Unobservable, Value
from plugin_optimizer.execute.actuator import LocalActuator, never
from plugin_optimizer.execute.fences import FenceFiles, Mark
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .test_apply import ORDERS, execution, world

ORDER = Order(ORDERS, "workers", 3, Fence(5, 2, 1), seen=2)
TOO_LATE = "an order with fence {} comes too late: orders has obeyed 5.2.1"


@dataclass
class Unplugged(SimulatedTouchpoint):
    """A touchpoint that cannot be reached while it is looked at."""

    def knobs(self, plugin: Plugin) -> Iterable[Knob]:
        raise ConnectionResetError("connection reset")


def persistent(touchpoint: SimulatedTouchpoint, value: bool) -> SimulatedTouchpoint:
    return replace(touchpoint, persistent=value)


def test_an_order_that_comes_too_late_is_told_both_fences() -> None:
    """To turn, and to make last."""
    touchpoint, simulated = world(2)
    actuator = LocalActuator()
    actuator.turn(touchpoint, ORDER)
    older = replace(ORDER, fence=Fence(5, 2, 0), to=9)
    for refused in (actuator.turn, actuator.persist):
        with pytest.raises(Stale) as late:
            refused(touchpoint, older)
        assert (str(late.value), late.value.code) == (TOO_LATE.format("5.2.0"), "stale_fence")
    assert (simulated.effects, simulated.kept) == ([("workers", 3)], {})


def test_a_moved_value_is_told_with_both_values() -> None:
    """And leaves the fence unused."""
    touchpoint, simulated = world(7)
    actuator = LocalActuator()
    with pytest.raises(Stale) as moved:
        actuator.turn(touchpoint, ORDER)
    assert (str(moved.value), moved.value.code) == ("workers was 2 when this was ordered and is 7 now", "value_moved")
    actuator.turn(touchpoint, replace(ORDER, seen=7))
    assert simulated.effects == [("workers", 3)]


def test_an_order_that_names_no_value_is_taken_from_whatever_runs() -> None:
    """Nobody has to be able to look then."""
    touchpoint, simulated = world(7)
    LocalActuator().turn(touchpoint, replace(ORDER, seen=None))
    assert simulated.effects == [("workers", 3)]


def test_where_it_cannot_look_nothing_is_turned() -> None:
    """A broken connection, and a knob that is no more, are told apart."""
    touchpoint, simulated = world(2)
    with pytest.raises(Unobservable, match=r"^orders cannot be read: connection reset$"):
        LocalActuator().turn(Unplugged(touchpoint.plugins), ORDER)
    with pytest.raises(NotFound, match=r"^orders has no knob 'threads' any more$"):
        LocalActuator().turn(touchpoint, replace(ORDER, knob="threads"))
    assert simulated.effects == []


@pytest.mark.parametrize("back", [False, True])
def test_the_emergency_stop_is_asked_before_each_effect_but_those_that_undo(back: bool, tmp_path: Path) -> None:
    """What it holds up uses no fence up."""
    touchpoint, simulated = world(2)
    actuator = LocalActuator(FenceFiles(tmp_path), stopped=lambda: True)
    order = replace(ORDER, back=back)
    if back:
        actuator.turn(touchpoint, order)
        assert actuator.persist(touchpoint, replace(order, fence=Fence(6), seen=None))
    else:
        for refused in (actuator.turn, actuator.persist):
            with pytest.raises(Stale) as stopped:
                refused(touchpoint, order)
            assert (str(stopped.value), stopped.value.code) == ("the emergency stop is set", "emergency_stop")
    assert (simulated.effects, simulated.kept) == (([("workers", 3)], {"workers": 3}) if back else ([], {}))
    with FenceFiles(tmp_path).holding("orders") as cell:
        assert cell.read() == (Mark(Fence(6), ("workers", 3)) if back else Mark())
    assert not never()


@pytest.mark.parametrize("lasting", [False, True])
def test_whether_it_lasts_is_the_touchpoints_word(lasting: bool) -> None:
    """One that cannot keep a value says so."""
    touchpoint, _ = world(2)
    assert LocalActuator().persist(persistent(touchpoint, lasting), ORDER) is lasting


@pytest.mark.parametrize(("knob", "to"), [("workers", 4), ("threads", 3)])
def test_the_same_fence_makes_one_value_last_and_no_other(knob: str, to: Value) -> None:
    """The very same order again is no harm; another value or knob with that fence is one that came too late."""
    knobs = {name: Knob(name, 2, 1, 16) for name in ("workers", "threads")}
    simulated = SimulatedPlugin(ORDERS, knobs)
    touchpoint, actuator = SimulatedTouchpoint({"orders": simulated}), LocalActuator()
    assert actuator.persist(touchpoint, ORDER)
    assert actuator.persist(touchpoint, ORDER)
    with pytest.raises(Stale) as late:
        actuator.persist(touchpoint, replace(ORDER, knob=knob, to=to))
    assert str(late.value) == TOO_LATE.format("5.2.1")
    assert simulated.kept == {"workers": 3}


def test_a_value_is_made_to_last_with_the_fence_it_was_turned_with() -> None:
    """The step has used that fence up for steps only; a higher one makes another value last."""
    touchpoint, simulated = world(2)
    actuator, order = LocalActuator(), replace(ORDER, seen=None)
    actuator.turn(touchpoint, order)
    assert actuator.persist(touchpoint, order)
    assert actuator.persist(touchpoint, replace(order, fence=Fence(5, 2, 2), to=4))
    assert simulated.kept == {"workers": 4}


def test_a_bar_counts_as_acted_on(tmp_path: Path) -> None:
    """It forgets what was made to last with the fence before: that cannot be repeated any more."""
    touchpoint, simulated = world(2)
    actuator = LocalActuator(FenceFiles(tmp_path))
    assert actuator.persist(touchpoint, ORDER)
    assert actuator.bar(touchpoint, "orders", Fence(6)) is True
    assert actuator.bar(touchpoint, "orders", Fence(6)) is False
    assert actuator.bar(touchpoint, "orders", Fence(5)) is False
    with FenceFiles(tmp_path).holding("orders") as cell:
        assert cell.read() == Mark(Fence(6))
    with pytest.raises(Stale):
        actuator.persist(touchpoint, ORDER)
    assert simulated.kept == {"workers": 3}


def test_fences_are_ordered_by_execution_then_lease_then_number() -> None:
    """An execution's own writes rank by its fence alone."""
    rising = [Fence(), Fence(0, 0, 1), Fence(0, 1), Fence(1), Fence(1, 0, 9), Fence(1, 2), Fence(2)]
    assert sorted(set(rising)) == rising
    assert Fence.of(replace(execution(2, 4), fence=7)) == Fence(7, 0, 0)
    assert str(Fence(7, 2, 1)) == "7.2.1"
