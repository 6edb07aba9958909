"""What a change does to the time inside a worker is judged beside what it does to the queue."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Pool, Purpose, RequestTrace, Verdict
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.models.server import replay_server
from plugin_optimizer.testing.simulated_service import EPOCH, SimulatedService, observation

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
VERIFIER = ChangeVerifier()


def test_latency_that_rises_with_more_workers_is_worse() -> None:
    """Behind a lock more workers queue less and wait more: the total counts, not the queue."""
    world = SimulatedService(workers=3, workers_after=6, rate=15, service_seconds=0.05, lock_share=0.3, handover=0.5)
    found: Counter[Outcome] = Counter()
    for seed in range(20):
        before, after = replace(world, after_seconds=150).observe(seed)
        found[VERIFIER.verify(GOAL, "p", before, after, world.pools).outcome] += 1
    assert found[Outcome.WORSE] >= 17
    assert not found[Outcome.BETTER]


def beside_others(seen: Observation, own_seconds: float, others_seconds: tuple[float, ...], seed: int) -> Observation:
    """Return the observation with the service times of `p` and of other plugins in its window, with noise of 3 %."""
    levels = np.array([own_seconds, *others_seconds])[:, None]
    noise = np.exp(0.03 * np.random.default_rng(seed).standard_normal((len(levels), len(seen.window.times))))
    names = ("p", *(f"other-{number}" for number in range(len(others_seconds))))
    metrics = {Metric.SERVICE_TIME_SECONDS: (levels * noise).astype(np.float32)}
    return replace(seen, window=replace(seen.window, plugin_ids=names, metrics=metrics))


def judged_beside(world: SimulatedService, others_after: tuple[float, ...], seed: int) -> Verdict:
    """Judge a world whose five neighbours took 10 ms before."""
    before, after = world.observe(seed)
    before = beside_others(before, world.service_seconds, (0.01,) * 5, seed)
    after = beside_others(after, world.service_seconds, tuple(0.01 * ratio for ratio in others_after), seed + 100)
    return VERIFIER.verify(GOAL, "p", before, after, world.pools)


DISAGREEING = (0.65, 0.67, 0.77, 0.91, 0.94)


def test_neighbours_that_disagree_put_no_blame_on_a_service_that_stood_still() -> None:
    """A machine that calmed down made small handlers much faster, and the one that waits for a bank not at all."""
    world = SimulatedService(workers=2, workers_after=3, rate=12.5, service_seconds=0.13, after_seconds=300)
    verdicts = [judged_beside(world, DISAGREEING, seed) for seed in range(8)]
    assert all("environment_disagrees" in {reason.code for reason in verdict.reasons} for verdict in verdicts)
    assert sum(verdict.outcome is Outcome.BETTER for verdict in verdicts) >= 7


def test_neighbours_that_disagree_excuse_no_service_that_slowed_down() -> None:
    """Behind a lock, more workers are never called better, whatever the neighbours did."""
    world = SimulatedService(workers=3, workers_after=6, rate=15, service_seconds=0.05, lock_share=0.3, handover=0.5)
    for others in (DISAGREEING, tuple(1 / ratio for ratio in DISAGREEING)):
        verdicts = [judged_beside(replace(world, after_seconds=150), others, seed) for seed in range(8)]
        assert Outcome.BETTER not in {verdict.outcome for verdict in verdicts}


def test_neighbours_that_agree_are_taken_off() -> None:
    """All became a third faster, this one did not: its service is said to have become slower beside them."""
    world = SimulatedService(workers=3, workers_after=4, after_seconds=120)
    codes = {reason.code for reason in judged_beside(world, (0.66, 0.67, 0.67, 0.67, 0.68), 1).reasons}
    assert "environment_adjusted" in codes
    assert {"service_effect", "service_uncertain"} & codes


def test_a_moved_service_time_is_named() -> None:
    """The reasons show the service effect beside the queue effect."""
    world = SimulatedService(workers=3, workers_after=4, service_after=2.0, after_seconds=120)
    verdict = VERIFIER.verify(GOAL, "p", *world.observe(1), world.pools)
    codes = {reason.code: reason.params for reason in verdict.reasons}
    assert float(str(codes["service_effect"]["effect_ratio"])) == pytest.approx(2.0, rel=0.2)
    assert "queue_effect" in codes


def test_other_kinds_of_requests_are_not_another_speed() -> None:
    """Twice as many slow requests after the change move the mix, not the service times."""
    rng = np.random.default_rng(3)

    def mixed(begin: float, slow: float) -> RequestTrace:
        arrival = begin + np.sort(rng.uniform(0, 120, 2400))
        kind = (rng.random(2400) < slow).astype(np.int64)
        wall = np.where(kind == 1, 0.2, 0.02) * rng.uniform(0.9, 1.1, 2400)
        zero, none = np.zeros(2400), np.zeros(2400, dtype=np.int64)
        return RequestTrace(arrival, zero, wall, zero, zero, none + 200, none, kind, none)

    sides = [observation(mixed(EPOCH + at, slow), EPOCH + at, EPOCH + at + 120) for at, slow in ((0, 0.1), (120, 0.2))]
    verdict = VERIFIER.verify(GOAL, "p", *sides, (Pool("sync", 30), Pool("sync", 40)))
    assert not {"service_effect", "service_uncertain"} & {reason.code for reason in verdict.reasons}


def _computed(seed: int, slots: int, begin: float) -> RequestTrace:
    """Requests that compute 30 ms and wait 50 ms on one core: served by the model with shared cores."""
    rng = np.random.default_rng(seed)
    arrival = np.cumsum(rng.exponential(1 / 16, 2500))
    arrival = arrival[arrival < 120]
    cpu, off_cpu = rng.exponential(0.03, len(arrival)), rng.exponential(0.05, len(arrival))
    run = replay_server(arrival, cpu, off_cpu, slots, 1.0)
    wall, none = run.sojourn - run.wait, np.zeros(len(arrival), dtype=np.int64)
    delay = np.maximum(0, wall - cpu - off_cpu)
    return RequestTrace(begin + arrival, run.wait, wall, cpu, delay, none + 200, none, none, none)


@pytest.mark.parametrize(("old", "new", "truth"), [(2, 4, Outcome.BETTER), (4, 2, Outcome.WORSE)])
def test_pools_short_of_computing_power_are_replayed_with_their_cores(old: int, new: int, truth: Outcome) -> None:
    """Time spent waiting for a core is the model's to make, not a service effect; the band is wide."""
    before = observation(_computed(1, old, EPOCH), EPOCH, EPOCH + 120)
    after = observation(_computed(2, new, EPOCH + 120), EPOCH + 120, EPOCH + 240)
    verdict = VERIFIER.verify(GOAL, "p", before, after, (Pool("sync", old), Pool("sync", new)))
    assert verdict.outcome is truth
    assert "service_effect" not in {reason.code for reason in verdict.reasons}
