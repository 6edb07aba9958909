"""Pools that are nearly full are judged by replay too: it begins with what stood in the system."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Verdict
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.simulated_service import SimulatedService

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
VERIFIER = ChangeVerifier()
CHANGED = {Outcome.BETTER, Outcome.WORSE}
# Two workers, 14 requests of 130 ms a second, watched for 180 s in the middle of its life.
ORDERS = SimulatedService(
    workers=2,
    workers_after=4,
    rate=14,
    service_seconds=0.127,
    scv=0.25,
    overhead_seconds=0.002,
    history_seconds=120,
    before_seconds=180,
    after_seconds=90,
)


def judged(world: SimulatedService, seed: int) -> Verdict:
    return VERIFIER.verify(GOAL, "p", *world.observe(seed), world.pools)


def self_check(verdict: Verdict) -> float:
    [reason] = [reason for reason in verdict.reasons if reason.code == "self_check"]
    return float(str(reason.params["error_ratio"]))


@pytest.mark.parametrize("scv", [0.25, 1.0, 4.0])
def test_a_nearly_full_pool_is_judged_by_replay(scv: float) -> None:
    """In the middle of a backlog of seconds: the model fits within 10 %, and more workers are better."""
    for seed in range(6):
        verdict = judged(replace(ORDERS, scv=scv), seed)
        assert (verdict.outcome, verdict.method) == (Outcome.BETTER, "paired_replay")
        assert self_check(verdict) < 0.10


def test_the_way_back_into_the_backlog_is_worse() -> None:
    """From 4 to 2 workers the queue comes, and it is the change's doing."""
    for seed in range(6):
        verdict = judged(replace(ORDERS, workers=4, workers_after=2, history_seconds=30), seed)
        assert (verdict.outcome, verdict.method) == (Outcome.WORSE, "paired_replay")


def test_a_line_from_before_a_cold_start_is_no_error_of_the_model() -> None:
    """The first requests waited 20 s for the service to start; the replay begins with that line."""
    for seed in range(6):
        verdict = judged(replace(ORDERS, history_seconds=0, cold_seconds=20.0), seed)
        assert (verdict.outcome, verdict.method) == (Outcome.BETTER, "paired_replay")
        assert self_check(verdict) < 0.06


@pytest.mark.parametrize(("rate", "scv"), [(13.6, 1.0), (14.2, 1.0), (13.6, 4.0), (14.2, 4.0)])
def test_a_nearly_full_pool_nobody_changed_gives_no_verdict(rate: float, scv: float) -> None:
    """Offered work of 0.9 and 0.94 per slot, eight worlds each (the benchmark runs hundreds): no false verdict."""
    world = replace(ORDERS, rate=rate, scv=scv, workers_after=2)
    found: Counter[Outcome] = Counter()
    for seed in range(8):
        found[VERIFIER.shadow(GOAL, "p", *world.observe(seed), world.pools[0]).outcome] += 1
    assert not CHANGED & set(found)


def test_the_other_count_begins_with_what_was_really_there() -> None:
    """When the judging begins with a line standing, the old count is given that line as well, not an empty house."""
    world = replace(ORDERS, workers=2, workers_after=3, rate=15, settle_seconds=0)
    before, after = world.observe(3)
    verdict = VERIFIER.verify(GOAL, "p", before, after, world.pools)
    first = after.trace.where(after.trace.arrival < after.trace.arrival[0] + 5)
    assert np.nanmean(first.queue_wait) > 0.3
    assert verdict.outcome is not Outcome.WORSE
    assert verdict.effect < 1
