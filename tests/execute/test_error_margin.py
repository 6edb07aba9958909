"""Nothing is kept while it may make requests fail."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose
from plugin_optimizer.execute.decision import Decision, decide
from plugin_optimizer.execute.error_judge import Failures
from plugin_optimizer.execute.error_margin import ALPHA, most_more
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.models.counts import share_interval
from plugin_optimizer.testing.simulated_service import SimulatedService

SAVE = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.SAVE, 0.10, slo=2.0)
HELP = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
ROOMY = SimulatedService(workers=8, workers_after=6, rate=20, after_seconds=180, before_seconds=180)
SHORT = SimulatedService(workers=2, workers_after=4, rate=20, after_seconds=180, before_seconds=180)


def counted(failed: int, requests: int) -> Failures:
    return Failures(np.array([float(failed)]), np.array([float(requests)]))


def kept_at(world: SimulatedService, goal: Goal, seed: int) -> float | None:
    """Return after how many seconds of judging the change is kept; None for never."""
    _, after = world.observe(seed)
    for seconds in range(30, int(world.after_seconds) + 1, 30):
        before, after = replace(world, after_seconds=float(seconds)).observe(seed)
        verdict = ChangeVerifier().verify(goal, "p", before, after, world.pools)
        if decide(goal.purpose, verdict, 0.5, False) is Decision.KEEP:
            return float(seconds)
    return None


@pytest.mark.parametrize(("world", "goal"), [(ROOMY, SAVE), (SHORT, HELP)])
@pytest.mark.parametrize("seed", range(2))
def test_what_makes_one_request_in_a_hundred_fail_is_not_kept(world: SimulatedService, goal: Goal, seed: int) -> None:
    """However cheap or fast it is otherwise; the guard alone would let it pass."""
    assert kept_at(replace(world, error_ratio_after=0.012), goal, seed) is None


@pytest.mark.parametrize(("world", "goal"), [(ROOMY, SAVE), (SHORT, HELP)])
def test_what_does_not_is_kept_within_two_minutes(world: SimulatedService, goal: Goal) -> None:
    """At 20 requests a second, with no errors and with a few usual ones."""
    for usual in (0.0, 0.005):
        kept = kept_at(replace(world, error_ratio=usual, error_ratio_after=usual), goal, 5)
        assert kept is not None
        assert kept <= 180


def test_the_reason_is_told_while_errors_are_not_ruled_out() -> None:
    """With the rise that is still possible and the requests it was concluded from."""
    world = replace(ROOMY, after_seconds=120, rate=10, error_ratio_after=0.012)
    before, after = world.observe(0)
    verdict = ChangeVerifier().verify(SAVE, "p", before, after, world.pools)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    told = verdict.reasons[0]
    assert told.code == "errors_not_excluded"
    assert told.params["more_ratio"] >= told.params["most_ratio"] == 0.01
    assert told.params["requests"] == len(after.trace)


def test_where_no_requests_are_counted_nothing_is_to_be_ruled_out() -> None:
    """Samples alone, of a plugin whose requests nobody counts."""
    before, after = (_uncounted(side) for side in ROOMY.observe(1))
    verdict = ChangeVerifier().verify(SAVE, "p", before, after, None)
    assert "errors_not_excluded" not in {reason.code for reason in verdict.reasons}


def _uncounted(side: Observation) -> Observation:
    metrics = {m: v for m, v in side.window.metrics.items() if m not in {Metric.REQUESTS, Metric.ERROR_RATIO}}
    return Observation(replace(side.window, metrics=metrics))


def test_the_margin_without_errors_is_the_rule_of_the_first_failure() -> None:
    """By hand: 0 of n leaves 1 - (alpha / 2) ** (1 / n); 0 of 1,000 is 0.53 %."""
    assert most_more(counted(0, 1800), counted(0, 1000)) == pytest.approx(1 - (ALPHA / 2) ** (1 / 1000), rel=1e-6)
    assert most_more(counted(0, 1800), counted(0, 1000)) == pytest.approx(0.0053, abs=1e-4)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(500, 5000), st.integers(500, 5000))
def test_the_margin_lies_between_the_difference_and_the_sum_of_both_intervals(
    failed: int, failed_now: int, requests: int, requests_now: int
) -> None:
    """Never less than what was seen, never more than the worst of both."""
    old, new = counted(failed, requests), counted(failed_now, requests_now)
    worst = share_interval(failed_now, requests_now, ALPHA)[1] - share_interval(failed, requests, ALPHA)[0]
    assert new.ratio - old.ratio <= most_more(old, new) + 1e-12
    assert most_more(old, new) <= worst + 1e-12
