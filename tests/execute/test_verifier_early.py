"""What is changed twenty seconds after a fault began has hardly a time before: it is judged all the same, and not rashly."""

from dataclasses import replace

import pytest

from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
BANK = SimulatedService(
    workers=2, workers_after=4, rate=18.0, service_seconds=0.12, scv=0.0, before_seconds=20.0, after_seconds=120.0
)


def outcomes(world: SimulatedService, seeds: int) -> list[Outcome]:
    first = 100
    return [
        ChangeVerifier().verify(GOAL, "p", *world.observe(seed), world.pools).outcome
        for seed in range(first, first + seeds)
    ]


@pytest.mark.parametrize("scv", [0.0, 1.0])
def test_relief_from_an_overload_is_seen_with_twenty_seconds_before(scv: float) -> None:
    """Four workers where two were too few: better."""
    found = outcomes(replace(BANK, scv=scv), 12)
    assert found.count(Outcome.BETTER) >= 10
    assert Outcome.WORSE not in found


@pytest.mark.parametrize("before", [10.0, 13.0, 16.0])
@pytest.mark.parametrize("scv", [0.0, 1.0])
def test_relief_from_a_deep_overload_is_seen_with_hardly_any_time_before(before: float, scv: float) -> None:
    """Of which most requests had not ended when the change was made: better."""
    world = replace(BANK, workers=1, workers_after=3, scv=scv, before_seconds=before)
    assert set(outcomes(world, 8)) == {Outcome.BETTER}


@pytest.mark.parametrize("scv", [0.0, 1.0, 9.0])
@pytest.mark.parametrize("busy", [0.4, 0.7, 0.85])
def test_a_change_that_does_nothing_is_not_called_anything_else(busy: float, scv: float) -> None:
    """Eight workers for six, or six for eight, which were enough, whatever the requests are like: neither better nor worse."""
    for workers, after in ((6, 8), (8, 6)):
        world = replace(BANK, workers=workers, workers_after=after, scv=scv, rate=3.0 * busy / 0.12, wander=0.1)
        for before in (8.0, 13.0, 20.0):  # the middle one drew two windows alike by luck
            assert not {Outcome.BETTER, Outcome.WORSE} & set(outcomes(replace(world, before_seconds=before), 8))


@pytest.mark.parametrize(("workers", "rate", "load_after"), [(6, 18.0, 1.0), (6, 22.0, 0.7)])
def test_harm_is_seen_with_twenty_seconds_before(workers: int, rate: float, load_after: float) -> None:
    """Too few workers are left, also where the load falls meanwhile: worse."""
    world = replace(BANK, workers=workers, workers_after=2, rate=rate, load_after=load_after, scv=1.0, wander=0.1)
    assert set(outcomes(world, 12)) == {Outcome.WORSE}
