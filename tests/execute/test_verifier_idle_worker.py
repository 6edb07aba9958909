"""A worker that was added and takes no requests is never called an improvement, whatever the replay makes of it."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Verdict
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
SERVICE = SimulatedService(rate=20.0, before_seconds=120.0, after_seconds=180.0, wander=0.1)


def judged(workers: int, busy: float, seed: int, serving: int) -> Verdict:
    """One more worker is on record; `serving` take requests."""
    world = replace(SERVICE, workers=workers, workers_after=serving, service_seconds=busy * workers / SERVICE.rate)
    old, _ = world.pools
    return ChangeVerifier().verify(GOAL, "p", *world.observe(seed), (old, replace(old, workers=workers + 1)))


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("busy", [0.6, 0.8, 0.92])
def test_a_worker_that_serves_nothing_is_no_improvement(workers: int, busy: float) -> None:
    """Twelve services each; where it mattered, the verdict says what is wrong."""
    verdicts = [judged(workers, busy, seed, workers) for seed in range(12)]
    assert not any(verdict.outcome is Outcome.BETTER for verdict in verdicts)
    for verdict in verdicts:
        codes = {reason.code for reason in verdict.reasons}
        assert verdict.method != "paired_replay" or "added_serves_nothing" in codes


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_worker_that_serves_is_one(workers: int) -> None:
    """The same services with the worker at work."""
    verdicts = [judged(workers, 0.92, seed, workers + 1) for seed in range(12)]
    assert sum(verdict.outcome is Outcome.BETTER for verdict in verdicts) >= 11
    assert not any(reason.code == "added_serves_nothing" for verdict in verdicts for reason in verdict.reasons)
