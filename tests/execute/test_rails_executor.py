"""The rails and the emergency stop in the executor: at the claim, before each effect, and never on the way back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from execute.test_executor import ORDERS, Stage

from plugin_optimizer.domain import Execution, ExecutionState, Knob, Message, Outcome, Plugin, PluginStatus
from plugin_optimizer.execute.rails_past import past_of
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

State = ExecutionState
FROZEN = ("1970-01-01T00:00/2100-01-01T00:00 UTC",)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    state = open_state(tmp_path / "state.db")
    state.save_plugin(ORDERS, PluginStatus.ACTIVE, 0.0)
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", 2, 1, 16, kind="workers")})
    yield Stage(state, simulated, SimulatedTouchpoint({"orders": simulated}))
    state.close()


def until_effect(stage: Stage) -> None:
    """Tick until the first step was taken."""
    executor, end = stage.executor(), stage.now + 60
    while not stage.simulated.effects and stage.now < end:
        executor.tick(stage.now)
        stage.now += 0.25
    assert len(stage.simulated.effects) == 1


def reason(execution: Execution) -> str | None:
    return execution.reason.code if execution.reason else None


@pytest.mark.parametrize(("field", "value", "code"), [
    ("freezes", FROZEN, "freeze_began"),
    ("max_workers", 3, "out_of_bounds"),
    ("windows", ("Mon 00:00-00:01 UTC",), "window_ended"),
])  # fmt: skip
def test_a_rail_that_came_down_after_the_approval_is_asked_at_the_claim(
    stage: Stage, field: str, value: object, code: str
) -> None:
    """Approved in time, queued too long: aborted with the rail's reason, nothing touched."""
    execution = stage.approve()
    stage.policy = replace(stage.policy, **{field: value})  # type: ignore[arg-type]
    done = stage.run(execution)
    assert (done.state, reason(done)) == (State.ABORTED, code)
    assert stage.states(done) == ["queued", "aborted"]
    assert stage.simulated.effects == []


def test_a_rail_is_asked_again_before_each_effect_and_the_way_back_is_free(stage: Stage) -> None:
    """Frozen between two steps: no further step forward, and back in spite of the freeze."""
    execution = stage.approve()
    until_effect(stage)
    stage.policy = replace(stage.policy, freezes=FROZEN)
    done = stage.run(execution)
    assert (done.state, reason(done)) == (State.ROLLED_BACK, "freeze_began")
    assert stage.workers == 2
    assert [to for _, to in stage.simulated.effects] == [4, 2]


def test_what_did_not_help_goes_back_in_spite_of_freeze_and_stop(stage: Stage) -> None:
    """Judged worse while frozen and stopped: undone all the same."""
    stage.judge.outcome = Outcome.INCONCLUSIVE
    execution = stage.run(stage.approve(), until=frozenset({State.VERIFYING}))
    stage.policy, stage.stopped = replace(stage.policy, freezes=FROZEN), True
    stage.judge.outcome = Outcome.WORSE
    done = stage.run(execution)
    assert (done.state, stage.workers) == (State.ROLLED_BACK, 2)


def test_while_stopped_nothing_is_begun_and_nothing_is_made_to_last(stage: Stage) -> None:
    """Stopped while it is judged: what helps stays, its configuration file is left alone; what waits is aborted."""
    execution = stage.run(stage.approve(), until=frozenset({State.VERIFYING}))
    stage.stopped = True
    done = stage.run(execution)
    assert (done.state, done.persisted, stage.simulated.kept) == (State.SUCCEEDED, False, {})
    stage.now += 1_000.0
    effects = len(stage.simulated.effects)
    waiting = stage.run(stage.approve(4, 5))
    assert (waiting.state, reason(waiting)) == (State.ABORTED, "emergency_stop")
    assert len(stage.simulated.effects) == effects


def test_the_stop_is_read_last_of_all_before_the_effect(stage: Stage) -> None:
    """It comes down while the announcement is written: announced, not taken, and back."""
    execution = stage.run(stage.approve(), until=frozenset({State.APPLYING}))
    advance = stage.state.advance

    def slow(after: Execution, *others: object) -> Execution:
        stage.stopped = stage.stopped or after.step is not None
        return advance(after, *others)  # type: ignore[arg-type]

    stage.state.advance = slow  # type: ignore[method-assign,assignment]
    done = stage.run(execution)
    assert done.state is State.ROLLED_BACK
    assert Message("emergency_stop", {}) in [said for _, _, _, said in stage.state.steps(done.id)]
    assert stage.simulated.effects == []


def test_the_past_is_looked_up_beyond_one_page(stage: Stage) -> None:
    """Of 230 executions of the last hours all are found, each once, and of the plugin itself the older ones, too."""
    for number in range(230):
        execution = stage.approve()
        stage.state.ask_rollback(execution.id, "admin", stage.now)  # cancelled while queued
        stage.now += 10.0 if number else 200_000.0
    past = past_of(stage.state, stage.executor().policies(), stage.now)
    assert len(past.executions) == len({e.id for e in past.executions}) == 229
    assert past.statuses == {"orders": PluginStatus.ACTIVE}
    assert past.plugins == {"orders": ORDERS}


def test_an_administrators_approval_waits_for_the_neighbour(stage: Stage) -> None:
    """Two plugins of a group, approved at once by a person: the second is not begun while the first is under way."""
    shop = {name: Plugin(name, "simulated", {}, {"group": "shop"}) for name in ("orders", "stock")}
    for plugin in shop.values():
        stage.state.save_plugin(plugin, PluginStatus.ACTIVE, 0.0)
    stage.touchpoint.plugins["stock"] = SimulatedPlugin(shop["stock"], dict(stage.simulated.knobs))
    first = stage.approve()
    proposal = stage.state.suggestion(first.suggestion_id).proposal
    assert proposal.change is not None
    other = replace(proposal, plugin_id="stock", change=replace(proposal.change, plugin_id="stock"))
    suggestion = stage.state.offer(other, stage.now + 1, stage.now + 100)
    second = stage.state.approve(suggestion.id, None, "admin", None, stage.now + 1)[0]
    done = stage.run(second)
    assert (done.state, reason(done)) == (State.ABORTED, "rail_neighbour")
    assert stage.run(first).state is State.SUCCEEDED
