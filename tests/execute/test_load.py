"""A difference that the load explains is neither credited nor blamed."""

import math
from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Window
from plugin_optimizer.execute.judgement import Decided, Look
from plugin_optimizer.execute.load import Load, load_explains
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.execute.window_series import WindowSeries
from plugin_optimizer.models.confidence import Bounds
from plugin_optimizer.testing.simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
BAND = math.log(1.05)
CHANGED = {Outcome.BETTER, Outcome.WORSE}


def decided(outcome: Outcome, low: float, high: float) -> Decided:
    return Decided(outcome, Look(Bounds((low + high) / 2, low, high, low, high, 30), BAND), 30)


def side(response: float, service: float) -> Observation:
    rows = {Metric.RESPONSE_TIME_SECONDS: response, Metric.SERVICE_TIME_SECONDS: service}
    metrics = {metric: np.full((1, 6), value, dtype=np.float32) for metric, value in rows.items()}
    return Observation(Window(("p",), 5.0 * np.arange(1.0, 7.0), 5.0, metrics))


def counted(requests: float) -> WindowSeries:
    return WindowSeries(np.arange(6.0), np.ones(6), np.full(6, requests))


def test_the_elasticity_of_a_queue_is_read_from_response_over_service_time() -> None:
    """By hand: 0.4 s of which 0.1 s is service is a queue at 75 %, where 1 % of load makes 3 % of response time."""
    load = Load.of("p", (side(0.4, 0.1), side(0.2, 0.1)), (counted(100), counted(97)), 6)
    assert load is not None
    assert load.elasticity == pytest.approx(3.0, rel=1e-5)
    assert load.moved == pytest.approx(math.log(0.97))
    assert load.luck == pytest.approx(math.sqrt(1 / 600 + 1 / 582))


def test_what_nobody_counts_explains_nothing() -> None:
    """No requests, no load; unknown service times, no queue."""
    unseen = replace(counted(1), requests=None)
    assert Load.of("p", (side(0.4, 0.1), side(0.4, 0.1)), (unseen, counted(1)), 6) is None
    assert load_explains(None, decided(Outcome.BETTER, -0.5, -0.4), GOAL) == ()
    blind = Load.of("p", (side(0.4, math.nan), side(0.4, math.nan)), (counted(100), counted(99)), 6)
    assert blind is not None
    assert blind.elasticity == 0.0


@pytest.mark.parametrize(
    ("outcome", "low", "high", "moved", "explained"),
    [
        (Outcome.BETTER, -0.5, -0.2, -0.02, True),  # 10 times 2 % is all of it
        (Outcome.BETTER, -0.9, -0.5, -0.02, False),
        (Outcome.BETTER, -0.5, -0.2, 0.02, False),
        (Outcome.WORSE, 0.2, 0.5, 0.02, True),
        (Outcome.WORSE, 0.5, 0.9, 0.02, False),
        (Outcome.SAME, -0.02, 0.02, -0.02, True),  # hides a fifth
        (Outcome.SAME, -0.02, 0.02, 0.0, False),
        (Outcome.BETTER, -0.9, -0.8, -0.06, True),  # beyond 5 % it is another load
    ],
)
def test_a_claim_has_to_stand_beyond_what_the_load_explains(
    outcome: Outcome, low: float, high: float, moved: float, explained: bool
) -> None:
    """In a queue in which one per cent of load makes ten of response time."""
    found = load_explains(Load(moved, 0.001, 10.0), decided(outcome, low, high), GOAL)
    assert [reason.code for reason in found] == ["load_changed"] * explained


def test_a_load_that_wanders_around_the_same_level_is_neither_credited_nor_blamed() -> None:
    """Nothing changed, three quarters busy, judged by windows for five minutes: of 40 services no more than the judge allows
    itself, one in twenty.
    """
    world = SimulatedService(rate=28, bursts=0.3, before_seconds=180, after_seconds=300)
    outcomes = [ChangeVerifier().verify(GOAL, "p", *world.observe(seed), None).outcome for seed in range(40)]
    assert sum(outcome in CHANGED for outcome in outcomes) <= 2
