"""Faults that the simulator found once, each small and by name. The fleet of tests/simulator finds the next ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    FINAL,
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Outcome,
    Plugin,
    PluginStatus,
    Policies,
    Policy,
    Pool,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
    Value,
    Verdict,
    Window,
)
from plugin_optimizer.execute import crashpoints
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.execute.keeper import Keeper
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
POLICY = Policy(settle_seconds=10.0, verify_seconds=60.0, cooldown_seconds=0.0)
State = ExecutionState


class Dies(BaseException):
    """The process ends here."""


@dataclass
class Judge:
    outcome: Outcome = Outcome.BETTER

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        return Verdict(self.outcome, change_goal.metric, 0.5, 0.4, 0.6, 2.0, 1.0, 8, 500, "told")


def sight(execution: Execution, now: float) -> Sight:
    times = now - 5.0 * np.arange(36, dtype=np.float64)[::-1]
    up = {Metric.UP: np.ones((1, 36), dtype=np.float32), Metric.REQUESTS: np.full((1, 36), 50, dtype=np.float32)}
    seen = Observation(Window((execution.change.plugin_id,), times, 5.0, up))
    return Sight(seen, seen, seen, None)


class House:
    """Two plugins of two workers, a store, a clock that we turn, and as many engines as we like."""

    def __init__(self, state: SqlStateStore, lag_looks: int) -> None:
        self.state, self.judge, self.now = state, Judge(), 1_000.0
        self.stopped = False
        names = ("orders", "mail")
        self.services = {
            name: SimulatedPlugin(
                Plugin(name, "simulated"), {"workers": Knob("workers", 2, 1, 16, kind="workers")}, lag_looks=lag_looks
            )
            for name in names
        }
        self.touchpoint = SimulatedTouchpoint(self.services)
        for service in self.services.values():
            state.save_plugin(service.plugin, PluginStatus.ACTIVE, 0.0)

    def engine(self) -> Executor:
        policies = Policies(POLICY)
        return Executor(
            self.state, {"simulated": self.touchpoint}, self.judge, lambda: policies, sight, lambda: self.stopped
        )

    def approve(self, name: str = "orders", key: str | None = None) -> Execution:
        kind = SuggestionType.INCREASE_WORKERS
        change = Change(name, "workers", 2, 4, GOAL)
        proposal = Proposal(name, kind, Message(kind, {}), change, None, Risk.LOW, 0.9)
        suggestion = self.state.offer(proposal, self.now, self.now + 3_600.0)
        return self.state.approve(suggestion.id, None, "ann", key, self.now)[0]

    def run(self, engine: Executor, execution: Execution, until: Callable[[Execution], bool]) -> Execution:
        for _ in range(4_000):
            present = self.state.execution(execution.id)
            if until(present):
                return present
            engine.tick(self.now)
            self.now += 0.25
        raise AssertionError(f"it stayed {present.state}: {present.reason}")

    def finish(self, execution: Execution) -> Execution:
        return self.run(self.engine(), execution, lambda present: present.state in FINAL)

    def die_at(self, execution: Execution, point: str) -> None:
        with at(point, _die), pytest.raises(Dies):
            self.run(self.engine(), execution, lambda _: False)

    def set(self, value: int, name: str = "orders") -> None:
        """Let somebody else turn the knob."""
        knobs = self.services[name].knobs
        knobs["workers"] = replace(knobs["workers"], value=value)

    def workers(self, name: str = "orders") -> Value:
        return self.services[name].knobs["workers"].value

    def tend(self, keeper: Keeper) -> None:
        """Let it look, as it does every five seconds."""
        service = self.services["orders"]
        keeper.tend({"orders": (service.plugin, self.touchpoint, {"workers": self.workers()})}, frozenset(), self.now)
        self.now += 5.0


@contextmanager
def at(point: str, deed: Callable[[], None]) -> Iterator[None]:
    def reached(name: str) -> None:
        if name == point:
            deed()

    with mock.patch.object(crashpoints, "hook", reached):
        yield


def _die() -> None:
    raise Dies


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    state = open_state(tmp_path / "state.db")
    yield House(state, lag_looks=4)
    state.close()


def test_an_engine_held_between_announcing_and_acting_does_not_act_once_another_went_on(house: House) -> None:
    """It wakes up when the other has taken the step in its place: the step is no longer its to take."""
    execution, held, other = house.approve(), house.engine(), house.engine()
    effects, asleep = house.services["orders"].effects, list[bool]()

    def sleep_until_the_other_acts() -> None:
        if asleep:
            return
        asleep.append(True)
        while not effects and house.now < 1_100.0:
            house.now += 0.25
            other.tick(house.now)

    with at("C09", sleep_until_the_other_acts):
        done = house.run(held, execution, lambda present: present.state in FINAL)
    assert done.state is State.SUCCEEDED
    assert house.workers() == 4
    assert len(effects) == 2


def test_a_way_back_waits_for_the_step_that_is_still_to_come(house: House) -> None:
    """Undone right after the order: the old value is seen, and is not yet believed; in the end it is really so."""
    execution, engine = house.approve(), house.engine()
    house.run(engine, execution, lambda _: bool(house.services["orders"].effects))
    house.stopped = True
    done = house.run(engine, execution, lambda present: present.state in FINAL)
    for _ in range(20):
        house.touchpoint.knobs(house.services["orders"].plugin)
    assert done.state is State.ROLLED_BACK
    assert house.workers() == 2


def test_a_value_set_after_the_intent_and_before_the_first_step_is_left_alone(house: House) -> None:
    """Between the two ends, and still not ours: nothing was turned yet."""
    execution = house.approve()
    house.die_at(execution, "C08")
    house.set(3)
    done = house.finish(execution)
    assert done.state is State.NEEDS_OPERATOR
    assert house.services["orders"].effects == []
    assert house.workers() == 3


def test_a_value_that_somebody_set_while_it_was_judged_is_not_kept_as_ours(house: House) -> None:
    """The verdict says better, but what runs is not what was changed: a person is asked."""
    execution = house.approve()
    house.run(house.engine(), execution, lambda present: present.state is State.VERIFYING)
    house.set(9)
    done = house.finish(execution)
    assert done.state is State.NEEDS_OPERATOR
    assert house.workers() == 9
    assert house.services["orders"].kept == {}
    assert house.state.desired() == []


def test_a_change_that_a_restart_lost_is_not_called_a_success(house: House) -> None:
    """What was judged is not what was changed: it ends as undone, and is not made to last."""
    execution = house.approve()
    house.run(house.engine(), execution, lambda present: present.state is State.VERIFYING)
    house.set(2)
    assert house.finish(execution).state is State.ROLLED_BACK
    assert house.state.desired() == []


def test_what_was_made_to_last_before_a_crash_does_not_outlive_its_undoing(house: House) -> None:
    """It died after the value was made to last and before that was on record; the next one judges otherwise."""
    execution = house.approve()
    house.die_at(execution, "C16P")
    house.judge.outcome = Outcome.WORSE
    assert house.finish(execution).state is State.ROLLED_BACK
    assert house.services["orders"].kept["workers"] == 2
    assert house.workers() == 2


def test_a_kept_value_is_not_set_again_over_somebody_elses_after_our_own_restart(house: House) -> None:
    """A new keeper remembers nothing; the record knows in which life of the plugin the value last ran."""
    house.finish(house.approve())
    house.tend(Keeper(house.state, steady=lambda: house.now))
    house.set(7)
    fresh = Keeper(house.state, steady=lambda: house.now)
    for _ in range(5):
        house.tend(fresh)
    assert house.workers() == 7
    assert house.state.desired() == []


def test_a_kept_value_comes_back_after_the_plugin_and_we_restarted(house: House) -> None:
    """Another life without the value: that was no hand, it is set again. Not while the emergency stop is set."""
    house.finish(house.approve())
    house.services["orders"].life += 1
    house.set(2)
    effects = len(house.services["orders"].effects)
    house.tend(Keeper(house.state, stopped=lambda: True, steady=lambda: house.now))
    assert len(house.services["orders"].effects) == effects
    keeper = Keeper(house.state, steady=lambda: house.now)
    for _ in range(30):
        house.touchpoint.knobs(house.services["orders"].plugin)
        if house.services["orders"].lag_looks == 0 or not house.services["orders"]._coming:
            house.tend(keeper)
    assert house.workers() == 4


def test_an_approval_that_was_answered_is_answered_the_same_for_ever(house: House) -> None:
    """Two clicks with two keys; the change is refused; a retry of the second still finds the first execution."""
    execution = house.approve(key="first")
    suggestion_id = execution.suggestion_id
    second, made = house.state.approve(suggestion_id, None, "bob", "second", house.now)
    assert (second.id, made) == (execution.id, False)
    house.set(3)
    assert house.finish(execution).state is State.ABORTED
    again, made = house.state.approve(suggestion_id, None, "bob", "second", house.now)
    assert (again.id, made) == (execution.id, False)


def test_one_broken_touchpoint_does_not_keep_the_others_waiting(house: House) -> None:
    """It raises what no contract allows, on every look; the other plugin's change goes through."""
    broken, sound = house.approve("orders"), house.approve("mail")
    knobs = SimulatedTouchpoint.knobs

    def sometimes(touchpoint: SimulatedTouchpoint, plugin: Plugin) -> object:
        if plugin.plugin_id == "orders":
            raise OSError("read failed")
        return knobs(touchpoint, plugin)

    with mock.patch.object(SimulatedTouchpoint, "knobs", sometimes):
        assert house.finish(sound).state is State.SUCCEEDED
    assert house.state.execution(broken.id).state not in FINAL


@pytest.mark.parametrize("jump_seconds", [-3_600.0, 3_600.0])
def test_a_clock_that_jumps_neither_repeats_a_step_nor_stops_the_work(house: House, jump_seconds: float) -> None:
    """A step takes twelve seconds to show; the clock is set while its fate is unknown. It is waited for as ever."""
    house.services["orders"].lag_looks = 48
    execution, engine = house.approve(), house.engine()
    house.run(engine, execution, lambda present: present.state is State.UNKNOWN)
    house.now += jump_seconds
    house.run(engine, execution, lambda present: present.state in {State.APPLIED, State.ROLLED_BACK})
    assert len(house.services["orders"].effects) == 2


def test_a_value_set_between_the_verdict_and_its_keeping_is_not_made_to_last_over(house: House) -> None:
    """It is on record that 4 will be made to last; then somebody sets 10: nothing is kept, a person is asked."""
    execution = house.approve()
    with at("C16A", lambda: house.set(10)):
        done = house.run(house.engine(), execution, lambda present: present.state in FINAL)
    assert done.state is State.NEEDS_OPERATOR
    assert house.workers() == 10
    assert house.services["orders"].kept == {}


def test_what_lasts_is_taken_back_at_the_end_of_the_way_if_not_at_its_beginning(house: House) -> None:
    """The plugin was dead when the way back began: what it comes back with is the old value in the end."""
    execution = house.finish(house.approve())
    house.state.ask_rollback(execution.id, "ann", house.now)
    service = house.services["orders"]
    service.gone = True
    house.run(house.engine(), execution, lambda present: present.state is State.GONE)
    service.gone = False
    done = house.run(house.engine(), execution, lambda present: present.state in FINAL)
    assert done.state is State.ROLLED_BACK
    assert service.kept == {"workers": 2}
    assert not done.persisted


def test_what_was_kept_before_is_not_set_again_over_a_foreign_value_that_ended_a_change(house: House) -> None:
    """4 is kept; a new life of the plugin; the next change from 4 meets a foreign 9: keeping 4 ends there."""
    house.finish(house.approve())
    service = house.services["orders"]
    service.life += 1
    change = Change("orders", "workers", 4, 5, GOAL)
    kind = SuggestionType.UPDATE_CONFIG
    proposal = Proposal("orders", kind, Message(kind, {}), change, None, Risk.LOW, 0.9)
    suggestion = house.state.offer(proposal, house.now, house.now + 3_600.0)
    execution = house.state.approve(suggestion.id, None, "ann", None, house.now)[0]
    house.run(house.engine(), execution, lambda present: present.state is State.VERIFYING)
    house.set(9)
    assert house.finish(execution).state is State.NEEDS_OPERATOR
    for _ in range(3):
        house.tend(Keeper(house.state, steady=lambda: house.now))
    assert house.workers() == 9


def test_what_a_dead_engine_made_to_last_is_not_forgotten_because_of_the_emergency_stop(house: House) -> None:
    """It died after making 4 last; the next one keeps 4 while stopped; a person undoes it: 2 is what lasts."""
    execution = house.approve()
    house.die_at(execution, "C16P")
    house.stopped = True
    assert house.finish(execution).persisted
    house.state.ask_rollback(execution.id, "ann", house.now)
    assert house.finish(execution).state is State.ROLLED_BACK
    assert house.services["orders"].kept == {"workers": 2}
