"""Where nothing can be replayed, windows of samples judge: before against after."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sampled import noisy, side

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Verdict
from plugin_optimizer.execute.verifier import ChangeVerifier, live_windows
from plugin_optimizer.testing.simulated_service import EPOCH, SimulatedService

VERIFIER = ChangeVerifier()
CHANGED = {Outcome.BETTER, Outcome.WORSE}
LATENCY = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
CACHE = Goal(Metric.CACHE_HIT_RATIO, Direction.UP, Purpose.IMPROVE, least_effect=0.03)
ERRORS = Goal(Metric.ERROR_RATIO, Direction.DOWN, Purpose.REPAIR)


def judged(goal: Goal, before: Observation, after: Observation) -> Verdict:
    return VERIFIER.verify(goal, "p", before, after, None)


def latency(before: np.ndarray, after: np.ndarray, load: float = 100, load_after: float = 100) -> Verdict:
    old = side(EPOCH, response_time_seconds=before, requests=np.full(len(before), load))
    new = side(EPOCH + 1000, response_time_seconds=after, requests=np.full(len(after), load_after))
    return judged(LATENCY, old, new)


def codes(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


def test_a_clear_fall_is_better() -> None:
    """0.4 s to 0.3 s under the same load: a quarter less, within its interval."""
    verdict = latency(noisy(0.4, 24, 1), noisy(0.3, 12, 2))
    assert verdict.outcome is Outcome.BETTER
    assert verdict.low < 0.75 < verdict.high
    assert verdict.method == "windows"


def test_less_load_is_not_credited_and_more_load_not_blamed() -> None:
    """A shorter latency under 20 % less load, or a longer one under more, proves nothing."""
    flattered = latency(noisy(0.4, 24, 1), noisy(0.3, 12, 2), load_after=80)
    blamed = latency(noisy(0.4, 24, 1), noisy(0.6, 12, 2), load_after=120)
    assert flattered.outcome is blamed.outcome is Outcome.INCONCLUSIVE
    assert "load_changed" in codes(flattered) & codes(blamed)


def test_a_fall_in_spite_of_more_load_is_better() -> None:
    """Load can only explain what it pushes towards."""
    assert latency(noisy(0.4, 24, 1), noisy(0.3, 12, 2), load_after=120).outcome is Outcome.BETTER


def test_an_environment_that_moved_is_neither_credited_nor_blamed() -> None:
    """When the median of three other plugins moved as well, there is no verdict."""
    level = np.vstack([noisy(0.4, 24, n) for n in range(4)])
    old = side(EPOCH, 3, response_time_seconds=level)
    alone = np.vstack([noisy(0.3, 12, 10), *(noisy(0.4, 12, n) for n in (11, 12, 13))])
    together = np.vstack([noisy(0.3, 12, n) for n in (10, 11, 12, 13)])
    assert judged(LATENCY, old, side(EPOCH + 1000, 3, response_time_seconds=alone)).outcome is Outcome.BETTER
    verdict = judged(LATENCY, old, side(EPOCH + 1000, 3, response_time_seconds=together))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "environment_changed" in codes(verdict)


def fleet(begin: float, level: float, others: tuple[float, ...], windows: int, seed: int) -> Observation:
    rows = [noisy(each, windows, seed + n) for n, each in enumerate((level, *others))]
    return side(begin, len(others), response_time_seconds=np.vstack(rows))


def test_an_effect_far_beyond_what_the_machine_did_is_credited() -> None:
    """Five other plugins moved to 80 %, this one to an eighth: it stands at 0.16 of what it would have been."""
    old = fleet(EPOCH, 0.4, (0.4,) * 5, 24, 1)
    verdict = judged(LATENCY, old, fleet(EPOCH + 1000, 0.05, (0.31, 0.32, 0.32, 0.33, 0.32), 12, 50))
    assert verdict.outcome is Outcome.BETTER
    assert verdict.low < 0.126 / 0.8 < verdict.high
    [told] = [reason for reason in verdict.reasons if reason.code == "environment_adjusted"]
    assert told.params["controls"] == 5
    assert float(str(told.params["effect_ratio"])) == pytest.approx(0.8, abs=0.05)


def test_harm_hidden_by_a_machine_that_became_faster_is_found() -> None:
    """All others take 70 % of before, this one as long as ever: it is worse by what it did not gain."""
    old = fleet(EPOCH, 0.4, (0.4,) * 5, 36, 1)
    verdict = judged(LATENCY, old, fleet(EPOCH + 1000, 0.4, (0.28,) * 5, 24, 50))
    assert verdict.outcome is Outcome.WORSE


def test_witnesses_that_disagree_leave_the_question_open() -> None:
    """Others stand at 50 to 100 % of before: that this one is at 60 % proves nothing."""
    old = fleet(EPOCH, 0.4, (0.4,) * 5, 36, 1)
    verdict = judged(LATENCY, old, fleet(EPOCH + 1000, 0.24, (0.2, 0.26, 0.32, 0.37, 0.4), 24, 50))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "environment_changed" in codes(verdict)


def test_windows_go_on_counting_while_nothing_can_be_concluded() -> None:
    """A changed environment or load does not stop the clock: the windows in view are all counted."""
    old = fleet(EPOCH, 0.4, (0.4,) * 5, 36, 1)
    verdict = judged(LATENCY, old, fleet(EPOCH + 1000, 0.3, (0.3,) * 5, 40, 50))
    loaded = latency(noisy(0.4, 24, 1), noisy(0.3, 40, 2), load_after=80)
    assert verdict.outcome is loaded.outcome is Outcome.INCONCLUSIVE
    assert verdict.windows == loaded.windows == 40


def test_a_load_that_came_back_lets_the_verdict_be_found() -> None:
    """Twelve windows under 20 % less load explain a fall; sixty more under the old load do not."""
    load = np.concatenate([np.full(12, 80.0), np.full(60, 104.0)])
    old = side(EPOCH, response_time_seconds=noisy(0.4, 24, 1), requests=np.full(24, 100))
    new = side(EPOCH + 1000, response_time_seconds=noisy(0.3, 72, 2), requests=load)
    assert judged(LATENCY, old, new).outcome is Outcome.BETTER


def test_nothing_changed_is_hardly_ever_called_a_change() -> None:
    """120 worlds without request records, load moving by 15 %: at most one false verdict (alpha is 4 %)."""
    found = Counter()
    for seed in range(120):
        load = (1.0, 1.15, 0.85)[seed % 3]
        before, after = SimulatedService(scv=(1.0, 4.0)[seed % 2], load_after=load, after_seconds=90).observe(seed)
        found[judged(LATENCY, Observation(before.window), Observation(after.window)).outcome] += 1
    assert sum(found[outcome] for outcome in CHANGED) <= 1


def test_without_a_past_there_is_no_verdict() -> None:
    """Five windows before the change are too few to compare with."""
    verdict = latency(noisy(0.4, 5, 1), noisy(0.2, 30, 2))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "no_before" in codes(verdict)


@given(st.lists(st.floats(0.05, 2), min_size=8, max_size=40), st.lists(st.floats(0.05, 2), min_size=8, max_size=40))
@settings(max_examples=60, deadline=None)
def test_inverted_values_mirror_the_verdict(before: list[float], after: list[float]) -> None:
    """What is better when it should go down is as much worse when its inverse should."""
    there = latency(np.array(before), np.array(after))
    back = latency(1 / np.array(before), 1 / np.array(after))
    mirror = {Outcome.BETTER: Outcome.WORSE, Outcome.WORSE: Outcome.BETTER}
    assert back.outcome is mirror.get(there.outcome, there.outcome)


@given(st.integers(0, 1000), st.floats(0.01, 100))
@settings(max_examples=30, deadline=None)
def test_another_unit_leaves_the_verdict(seed: int, factor: float) -> None:
    """Seconds or milliseconds: the same outcome and effect."""
    before, after = noisy(0.4, 24, seed), noisy(0.3, 12, seed + 1)
    there, here = latency(before, after), latency(before * factor, after * factor)
    assert here.outcome is there.outcome
    assert here.effect == pytest.approx(there.effect, rel=1e-4)


def test_direction_up_is_respected() -> None:
    """More throughput is better where it should go up."""
    goal = Goal(Metric.THROUGHPUT_PER_SECOND, Direction.UP, Purpose.IMPROVE)
    old = side(EPOCH, throughput_per_second=noisy(10, 24, 1))
    assert judged(goal, old, side(EPOCH + 500, throughput_per_second=noisy(14, 12, 2))).outcome is Outcome.BETTER
    assert judged(goal, old, side(EPOCH + 500, throughput_per_second=noisy(7, 12, 2))).outcome is Outcome.WORSE


def test_slow_traffic_is_gathered_into_longer_windows() -> None:
    """At 10 requests a window, 25 s make one: 30 samples are 6 windows, 29 are not."""
    before = noisy(0.4, 60, 1)
    assert latency(before, noisy(0.2, 29, 2), 10, 10).outcome is Outcome.INCONCLUSIVE
    assert latency(before, noisy(0.2, 50, 2), 10, 10).outcome is Outcome.BETTER


# Caches


def hits(level: float, windows: int, seed: int) -> np.ndarray:
    return level + 0.01 * np.random.default_rng(seed).standard_normal(windows)


def test_a_hit_ratio_is_judged_in_points() -> None:
    """0.60 to 0.66 is six points; told as the ratio 1.1."""
    old = side(EPOCH, cache_hit_ratio=hits(0.60, 24, 1))
    verdict = judged(CACHE, old, side(EPOCH + 500, cache_hit_ratio=hits(0.66, 12, 2)))
    assert verdict.outcome is Outcome.BETTER
    assert verdict.effect == pytest.approx(1.1, abs=0.01)


def test_a_cache_that_helps_and_still_fills_says_so() -> None:
    """Better already, and surely climbing: the figure is not the last word. One that has settled says nothing."""
    old = side(EPOCH, cache_hit_ratio=hits(0.40, 24, 1))
    filling = judged(CACHE, old, side(EPOCH + 500, cache_hit_ratio=np.linspace(0.5, 0.9, 24)))
    settled = judged(CACHE, old, side(EPOCH + 500, cache_hit_ratio=hits(0.9, 24, 2)))
    assert filling.outcome is settled.outcome is Outcome.BETTER
    assert "still_warming" in codes(filling)
    assert "still_warming" not in codes(settled)


def test_a_cache_that_still_warms_up_is_not_blamed() -> None:
    """An empty cache climbing back has not failed yet; one that stays low has."""
    old = side(EPOCH, cache_hit_ratio=hits(0.60, 24, 1))
    climbing = judged(CACHE, old, side(EPOCH + 500, cache_hit_ratio=np.linspace(0.1, 0.5, 24)))
    low = judged(CACHE, old, side(EPOCH + 500, cache_hit_ratio=hits(0.4, 12, 2)))
    assert climbing.outcome is Outcome.INCONCLUSIVE
    assert low.outcome is Outcome.WORSE


# Errors


def errors(begin: float, ratio: float, windows: int, seed: int, requests: int = 60) -> Observation:
    failed = np.random.default_rng(seed).binomial(requests, ratio, windows)
    return side(begin, error_ratio=failed / requests, requests=np.full(windows, requests))


def test_errors_that_vanish_are_better() -> None:
    """6 % of 1,440 requests before and none of 720 after."""
    verdict = judged(ERRORS, errors(EPOCH, 0.06, 24, 1), errors(EPOCH + 500, 0.0, 12, 2))
    assert verdict.outcome is Outcome.BETTER
    assert verdict.before == pytest.approx(0.06, abs=0.02)
    assert verdict.after == 0.0


def test_errors_that_come_are_worse() -> None:
    """1 % before and 6 % after."""
    verdict = judged(ERRORS, errors(EPOCH, 0.01, 36, 1), errors(EPOCH + 500, 0.06, 24, 2))
    assert verdict.outcome is Outcome.WORSE


def test_equal_error_ratios_are_never_called_a_change() -> None:
    """100 worlds with 5 % errors on both sides, each judged at every window."""
    found = Counter(
        judged(ERRORS, errors(EPOCH, 0.05, 36, seed), errors(EPOCH + 500, 0.05, 24, 1000 + seed)).outcome
        for seed in range(100)
    )
    assert sum(found[outcome] for outcome in CHANGED) <= 1


def test_errors_in_bursts_are_fewer_events_than_they_seem() -> None:
    """All errors before came in two windows: that none came since is not yet news."""
    failed = np.zeros(24)
    failed[[3, 4]] = 0.5
    before = side(EPOCH, error_ratio=failed, requests=np.full(24, 60))
    verdict = judged(ERRORS, before, errors(EPOCH + 500, 0.0, 12, 2))
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_live_windows_without_requests_show_the_level_before() -> None:
    """People still see each window against the mean before; other metrics have no such chart."""
    old = side(EPOCH, response_time_seconds=np.full(12, 0.4))
    new = side(EPOCH + 500, response_time_seconds=[0.3, np.nan, 0.2])
    rows = live_windows(LATENCY, "p", old, new, None)
    assert [row["observed_seconds"] for row in rows] == [pytest.approx(0.3), None, pytest.approx(0.2)]
    assert rows[0]["without_seconds"] == pytest.approx(0.4)
    assert live_windows(replace(LATENCY, metric=Metric.MEMORY_BYTES), "p", old, new, None) == []
