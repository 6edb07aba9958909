"""Under a CPU quota the judge replays a budget a period: what a fraction of a core would have made of it is another thing."""

import numpy as np
import pytest
from backoffice import poisson

from plugin_optimizer.domain import CpuQuota, Direction, Goal, Metric, Outcome, Pool, Purpose, RequestTrace
from plugin_optimizer.execute.counterfactual import Replay
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.models.server import Budget, replay_server
from plugin_optimizer.testing.simulated_service import EPOCH, observation

HALF = CpuQuota(0.05, 0.1, 2.0)
GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)


def pool(workers: int) -> Pool:
    return Pool("sync", workers, cores=0.5, quota=HALF)


def served(workers: int, seed: int, begin: float, seconds: float, rate: float = 18.0) -> RequestTrace:
    """Requests of 15 ms of CPU and 20 ms of I/O under half a core: by the budget, with a phase nobody was told."""
    rng = np.random.default_rng(seed)
    arrival = poisson(rng, rate, seconds) + begin
    cpu, off = rng.exponential(0.015, len(arrival)), np.full(len(arrival), 0.02)
    run = replay_server(arrival, cpu, off, workers, 2.0, budget=Budget(0.05, 0.1, rng.uniform(0, 0.1)))
    wall, none = run.sojourn - run.wait, np.zeros(len(arrival), dtype=np.int64)
    delay = np.maximum(0.0, wall - cpu - off)
    return RequestTrace(arrival, run.wait, wall, cpu, delay, none + 200, none, none, none)


@pytest.mark.parametrize("seed", range(5))
def test_what_a_quota_would_have_made_of_the_requests_is_found(seed: int) -> None:
    """Served by four workers, asked for one: the mean is within 5 %; half a core all the time would say something else."""
    happened, recorded = (float(served(count, seed, EPOCH, 120.0).sojourn.mean()) for count in (1, 4))
    trace = served(4, seed, EPOCH, 120.0)
    replayed = float(Replay(trace, pool(4), limited=True).sojourn(pool(1), np.zeros(1)).mean())
    assert replayed == pytest.approx(happened, rel=0.05)
    assert abs(happened - recorded) > 0.05 * happened


def test_nothing_changed_is_no_change_under_a_quota() -> None:
    """Ten stretches under the same count: neither better nor worse."""
    for seed in range(10):
        before, after = (served(2, seed + at, EPOCH + 60 * at, 60.0 + 30 * at) for at in (0, 1))
        sides = observation(before, EPOCH, EPOCH + 60), observation(after, EPOCH + 60, EPOCH + 150)
        verdict = ChangeVerifier().shadow(GOAL, "p", *sides, pool(2))
        assert verdict.outcome not in {Outcome.BETTER, Outcome.WORSE}


def test_many_requests_are_replayed_once() -> None:
    """Beyond 5,000 requests one phase of the timer stands for all: the mean is the same within 1 %."""
    trace = served(4, 3, EPOCH, 400.0)
    few = Replay(trace.where(np.arange(len(trace)) < 4_900), pool(4), limited=True)
    once = Replay(trace, pool(4), limited=True).sojourn(pool(2), np.zeros(1))
    assert once[:4_900].mean() == pytest.approx(few.sojourn(pool(2), np.zeros(1)).mean(), rel=0.01)
