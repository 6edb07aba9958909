"""More workers that only wait for each other inside the service are not credited with what is really unchanged."""

from collections import Counter
from dataclasses import replace

import pytest

from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
# As recorded: 20 requests a second of 0.14 s, four workers, three connections of the database, 93 % of them taken.
CROWDED = SimulatedService(workers=4, workers_after=8, rate=20.0, service_seconds=0.135, connections=3)
CROWDED = replace(CROWDED, history_seconds=60.0, before_seconds=75.0, after_seconds=90.0)


def outcomes(world: SimulatedService, trials: int) -> Counter[Outcome]:
    found: Counter[Outcome] = Counter()
    for seed in range(trials):
        before, after = world.observe(seed)
        found[ChangeVerifier().verify(GOAL, "p", before, after, world.pools).outcome] += 1
    return found


@pytest.mark.parametrize("load", [1.0, 0.85, 0.7, 1.05])
@pytest.mark.parametrize("workers", [5, 6, 8])
def test_waiting_for_a_connection_instead_of_a_worker_is_no_benefit(load: float, workers: int) -> None:
    """360 worlds, also with less load or a little more: in all the time people wait is what three connections give."""
    found = outcomes(replace(CROWDED, workers_after=workers, load_after=load), 30)
    assert not found[Outcome.BETTER]


def test_a_benefit_that_people_feel_stands_though_the_service_became_slower() -> None:
    """An overload ends though everything takes 15 % longer inside: what was 10 s of waiting is gone."""
    world = SimulatedService(workers=2, workers_after=5, rate=22.0, service_after=1.15, before_seconds=90.0)
    assert outcomes(replace(world, settle_seconds=30.0, after_seconds=90.0), 20)[Outcome.BETTER] >= 18


def test_connections_for_all_leave_the_benefit_what_it_was() -> None:
    """With connections enough the same change helps, and that is found."""
    assert outcomes(replace(CROWDED, connections=8, rate=26.0, service_seconds=0.13), 20)[Outcome.BETTER] >= 18
