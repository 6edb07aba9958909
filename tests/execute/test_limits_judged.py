"""A larger limit is judged by what it was for: periods in which the unit is stopped, and the share of its memory that is used."""

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Verdict, Window
from plugin_optimizer.execute.guards import guard
from plugin_optimizer.execute.verifier import ChangeVerifier

UNIT = "orders.service"
QUOTA = Goal(Metric.THROTTLED_RATIO, Direction.DOWN, Purpose.IMPROVE, 0.2)
MEMORY = Goal(Metric.MEMORY_RATIO, Direction.DOWN, Purpose.REPAIR, 0.2)


def side(metric: Metric, level: float, seconds: float, seed: int, step: float = 5.0) -> Observation:
    """Return a stretch in which the metric lies around a level, a tenth of it to and fro."""
    count = int(seconds / step)
    noise = np.random.default_rng(seed).uniform(0.9, 1.1, count)
    values = np.clip(level * noise, 0.0, 1.0).astype(np.float32)[None, :]
    up = np.ones((1, count), dtype=np.float32)
    series = {metric: values, Metric.UP: up, Metric.RESTARTS: np.zeros_like(up)}
    return Observation(Window((UNIT,), 1_000.0 + step * np.arange(count), step, series))


def judged(goal: Goal, before: float, after: float, seconds: float, seed: int) -> Verdict:
    old, new = side(goal.metric, before, 180.0, seed), side(goal.metric, after, seconds, seed + 100)
    assert guard(goal, UNIT, old, new) is None
    return ChangeVerifier().verify(goal, UNIT, old, new, None)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("goal", "before", "after"),
    [(QUOTA, 0.9, 0.0), (QUOTA, 0.9, 0.5), (QUOTA, 0.3, 0.1), (MEMORY, 0.9, 0.6)],
    ids=["gone", "nearly halved", "a third", "memory"],
)
def test_what_falls_by_a_third_is_better_within_two_minutes(goal: Goal, before: float, after: float, seed: int) -> None:
    """Also where nothing is left of it: a share of zero has no logarithm, and counts as little."""
    verdict = judged(goal, before, after, 120.0, seed)
    assert verdict.outcome is Outcome.BETTER, verdict


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("goal", [QUOTA, MEMORY], ids=["quota", "memory"])
def test_what_stays_as_it_was_is_never_called_better(goal: Goal, seed: int) -> None:
    """A unit that uses whatever it is given: the same after five minutes, and so undone."""
    verdict = judged(goal, 0.85, 0.85, 300.0, seed)
    assert verdict.outcome is Outcome.SAME, verdict


@pytest.mark.parametrize("seed", range(5))
def test_what_becomes_worse_is_told(seed: int) -> None:
    """More of what it was to have less of."""
    assert judged(QUOTA, 0.4, 0.9, 120.0, seed).outcome is Outcome.WORSE
