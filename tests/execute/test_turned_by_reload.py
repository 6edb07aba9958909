"""Knobs whose step is written where it lasts before it shows: the way back begins there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Disruption, ExecutionState, Outcome, Plugin, Unobservable, Value
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.testing.simulated import SimulatedTouchpoint

from .test_crash_safety import House

State = ExecutionState


@dataclass(slots=True)
class ByReload(SimulatedTouchpoint):
    """Writes the value down, then reloads; while `deaf`, no reload takes place."""

    deaf: bool = False

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        service = self.plugins[plugin.plugin_id]
        service.kept[knob] = to
        if self.deaf:
            raise Unobservable("the signal got lost")
        SimulatedTouchpoint.turn(self, plugin, knob, to)
        service.life += 1


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    state = open_state(tmp_path / "state.db")
    found = House(state, lag_looks=1)
    for service in found.services.values():
        service.knobs["workers"] = replace(service.knobs["workers"], disruption=Disruption.RELOAD, kind="performance")
    found.touchpoint = ByReload(found.services)
    yield found
    state.close()


def test_it_is_on_record_as_lasting_before_it_is_written(house: House) -> None:
    """Whoever takes over after a crash knows that there may be something to take back."""
    execution = house.approve()
    house.die_at(execution, "C09")
    found = house.state.execution(execution.id)
    assert (found.state, found.persisted) == (State.APPLYING, True)
    assert house.services["orders"].kept == {}


def test_what_was_written_for_a_reload_that_never_came_is_taken_back(house: House) -> None:
    """The value never showed, so nothing needs to be turned; but the next reload must not bring it."""
    assert isinstance(house.touchpoint, ByReload)
    house.touchpoint.deaf = True
    done = house.finish(house.approve())
    assert done.state is State.ROLLED_BACK
    assert (house.workers(), house.services["orders"].kept, done.persisted) == (2, {"workers": 2}, False)


@pytest.mark.parametrize("point", ["C10", "C11"])
def test_a_crash_between_file_and_reload_leaves_nothing_behind(house: House, point: str) -> None:
    """Whatever became of it, what lasts is in the end what runs."""
    house.judge.outcome = Outcome.WORSE
    execution = house.approve()
    house.die_at(execution, point)
    done = house.finish(execution)
    assert done.state is State.ROLLED_BACK
    assert (house.workers(), house.services["orders"].kept) == (2, {"workers": 2})
