"""A retry storm that more workers ended is their doing, though the load that is left would do without them."""

import heapq
from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Pool, Purpose, RequestTrace, Verdict
from plugin_optimizer.execute.decision import Decision, decide
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.simulated_service import EPOCH, SimulatedService, observation

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
CHANGE, SETTLED, END = 75.0, 130.0, 240.0
PATIENCE, RETRIES = 1.0, 2


def served(seed: int, workers: int, after: int, retries: int = RETRIES, rate_after: float = 15.5) -> RequestTrace:
    """15.5 new requests a second of 0.12 s, tried again after a second without an answer; the service hung for its first 15 s.

    Five workers serve 40 a second: more than enough for the new ones, not for two retries of each. Nobody tells the service
    that a client gave up, so it serves them all.
    """
    rng = np.random.default_rng(seed)
    rate = 15.5
    fresh = np.cumsum(rng.exponential(1 / rate, int(END * rate * 1.2)))
    fresh = fresh[(fresh < END) & ((fresh < CHANGE) | (rng.random(len(fresh)) < rate_after / rate))]
    coming = [(float(at), 0) for at in fresh]
    heapq.heapify(coming)
    free, changed = [15.0] * workers, False
    rows = []
    while coming:
        at, tried = heapq.heappop(coming)
        if not changed and max(at, free[0]) >= CHANGE:
            free, changed = sorted([*free, *[CHANGE] * (after - workers)]), True
            heapq.heapify(free)
        begin = max(at, free[0])
        heapq.heapreplace(free, begin + 0.12 + 0.003)
        rows.append((at, begin - at, 0.12))
        if begin + 0.12 - at > PATIENCE and tried < retries and at + PATIENCE < END:
            heapq.heappush(coming, (at + PATIENCE, tried + 1))
    arrival, wait, wall = (np.array(column) for column in zip(*rows, strict=True))
    none = np.zeros(len(arrival), dtype=np.int64)
    zero = np.zeros(len(arrival))
    return RequestTrace(EPOCH + arrival, wait, wall, zero + 0.003, zero, none + 200, none, none, none)


def sides(trace: RequestTrace) -> tuple[Observation, Observation]:
    before, after = trace.between(EPOCH, EPOCH + CHANGE), trace.between(EPOCH + SETTLED, EPOCH + END)
    after = after.where(after.end <= EPOCH + END)
    return observation(before, EPOCH, EPOCH + CHANGE), observation(after, EPOCH + SETTLED, EPOCH + END)


def judged(trace: RequestTrace, workers: int, after: int) -> Verdict:
    return ChangeVerifier().verify(
        GOAL, "p", *sides(trace), (Pool("sync", workers, cores=64.0), Pool("sync", after, cores=64.0))
    )


@pytest.mark.parametrize("seed", range(6))
def test_workers_that_ended_a_storm_are_better_for_it(seed: int) -> None:
    """Two of three requests were retries and have ceased, and the usual load goes on: the calm is what the workers did."""
    verdict = judged(served(seed, 5, 8), 5, 8)
    assert verdict.outcome is Outcome.BETTER
    [reason] = [r for r in verdict.reasons if r.code == "retries_ceased"]
    assert reason.params["after_seconds"] == pytest.approx(PATIENCE, abs=0.02)
    assert 0.4 < float(str(reason.params["share_ratio"])) < 0.75


@pytest.mark.parametrize("seed", range(6))
def test_an_overload_that_ended_while_the_load_fell_is_no_proof_of_anything(seed: int) -> None:
    """44 requests a second, nobody tries again; with the change the load falls to a third. What the workers did cannot be told."""
    world = SimulatedService(workers=5, workers_after=8, rate=44.0, load_after=0.35, scv=0.0, service_seconds=0.12)
    before, after = replace(world, before_seconds=90.0, settle_seconds=40.0, after_seconds=150.0).observe(seed)
    verdict = ChangeVerifier().verify(GOAL, "p", before, after, world.pools)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "load_changed" in {reason.code for reason in verdict.reasons}
    assert decide(Purpose.IMPROVE, verdict, watched=1.0, auto=False) is Decision.UNDO


@pytest.mark.parametrize("seed", range(3))
def test_retries_that_cease_as_the_customers_stay_away_prove_nothing_either(seed: int) -> None:
    """New requests fell to a third as well: the storm may have ended for want of load."""
    assert judged(served(seed, 5, 8, rate_after=5.0), 5, 8).outcome is not Outcome.BETTER


def test_harm_that_falling_load_hides_is_still_harm() -> None:
    """Fewer workers are never relieved by what they are spared: 4 to 3 with a fifth less load, found in 9 of 10 worlds."""
    world = SimulatedService(workers=4, workers_after=3, load_after=0.8, after_seconds=120.0)
    verdicts = [ChangeVerifier().verify(GOAL, "p", *world.observe(seed), world.pools) for seed in range(10)]
    assert sum(verdict.outcome is Outcome.WORSE for verdict in verdicts) >= 9
