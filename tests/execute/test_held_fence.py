"""A process that is stopped in the middle of an effect: others wait, do not hold each other up, and people are told."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from plugin_optimizer.domain import ExecutionState, Unobservable
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.fences import FenceFiles, Held
from plugin_optimizer.execute.holders import HELD_SECONDS, held_long, holder_of
from plugin_optimizer.execute.orders import Fence
from plugin_optimizer.testing.simulated import SimulatedTouchpoint
from plugin_optimizer.wording import LANGUAGES, help_for, render

from ..simulator.store import open_in_memory
from .test_crash_safety import House

State = ExecutionState
DEADLINE_SECONDS = 60.0


def _act(directory: Path, held: "multiprocessing.synchronize.Event") -> None:
    with FenceFiles(directory).holding("orders"):
        held.set()
        time.sleep(600)


@dataclass
class Actor:
    """A real process in the middle of an effect on `orders`, really stopped."""

    process: multiprocessing.Process

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def end(self) -> None:
        self.process.kill()
        self.process.join(DEADLINE_SECONDS)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Actor]:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=_act, args=(tmp_path, held))
    process.start()
    actor = Actor(process)  # type: ignore[arg-type]
    try:
        assert held.wait(DEADLINE_SECONDS)
        os.kill(actor.pid, signal.SIGSTOP)
        until(lambda: (holder := holder_of(tmp_path / "orders.lock")) is not None and holder.stopped)
        yield actor
    finally:
        actor.end()


def test_whoever_waits_is_told_which_process_it_is(stopped: Actor, tmp_path: Path) -> None:
    """By its id, since when, and that it is stopped; its end lets go."""
    begun = time.time()
    fences = FenceFiles(tmp_path, lock_seconds=0.05)
    with pytest.raises(Held, match=rf"process {stopped.pid} has held it since .* UTC, and is stopped"):
        LocalActuator(fences).bar(SimulatedTouchpoint({}), "orders", Fence(5))
    assert [h.pid for h in held_long(tmp_path, begun + HELD_SECONDS + 1.0)] == [stopped.pid]
    assert list(held_long(tmp_path, begun)) == []
    stopped.end()
    assert list(held_long(tmp_path, begun + 1_000.0)) == []
    assert LocalActuator(fences).bar(SimulatedTouchpoint({}), "orders", Fence(5))


def test_it_is_waited_for_once_and_then_only_looked_at(stopped: Actor, tmp_path: Path) -> None:
    """The second to ask does not wait again; when it has let go, the next one passes."""
    fences = FenceFiles(tmp_path, lock_seconds=0.05)
    for _ in range(2):
        with pytest.raises(Unobservable), fences.holding("orders"):
            pass
    unhurried = FenceFiles(tmp_path, lock_seconds=1_000.0, in_vain=fences.in_vain)
    with pytest.raises(Held), unhurried.holding("orders"):  # it would take a quarter of an hour
        pass
    with fences.holding("mail"):
        pass
    stopped.end()
    with unhurried.holding("orders"):
        assert fences.in_vain == set()


def test_an_execution_that_meets_it_says_so_and_ends_with_a_person(stopped: Actor, tmp_path: Path) -> None:
    """At once, not after silence: `late_order` with the process, then `needs_operator`; another plugin's goes on."""
    house = House(open_in_memory(lambda *_: None), lag_looks=1)
    engine = house.engine()
    engine.actuator = LocalActuator(FenceFiles(tmp_path, lock_seconds=0.05))
    mine, other = house.approve("orders"), house.approve("mail")
    told = house.run(engine, mine, lambda e: e.state is State.UNKNOWN)
    assert told.reason is not None
    assert told.reason.code == "late_order"
    assert f"process {stopped.pid} " in str(told.reason.params["detail"])
    for lang in LANGUAGES:
        assert str(stopped.pid) in render(told.reason, lang)
        assert help_for(told.reason, lang)
    assert house.now < 1_010.0
    done = house.run(engine, mine, lambda e: e.state is State.NEEDS_OPERATOR)
    assert done.reason == told.reason
    assert house.services["orders"].effects == []
    assert house.run(engine, other, lambda e: e.state is State.SUCCEEDED).state is State.SUCCEEDED
    house.state.close()


def test_an_execution_whose_fate_cannot_be_barred_says_why(stopped: Actor, tmp_path: Path) -> None:
    """Of unknown fate for another reason: the reason becomes that it is held, once, and is counted from there."""
    house = House(open_in_memory(lambda *_: None), lag_looks=1)
    execution = house.approve("orders")
    engine = house.engine()
    house.run(engine, execution, lambda e: e.state is State.APPLYING)
    house.services["orders"].unreadable = True
    house.run(engine, execution, lambda e: e.state is State.UNKNOWN)
    house.services["orders"].unreadable = False
    engine.actuator = LocalActuator(FenceFiles(tmp_path, lock_seconds=0.05))
    asked = house.now
    told = house.run(engine, execution, lambda e: e.reason is not None and e.reason.code == "late_order")
    assert told.state is State.UNKNOWN
    assert house.now - asked < 1.0
    done = house.run(engine, execution, lambda e: e.state is State.NEEDS_OPERATOR)
    assert done.reason == told.reason
    assert str(stopped.pid) in str(told.reason)
    house.state.close()
