"""What is compared with a change is the state it changed, not a mixture with the state before that."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Purpose,
    SuggestionType,
)
from plugin_optimizer.execute.before import AS_FAR_BACK_SECONDS, ran_since

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
NOW = 10_000.0


def execution(identity: str, created_at: float, **fields: object) -> Execution:
    change = Change("orders", "workers", 2, 3, GOAL)
    made = Execution(
        identity,
        f"s-{identity}",
        SuggestionType.INCREASE_WORKERS,
        Message("increase_workers"),
        change,
        ExecutionState.SUCCEEDED,
        1,
        "a person",
        created_at,
        created_at,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


PRESENT = execution("e2", NOW, state=ExecutionState.VERIFYING)


def test_with_nothing_before_it_three_minutes_are_looked_at() -> None:
    """Its own record does not count, nor what came later."""
    later = execution("e3", NOW + 50, applied_at=NOW + 51, verifying_at=NOW + 60)
    assert ran_since(PRESENT, [PRESENT, later]) == NOW - AS_FAR_BACK_SECONDS


def test_a_kept_change_ends_the_look_back_where_it_had_settled() -> None:
    """Applied 110 s before and settled 100 s before: 100 s are left."""
    kept = execution("e1", NOW - 115, applied_at=NOW - 110, verifying_at=NOW - 100, finished_at=NOW - 40)
    assert ran_since(PRESENT, [PRESENT, kept]) == NOW - 100


@pytest.mark.parametrize("state", [ExecutionState.ROLLED_BACK, ExecutionState.NEEDS_OPERATOR])
def test_an_undone_change_ends_it_where_the_old_value_stood_again(state: ExecutionState) -> None:
    """The old value is back at the end of the undoing."""
    undone = execution("e1", NOW - 160, state=state, undoing=True, applied_at=NOW - 150, verifying_at=NOW - 140)
    assert ran_since(PRESENT, [PRESENT, replace(undone, finished_at=NOW - 70)]) == NOW - 70


def test_what_changed_nothing_hides_nothing_but_what_was_before_it_was_asked() -> None:
    """Cancelled an hour ago: three minutes are looked at."""
    cancelled = execution("e1", NOW - 3600, state=ExecutionState.CANCELLED, finished_at=NOW - 10)
    assert ran_since(PRESENT, [PRESENT, cancelled]) == NOW - AS_FAR_BACK_SECONDS
