"""Which changes the referee of running engines compares, how it plans, and what it is asked about."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.domain import (
    Comparison,
    Execution,
    ExecutionState,
    Goal,
    Knob,
    Message,
    Metric,
    Outcome,
    Plugin,
    PluginStatus,
    Policy,
    Purpose,
    RequestTrace,
)
from plugin_optimizer.execute.live_referee import LiveReferee, predictions_of
from plugin_optimizer.execute.sight import Sight
from plugin_optimizer.knowledge import SqlStateStore
from tests.execute.turns import finished, requests, seen
from tests.knowledge.lives import TO_APPLYING, claimed, walk
from tests.knowledge.proposals import NOW, proposal

from ..simulator.store import open_in_memory
from .test_switchback_question import OPEN, world

REFEREE = LiveReferee()
KNOB = Knob("workers", 5, 1, 9)
POLICY = Policy(switchback_seconds=900.0)
P95 = Metric.RESPONSE_TIME_P95_SECONDS


@pytest.fixture
def state() -> Iterator[SqlStateStore]:
    store = open_in_memory(lambda *_: None)
    store.save_plugin(Plugin("orders", "simulated"), PluginStatus.ACTIVE, NOW)
    yield store
    store.close()


def longer_tail(trace: RequestTrace) -> RequestTrace:
    """Return the requests with one in ten three times as long: their mean and their p95 tell two stories."""
    return replace(trace, wall=np.where(np.arange(len(trace)) % 10 == 0, 0.6, trace.wall))


def judged(state: SqlStateStore, **goal: object) -> tuple[Execution, Sight]:
    """An execution from 3 to 5 workers that was judged without a result, and what was seen of it."""
    service, sight = world()
    execution = walk(state, claimed(state, proposal("orders"), NOW), *TO_APPLYING, ExecutionState.APPLIED, at=NOW)
    change = replace(execution.change, before=3, after=5)
    change = replace(change, goal=replace(change.goal, **goal))  # type: ignore[arg-type]
    execution = replace(execution, verdict=OPEN, applied_at=service.changed_at, change=change)
    return execution, replace(sight, slots=(3, 5))


def test_an_improvement_that_was_not_clear_is_compared(state: SqlStateStore) -> None:
    """Within the policy's time, in an order that follows from the execution alone."""
    execution, sight = judged(state)
    planned = REFEREE.plan(execution, sight, KNOB, POLICY)
    assert isinstance(planned, Comparison)
    assert planned.seconds <= POLICY.switchback_seconds
    assert planned == REFEREE.plan(execution, sight, KNOB, POLICY)
    other = REFEREE.plan(replace(execution, id="ex_other"), sight, KNOB, POLICY)
    assert isinstance(other, Comparison)
    assert other.seed != planned.seed
    assert planned.turn_seconds == 4.0  # two workers, one after the other


@pytest.mark.parametrize("purpose", [Purpose.SAVE, Purpose.REPAIR])
def test_savings_and_repairs_are_not_compared(state: SqlStateStore, purpose: Purpose) -> None:
    execution, sight = judged(state, purpose=purpose)
    assert REFEREE.plan(execution, sight, KNOB, POLICY) is None
    assert REFEREE.plan(execution, sight, None, POLICY) is None


def test_the_policy_may_forbid_it_and_bounds_it(state: SqlStateStore) -> None:
    execution, sight = judged(state)
    assert REFEREE.plan(execution, sight, KNOB, replace(POLICY, switchback_seconds=0.0)) == Message(
        "switchback_off", {}
    )
    bounded = REFEREE.plan(execution, sight, KNOB, replace(POLICY, switchback_seconds=60.0))
    assert isinstance(bounded, Message)
    assert bounded.code == "comparison_too_long"


def test_without_a_pool_nobody_knows_whether_both_values_bear_the_load(state: SqlStateStore) -> None:
    execution, sight = judged(state)
    refused = REFEREE.plan(execution, replace(sight, slots=None), KNOB, POLICY)
    assert isinstance(refused, Message)
    assert refused.code == "switchback_load_unknown"


def test_of_a_p95_the_mean_of_each_block_is_asked_and_the_p95_is_told(state: SqlStateStore) -> None:
    """As many pairs as for the mean, which are fewer; the verdict is one on the p95."""
    execution, sight = judged(state, metric=P95)
    goal = replace(execution.change.goal, metric=Metric.RESPONSE_TIME_SECONDS)
    by_mean = replace(execution, change=replace(execution.change, goal=goal))
    assert REFEREE.plan(execution, sight, KNOB, POLICY) == REFEREE.plan(by_mean, sight, KNOB, POLICY)
    comparison = finished()
    compared = replace(execution, comparison=comparison, change=replace(execution.change, plugin_id="p"))
    observed = seen(requests(comparison, 0.2, 0.1))
    verdict = REFEREE.judge(compared, Sight(observed, observed, observed, None))
    assert (verdict.outcome, verdict.metric, verdict.method) == (Outcome.BETTER, P95, "switchback")
    mixed = Sight(*(seen(longer_tail(requests(comparison, 0.2, 0.19))),) * 3, None)
    by_mean = replace(compared, change=replace(compared.change, goal=goal))
    assert REFEREE.judge(compared, mixed) == REFEREE.judge(by_mean, mixed)


def test_an_effect_that_nobody_saw_is_planned_for_as_promised(state: SqlStateStore) -> None:
    execution, sight = judged(state)
    unknown = replace(execution, verdict=replace(OPEN, effect=math.nan))
    told: Callable[[Execution], float] = lambda _: OPEN.effect  # noqa: E731
    assert LiveReferee(predicted=told).plan(unknown, sight, KNOB, POLICY) == REFEREE.plan(
        execution, sight, KNOB, POLICY
    )
    assert REFEREE.plan(unknown, sight, KNOB, POLICY) != REFEREE.plan(execution, sight, KNOB, POLICY)


def test_a_promise_of_a_response_time_is_a_ratio(state: SqlStateStore) -> None:
    """Of anything else it is none."""
    execution, _ = judged(state)
    promised = state.suggestion(execution.suggestion_id).proposal.prediction
    ratio = predictions_of(state)(execution)
    if promised is None or not promised.metric.startswith("response_time"):
        assert math.isnan(ratio)
    else:
        assert ratio == promised.expected / promised.before


def test_what_does_not_compare_has_no_broken_arm(state: SqlStateStore) -> None:
    execution, sight = judged(state)
    assert REFEREE.broken(execution, sight, NOW) is None
    goal: Goal = execution.change.goal
    assert goal.purpose is Purpose.IMPROVE
