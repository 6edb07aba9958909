"""Beside the replay stands what was really executed; and the replay sees of it only what was known at each moment."""

from dataclasses import replace
from pathlib import Path

import pytest
from hindsight.history import BUSY, CALM, END, HEALTHY, MINUTE, OVERLOAD, SLO, T0, Service, ask, store

from plugin_optimizer.domain import (
    Change,
    Direction,
    Execution,
    ExecutionState,
    Goal,
    Message,
    Metric,
    Mode,
    Outcome,
    Policies,
    Policy,
    Purpose,
    SettingChange,
    SuggestionType,
    Verdict,
)
from plugin_optimizer.hindsight.record import Record

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
VERDICT = Verdict(Outcome.BETTER, Metric.RESPONSE_TIME_P95_SECONDS, 0.4, 0.3, 0.5, 1.2, 0.35, 24, 900, "paired_replay")
CALLED = T0 + 18 * MINUTE
KEPT = CALLED + 150.0
STEPS = [("queued", CALLED), ("applying", CALLED + 1), ("verifying", CALLED + 30), ("succeeded", KEPT)]
ADVISE = Policies(Policy(mode=Mode.ADVISE, response_time_seconds=SLO))
AUTOMATIC = Policies(Policy(mode=Mode.AUTOMATIC, response_time_seconds=SLO))


def executed(before: int = 2, after: int = 3, at: float = CALLED, number: str = "ex_1") -> Execution:
    return Execution(
        id=number,
        suggestion_id="sg_1",
        suggestion_type=SuggestionType.INCREASE_WORKERS,
        description=Message("increase_workers"),
        change=Change("orders", "workers", before, after, GOAL),
        state=ExecutionState.SUCCEEDED,
        fence=1,
        approved_by="ann",
        created_at=at,
        updated_at=at + 150.0,
        applied_at=at + 5.0,
        verifying_at=at + 30.0,
        finished_at=at + 150.0,
        verdict=VERDICT,
    )


RECORD = Record([executed()], {"ex_1": STEPS}, [SettingChange("orders", "workers", 2, 3, CALLED + 5.0, "ex_1")])


@pytest.fixture(scope="module")
def helped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Overloaded from minute 15 on; somebody gave it a third worker at minute 18."""
    directory = tmp_path_factory.mktemp("helped")
    store(directory, (Service("orders", ((15, CALM, 2), (3, BUSY, 2), (22, BUSY, 3))), HEALTHY))
    return directory


def test_what_really_happened_stands_beside_what_is_said(helped: Path) -> None:
    """The suggestion is there before the execution, ends with it, and carries its verdict."""
    report = ask(helped, ADVISE, RECORD)
    line = report.lines[0]
    assert OVERLOAD[0] < line.opened_at < CALLED
    assert line.closed_at is not None
    assert line.closed_at < KEPT + 2 * MINUTE
    (real,) = line.real
    assert (real.execution_id, real.state, real.verdict) == ("ex_1", "succeeded", VERDICT)
    assert report.others == ()
    assert line.estimate is not None
    assert line.estimate.p95_seconds[1] < line.estimate.p95_seconds[0]


def test_what_was_executed_in_another_direction_is_told_apart(helped: Path) -> None:
    """An execution that no suggestion of the replay stands for is listed by itself."""
    record = Record([executed(before=3, after=2)], {"ex_1": STEPS})
    report = ask(helped, ADVISE, record)
    assert [real.execution_id for real in report.others] == ["ex_1"]
    assert all(not line.real for line in report.lines)


def test_a_change_in_thought_ends_where_the_real_one_begins(helped: Path) -> None:
    """From then on the recorded world is the changed one: nothing is counted twice."""
    (line, *_) = ask(helped, AUTOMATIC, RECORD).lines
    assert line.done is not None
    assert line.done.at < CALLED
    assert line.done.stood_until < CALLED + 2 * MINUTE
    assert line.estimate is not None
    assert line.cost is not None
    assert line.cost.worker_hours == pytest.approx((line.done.stood_until - line.done.at) / 3600)


def test_a_plugin_rests_after_a_real_change(tmp_path: Path) -> None:
    """The policy's cooldown counts from the end of what was really executed: nothing is suggested, or done, before."""
    store(tmp_path)
    at = OVERLOAD[0] - 160.0  # over just before the overload
    record = Record([executed(before=3, after=2, at=at)], {"ex_1": [("succeeded", at + 150.0)]})
    rest = Policies(replace(AUTOMATIC.default, cooldown_seconds=480.0))
    (line,) = ask(tmp_path, rest, record).lines
    assert line.opened_at >= at + 150.0 + 480.0
    assert line.done is not None
    assert line.done.at >= at + 150.0 + 480.0
    (soon,) = ask(tmp_path, AUTOMATIC, record).lines
    assert soon.opened_at < line.opened_at


@pytest.mark.parametrize(
    ("after", "state", "finished", "verdict"),
    [
        (0.5, "queued", None, None),
        (1.0, "applying", None, None),
        (149.0, "verifying", None, None),
        (150.0, "succeeded", KEPT, VERDICT),
        (9_000.0, "succeeded", KEPT, VERDICT),
    ],
)
def test_an_execution_is_seen_as_it_stood(
    after: float, state: str, finished: float | None, verdict: Verdict | None
) -> None:
    """Nothing that came later: no verdict before it was given, no effect before it was made."""
    (seen,) = RECORD.as_of(CALLED + after)
    assert (seen.state.value, seen.finished_at, seen.verdict) == (state, finished, verdict)
    assert (seen.applied_at is None) == (after < 5.0)
    assert RECORD.as_of(CALLED - 0.1) == []
    assert RECORD.changes_between(T0, CALLED) == []
    assert len(RECORD.changes_between(T0, END)) == 1
