"""A late actor cannot act: the fence is compared where the effect is made, and outlives whoever acted."""

import multiprocessing
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.contracts import Touchpoint
from plugin_optimizer.domain import (
    FINAL,
    Change,
    Execution,
    ExecutionState,
    Knob,
    Message,
    Plugin,
    Proposal,
    Refused,
    Risk,
    Stale,
    SuggestionType,
    Unobservable,
    Value,
)
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.fences import FenceFiles, FencesInMemory, Mark
from plugin_optimizer.execute.keeper import Awaited, Keeper
from plugin_optimizer.execute.orders import Fence, Order
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

from .test_crash_safety import GOAL, House, at

ORDERS = Plugin("orders", "simulated")


@pytest.fixture
def simulated() -> SimulatedPlugin:
    return SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")})


@pytest.fixture
def touchpoint(simulated: SimulatedPlugin) -> SimulatedTouchpoint:
    return SimulatedTouchpoint({"orders": simulated})


def order(execution: int, to: int = 3, lease: int = 0, number: int = 0, seen: int | None = None) -> Order:
    return Order(ORDERS, "workers", to, Fence(execution, lease, number), seen)


def test_an_order_is_obeyed_once_and_no_older_one_after_it(
    simulated: SimulatedPlugin, touchpoint: SimulatedTouchpoint, tmp_path: Path
) -> None:
    """Equal and lower fences are refused, by another actuator over the same files as well."""
    LocalActuator(FenceFiles(tmp_path)).turn(touchpoint, order(5))
    for late in (5, 4, 0):
        with pytest.raises(Stale) as refused:
            LocalActuator(FenceFiles(tmp_path)).turn(touchpoint, order(late, to=9))
        assert refused.value.code == "stale_fence"
    assert simulated.effects == [("workers", 3)]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_the_fences_that_were_obeyed_only_grow(fences: list[tuple[int, int, int]]) -> None:
    """In whatever order they arrive."""
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16)})
    actuator, obeyed = LocalActuator(), [Fence()]
    for numbers in fences:
        fence, before = Fence(*numbers), len(simulated.effects)
        try:
            actuator.turn(SimulatedTouchpoint({"orders": simulated}), Order(ORDERS, "workers", 3, fence))
        except Stale:
            assert fence <= obeyed[-1]
            assert len(simulated.effects) == before
        else:
            assert fence > obeyed[-1]
            obeyed.append(fence)


def test_nothing_is_refused_for_another_plugins_fence(touchpoint: SimulatedTouchpoint, tmp_path: Path) -> None:
    """Each plugin has its own."""
    actuator = LocalActuator(FenceFiles(tmp_path))
    actuator.turn(touchpoint, order(50))
    assert actuator.bar(touchpoint, "mail", Fence(1))
    assert not actuator.bar(touchpoint, "mail", Fence(1))
    assert not actuator.bar(touchpoint, "orders", Fence(50))


def test_a_bar_keeps_out_what_was_announced_before_it(
    simulated: SimulatedPlugin, touchpoint: SimulatedTouchpoint
) -> None:
    """Also with the very fence of the bar; what comes later passes."""
    actuator = LocalActuator()
    actuator.bar(touchpoint, "orders", Fence(6))
    for late in (5, 6):
        with pytest.raises(Stale):
            actuator.turn(touchpoint, order(late))
    actuator.turn(touchpoint, order(7))
    assert simulated.effects == [("workers", 3)]


def test_a_value_is_made_to_last_again_by_the_same_record_and_by_no_older_one(
    simulated: SimulatedPlugin, touchpoint: SimulatedTouchpoint
) -> None:
    """A handler that runs again after a crash repeats its own order; another value with the same fence is refused."""
    actuator = LocalActuator()
    assert actuator.persist(touchpoint, order(5, to=4))
    assert actuator.persist(touchpoint, order(5, to=4))
    for wrong in (order(5, to=6), order(4, to=4)):
        with pytest.raises(Stale):
            actuator.persist(touchpoint, wrong)
    assert simulated.kept == {"workers": 4}


def test_a_step_is_taken_only_from_the_value_it_was_decided_on(
    simulated: SimulatedPlugin, touchpoint: SimulatedTouchpoint
) -> None:
    """A foreign hand between the look and the order is respected; the fence is not used up."""
    actuator = LocalActuator()
    with pytest.raises(Stale) as moved:
        actuator.turn(touchpoint, order(5, seen=7))
    assert moved.value.code == "value_moved"
    actuator.turn(touchpoint, order(5, seen=2))
    assert simulated.effects == [("workers", 3)]


def test_the_fence_is_on_disk_before_the_effect(touchpoint: SimulatedTouchpoint, tmp_path: Path) -> None:
    """An actor that dies in the effect has used its fence up."""
    actuator = LocalActuator(FenceFiles(tmp_path))
    touchpoint.plugins["orders"].refusing = True
    with pytest.raises(Refused):
        actuator.turn(touchpoint, order(5))
    with FenceFiles(tmp_path).holding("orders") as cell:
        assert cell.read() == Mark(Fence(5))


def test_where_no_fence_can_be_kept_nothing_is_turned(
    simulated: SimulatedPlugin, touchpoint: SimulatedTouchpoint, tmp_path: Path
) -> None:
    """A damaged file, a link in its place, a directory that is none: refused, and nothing happens."""
    damaged, linked, none = tmp_path / "damaged", tmp_path / "linked", tmp_path / "none"
    damaged.mkdir()
    linked.mkdir()
    (damaged / "orders.json").write_text('{"fence": [1, 2], "kept": null}')
    (linked / "orders.json").symlink_to(tmp_path / "elsewhere")
    none.write_text("a file")
    for directory in (damaged, linked, none):
        with pytest.raises(Refused):
            LocalActuator(FenceFiles(directory)).turn(touchpoint, order(5))
    assert simulated.effects == []


def _hold(
    directory: Path, held: "multiprocessing.synchronize.Event", free: "multiprocessing.synchronize.Event"
) -> None:
    with FenceFiles(directory).holding("orders"):
        held.set()
        free.wait(60)
        os._exit(1)  # as if killed: nothing is tidied up


def test_nobody_acts_beside_somebody_who_acts(touchpoint: SimulatedTouchpoint, tmp_path: Path) -> None:
    """While a process holds the plugin others learn nothing and do nothing; its death lets go."""
    context = multiprocessing.get_context("spawn")
    held, free = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(tmp_path, held, free))
    process.start()
    try:
        assert held.wait(60)
        with pytest.raises(Unobservable, match="somebody else"):
            LocalActuator(FenceFiles(tmp_path, lock_seconds=0.05)).turn(touchpoint, order(5))
    finally:
        free.set()
        process.join(60)
    LocalActuator(FenceFiles(tmp_path, lock_seconds=30.0)).turn(touchpoint, order(5))


def test_of_many_who_hold_the_same_order_one_acts(
    simulated: SimulatedPlugin, touchpoint: SimulatedTouchpoint, tmp_path: Path
) -> None:
    """Eight threads, one fence, one effect."""
    refused: list[str] = []

    def act() -> None:
        try:
            LocalActuator(FenceFiles(tmp_path, lock_seconds=60.0)).turn(touchpoint, order(5))
        except Stale as error:
            refused.append(error.code)

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(simulated.effects) == 1
    assert refused == ["stale_fence"] * 7


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    state = open_state(tmp_path / "state.db")
    yield House(state, lag_looks=1)
    state.close()


def fenced(house: House, actuator: LocalActuator) -> Executor:
    engine = house.engine()
    engine.actuator = actuator
    return engine


@pytest.mark.parametrize("outcome", ["cancelled", "finished"])
def test_a_plan_that_is_overtaken_while_its_actor_sleeps_is_refused(house: House, outcome: str) -> None:
    """An engine is held between its last look and its order; another one takes over; the order comes too late."""
    fences, execution = FencesInMemory(), house.approve()
    late = fenced(house, LocalActuator(fences))
    overtaken: list[Execution] = []

    def take_over() -> None:
        if overtaken:
            return
        overtaken.append(house.state.execution(execution.id))
        if outcome == "cancelled":
            house.state.ask_rollback(execution.id, "ann", house.now)
        other = fenced(house, LocalActuator(fences))
        overtaken.append(house.run(other, execution, lambda e: e.state in {State.ROLLED_BACK, State.SUCCEEDED}))
        house.services["orders"].effects.clear()

    with at("C09L", take_over):
        house.run(late, execution, lambda _: bool(overtaken))
    assert house.services["orders"].effects == []
    final = State.ROLLED_BACK if outcome == "cancelled" else State.SUCCEEDED
    assert overtaken[1].state is final
    assert house.workers() == (2 if outcome == "cancelled" else 4)


State = ExecutionState


def test_a_keeper_that_wakes_after_a_takeover_is_refused(house: House) -> None:
    """Its lease is older than what the next runner's first look has barred."""
    fences = FencesInMemory()
    done = house.finish(house.approve())
    assert done.state is State.SUCCEEDED
    service = house.services["orders"]
    service.kept.clear()
    service.restart()
    house.set(2)
    earlier = Keeper(house.state, actuator=LocalActuator(fences), lease=1, steady=lambda: house.now)
    later = Keeper(house.state, actuator=LocalActuator(fences), lease=2, steady=lambda: house.now)
    service.effects.clear()
    earlier.awaited["orders", done.id] = Awaited(None, 0.0)  # it looked long ago
    service.refusing = True  # the later one has looked, and has not moved anything
    house.tend(later)
    service.refusing = False
    house.tend(earlier)
    assert service.effects == []
    for _ in range(4):
        house.tend(later)
    assert service.effects == [("workers", 4)]


def test_what_turns_and_keeps_is_called_in_the_actuator_alone() -> None:
    """No other room calls a touchpoint's `turn` or `persist`: the fence cannot be gone around by mistake."""
    root = Path(__file__).parents[2] / "src" / "plugin_optimizer"
    command = ["grep", "-rlE", r"touchpoint(\(.*\))?\.(turn|persist)\(", str(root), "--include=*.py"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    assert {Path(path).relative_to(root).as_posix() for path in found} == {
        "execute/actuator.py",
        "testing/touchpoint_contract.py",
    }


def test_a_state_that_begins_anew_is_obeyed_and_one_set_back_is_not(house: House, tmp_path: Path) -> None:
    """An execution's fences begin above the second it was approved in: forgotten history locks nothing out."""
    fences = FencesInMemory()
    first = house.approve()
    before = house.state.execution(first.id).fence
    assert house.run(fenced(house, LocalActuator(fences)), first, lambda e: e.state in FINAL).state is State.SUCCEEDED
    house.set(2)
    anew = House(open_state(tmp_path / "anew.db"), lag_looks=1)
    anew.now = house.now + 60.0
    second = anew.approve()
    assert anew.run(fenced(anew, LocalActuator(fences)), second, lambda e: e.state in FINAL).state is State.SUCCEEDED
    with pytest.raises(Stale):
        LocalActuator(fences).turn(anew.touchpoint, order(before + 3))
    anew.state.close()


def test_an_execution_can_be_undone_after_a_later_one_has_acted_and_gone(house: House, tmp_path: Path) -> None:
    """A change that was kept, then another one that was undone: the way back from the first is no late order."""
    engine = fenced(house, LocalActuator(FenceFiles(tmp_path / "fences")))
    kept = house.run(engine, house.approve(), lambda present: present.state in FINAL)
    assert kept.state is ExecutionState.SUCCEEDED
    kind = SuggestionType.INCREASE_WORKERS
    second = Change("orders", "workers", 4, 5, GOAL)
    proposal = Proposal("orders", kind, Message(kind, {}), second, None, Risk.LOW, 0.9)
    suggestion = house.state.offer(proposal, house.now, house.now + 3_600.0)
    tried, _ = house.state.approve(suggestion.id, None, "ann", None, house.now)
    house.run(engine, tried, lambda present: present.state is ExecutionState.SETTLING)
    house.state.ask_rollback(tried.id, "ann", house.now)
    house.run(engine, tried, lambda present: present.state is ExecutionState.ROLLED_BACK)
    house.state.ask_rollback(kept.id, "ann", house.now)
    undone = house.run(engine, kept, lambda present: present.state in FINAL)
    assert (undone.state, house.workers()) == (ExecutionState.ROLLED_BACK, 2)


@dataclass
class HeldBeforePersisting:
    """An actuator before which its engine is held once: every look has been passed, the order has not left."""

    inner: LocalActuator
    meanwhile: Callable[[], None]
    held: bool = False

    def turn(self, touchpoint: Touchpoint, given: Order) -> None:
        self.inner.turn(touchpoint, given)

    def bar(self, touchpoint: Touchpoint, plugin_id: str, fence: Fence) -> bool:
        return self.inner.bar(touchpoint, plugin_id, fence)

    def persist(self, touchpoint: Touchpoint, given: Order) -> bool:
        if not self.held:
            self.held = True
            self.meanwhile()
        return self.inner.persist(touchpoint, given)


def test_a_value_is_not_made_to_last_once_somebody_elses_was_left_to_a_person(house: House) -> None:
    """The engine that was about to keep 4 sleeps; 9 is set by hand, another engine leaves it alone; the order comes late."""
    fences, execution = FencesInMemory(), house.approve()

    def set_by_hand() -> None:
        house.set(9)
        other = fenced(house, LocalActuator(fences))
        house.run(other, execution, lambda present: present.state is State.NEEDS_OPERATOR)

    late = house.engine()
    late.actuator = HeldBeforePersisting(LocalActuator(fences), set_by_hand)
    house.run(late, execution, lambda present: present.state in FINAL)
    assert house.state.execution(execution.id).state is State.NEEDS_OPERATOR
    assert house.services["orders"].kept == {}


def test_a_value_is_not_made_to_last_once_it_was_kept_without(house: House) -> None:
    """The engine that was about to sleeps; another keeps the value under the emergency stop, which is armed again."""
    fences, execution = FencesInMemory(), house.approve()

    def keep_while_stopped() -> None:
        house.stopped = True
        other = fenced(house, LocalActuator(fences))
        house.run(other, execution, lambda present: present.state in FINAL)
        house.stopped = False

    late = house.engine()
    late.actuator = HeldBeforePersisting(LocalActuator(fences), keep_while_stopped)
    kept = house.run(late, execution, lambda present: present.state in FINAL)
    assert (kept.state, house.workers()) == (State.SUCCEEDED, 4)
    assert house.services["orders"].kept == {}


def test_a_value_that_is_lost_in_the_last_moment_is_not_made_to_last_but_comes_back(house: House) -> None:
    """A restart after the engine's last look: what does not run is not kept on disk; the keeper sets it again."""
    fences, execution = FencesInMemory(), house.approve()

    def lose() -> None:
        house.services["orders"].restart()
        house.set(2)

    late = house.engine()
    late.actuator = HeldBeforePersisting(LocalActuator(fences), lose)
    kept = house.run(late, execution, lambda present: present.state in FINAL)
    assert (kept.state, kept.persisted) == (State.SUCCEEDED, False)
    assert house.services["orders"].kept == {}
    keeper = Keeper(house.state, actuator=LocalActuator(fences), lease=1, steady=lambda: house.now)
    for _ in range(12):
        house.services["orders"].look()
        house.tend(keeper)
    assert house.workers() == 4


def test_only_what_runs_is_made_to_last(simulated: SimulatedPlugin, touchpoint: SimulatedTouchpoint) -> None:
    """The value is looked at beside the effect, under its lock; the refusal uses no fence up."""
    actuator = LocalActuator()
    with pytest.raises(Stale) as moved:
        actuator.persist(touchpoint, order(5, to=4, seen=4))
    assert moved.value.code == "value_moved"
    assert actuator.persist(touchpoint, order(5, to=2, seen=2))
    assert simulated.kept == {"workers": 2}


def test_a_keeper_orders_no_second_step_while_one_may_still_come(house: House) -> None:
    """A step that does not show is awaited for 18 s; one that shows is followed by the next at once."""
    fences = FencesInMemory()
    house.finish(house.approve())
    service = house.services["orders"]
    service.kept.clear()
    service.restart()
    house.set(2)
    service.effects.clear()
    keeper = Keeper(house.state, actuator=LocalActuator(fences), lease=1, steady=lambda: house.now)
    for _ in range(4):  # at 0, 5, 10 and 15 s: the runner before may have ordered something
        house.tend(keeper)
    assert service.effects == []
    house.tend(keeper)
    assert service.effects == [("workers", 4)]
    for _ in range(3):  # nobody looks at the plugin: it stays where it is
        house.tend(keeper)
    assert service.effects == [("workers", 4)]
    house.set(3)
    house.tend(keeper)
    assert service.effects == [("workers", 4), ("workers", 4)]


class NamedTouchpoint(SimulatedTouchpoint):
    """A touchpoint whose target knows orders by name."""

    def turn_once(self, plugin: Plugin, knob: str, to: Value, order: str) -> None:
        NAMES.append(order)
        self.turn(plugin, knob, to)

    def persist_once(self, plugin: Plugin, knob: str, to: Value, order: str) -> bool:
        NAMES.append(order)
        return self.persist(plugin, knob, to)


NAMES: list[str] = []


def test_a_target_that_knows_orders_by_name_is_told_it(simulated: SimulatedPlugin) -> None:
    """Plugin and fence: no two orders share them, and the same record handled again has the same name."""
    NAMES.clear()
    touchpoint, actuator = NamedTouchpoint({"orders": simulated}), LocalActuator()
    actuator.turn(touchpoint, order(5, 3))
    actuator.persist(touchpoint, order(6, 3, lease=2, number=1))
    actuator.persist(touchpoint, order(6, 3, lease=2, number=1))
    assert NAMES == ["orders:5.0.0", "orders:6.2.1", "orders:6.2.1"]
