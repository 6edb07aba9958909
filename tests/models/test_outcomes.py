"""How changes turned out, and the time that requests were spared."""

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
    Outcome,
    Purpose,
    SuggestionType,
    Verdict,
)
from plugin_optimizer.models.outcomes import SparedTime, Tally, spared_time, tallies, tally

S, T = ExecutionState, SuggestionType
P95 = Metric.RESPONSE_TIME_P95_SECONDS
CHANGE = Change("orders", "workers", 2, 4, Goal(P95, Direction.DOWN, Purpose.IMPROVE))
PLAIN = Execution("ex", "sg", T.INCREASE_WORKERS, Message("m"), CHANGE, S.SUCCEEDED, 1, "ann", 0.0, 0.0, applied_at=1.0)


def run(name: str, state: S, outcome: Outcome | None = None, kind: T = T.INCREASE_WORKERS) -> Execution:
    verdict = None if outcome is None else Verdict(outcome, P95, 0.5, 0.4, 0.6, 2.0, 1.0, 8, 100, "paired_replay")
    return replace(PLAIN, id=name, state=state, verdict=verdict, suggestion_type=kind)


def test_executions_are_counted_by_how_they_ended() -> None:
    """Each once; a verdict that is still in the making counts for nothing."""
    executions = [
        run("a", S.SUCCEEDED, Outcome.BETTER),
        run("b", S.ROLLED_BACK, Outcome.WORSE),
        run("c", S.ROLLED_BACK),
        run("d", S.NEEDS_OPERATOR),
        run("e", S.ABORTED),
        run("f", S.CANCELLED),
        run("g", S.VERIFYING, Outcome.BETTER),
        run("h", S.SUCCEEDED, Outcome.SAME, T.DECREASE_WORKERS),
    ]
    found = tallies(executions)
    assert found[T.INCREASE_WORKERS] == Tally(1, 2, 1, 2, 1, {Outcome.BETTER: 1, Outcome.WORSE: 1})
    assert found[T.DECREASE_WORKERS] == Tally(kept=1, verdicts={Outcome.SAME: 1})
    assert tally(executions).executions == len(executions)
    assert tally([]).executions == 0


def test_spared_time_by_hand() -> None:
    """10 requests spared 1 s each and 5 that took 0.2 s longer are 9 s; what is not known on both sides is no part of it."""
    windows = {
        "a": [
            {"at": 1.0, "observed_seconds": 0.5, "without_seconds": 1.5, "requests": 10.0},
            {"at": 2.0, "observed_seconds": 0.5, "without_seconds": 0.3, "requests": 5.0},
            {"at": 3.0, "observed_seconds": None, "without_seconds": 9.0, "requests": 5.0},
            {"at": 4.0, "observed_seconds": 0.1, "without_seconds": 9.0},
        ],
        "b": [{"at": 1.0, "observed_seconds": 1.0, "without_seconds": 2.0}],
    }
    executions = [run("a", S.SUCCEEDED), run("b", S.SUCCEEDED), run("c", S.ROLLED_BACK)]
    found = spared_time(executions, windows)
    assert found.seconds == pytest.approx(9.0)
    assert (found.requests, found.executions, found.not_counted) == (15, 1, 2)
    assert spared_time([replace(PLAIN, applied_at=None)], {}) == SparedTime(0.0, 0, 0, 0)
