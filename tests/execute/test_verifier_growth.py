"""Memory that grew before a change is judged by whether it stopped."""

from dataclasses import replace

import numpy as np
from sampled import noisy, side

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Outcome, Purpose, Verdict
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.simulated_service import EPOCH

LEAK = Goal(Metric.MEMORY_BYTES, Direction.DOWN, Purpose.REPAIR)
MB = 1e6


def judged(before: Observation, after: Observation, goal: Goal = LEAK) -> Verdict:
    return ChangeVerifier().verify(goal, "p", before, after, None)


def leak(windows: int, start: float, per_window: float, seed: int) -> np.ndarray:
    noise = 0.2 * MB * np.random.default_rng(seed).standard_normal(windows)
    return start + per_window * np.arange(windows) + noise


def recycled(windows: int, floor: float, peak: float, period: int) -> np.ndarray:
    return floor + (peak - floor) * (np.arange(windows) % period) / period


def test_memory_that_stops_growing_is_better() -> None:
    """A leak of 1 MB a window turned into a saw between 100 and 120 MB."""
    before = side(EPOCH, memory_bytes=leak(36, 100 * MB, MB, 1))
    after = side(EPOCH + 200, memory_bytes=recycled(40, 100 * MB, 120 * MB, 8))
    verdict = judged(before, after)
    assert verdict.outcome is Outcome.BETTER
    assert verdict.effect < 0.95
    assert verdict.before > 140 * MB > verdict.after  # not what was held, but what it would have come to
    assert [reason.code for reason in verdict.reasons] == ["was_growing"]


def test_a_fresh_start_of_the_same_leak_is_no_cure() -> None:
    """The restart gave memory back, but it grows as before: not better."""
    before = side(EPOCH, memory_bytes=leak(36, 100 * MB, MB, 1))
    verdict = judged(before, side(EPOCH + 200, memory_bytes=leak(20, 90 * MB, MB, 2)))
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_a_leak_that_goes_on_is_the_same() -> None:
    """On the old line for 24 windows: nothing was gained."""
    before = side(EPOCH, memory_bytes=leak(36, 100 * MB, MB, 1))
    verdict = judged(before, side(EPOCH + 180, memory_bytes=leak(30, 136 * MB, MB, 2)))
    assert verdict.outcome is Outcome.SAME


LONG = replace(LEAK, effect_seconds=1.1 * 300 + 30)  # lives of five minutes, that may last a tenth longer


def test_a_long_life_is_judged_when_it_has_ended() -> None:
    """Until the first lives end all grows as before, which proves nothing; when they have ended it is lower, and better."""
    before = side(EPOCH, memory_bytes=leak(36, 100 * MB, MB, 1))
    memory = np.where(np.arange(90) < 62, 136 * MB + MB * np.arange(90), 76 * MB + MB * (np.arange(90) - 62))
    memory += 0.2 * MB * np.random.default_rng(3).standard_normal(90)
    outcomes = [judged(before, side(EPOCH + 180, memory_bytes=memory[:seen]), LONG).outcome for seen in (30, 60, 90)]
    assert outcomes == [Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, Outcome.BETTER]


def test_a_long_life_that_never_ends_is_the_same() -> None:
    """Nobody was replaced by the time all should have been: nothing was gained, and that is said then."""
    before = side(EPOCH, memory_bytes=leak(36, 100 * MB, MB, 1))
    after = leak(90, 136 * MB, MB, 2)
    outcomes = [judged(before, side(EPOCH + 180, memory_bytes=after[:seen]), LONG).outcome for seen in (60, 90)]
    assert outcomes == [Outcome.INCONCLUSIVE, Outcome.SAME]


def test_a_fresh_start_with_a_long_life_is_no_cure_either() -> None:
    """Everything began anew with the change, and grows on past the moment when lives should have ended."""
    before = side(EPOCH, memory_bytes=leak(36, 100 * MB, MB, 1))
    verdict = judged(before, side(EPOCH + 200, memory_bytes=leak(90, 90 * MB, MB, 2)), LONG)
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_memory_read_less_often_is_not_missing() -> None:
    """A gauge read every third turn makes windows of three turns."""
    before, after = leak(72, 100 * MB, MB, 1), recycled(60, 100 * MB, 120 * MB, 12)
    for values in (before, after):
        values[np.arange(len(values)) % 3 > 0] = np.nan
    sides = side(EPOCH, memory_bytes=before), side(EPOCH + 360, memory_bytes=after)
    assert judged(*sides).outcome is Outcome.BETTER


def test_memory_given_back_by_fewer_workers_is_a_plain_comparison() -> None:
    """Without growth before, the level decides."""
    goal = Goal(Metric.MEMORY_BYTES, Direction.DOWN, Purpose.SAVE)
    before = side(EPOCH, memory_bytes=noisy(100 * MB, 24, 1, 0.01))
    after = side(EPOCH + 200, memory_bytes=noisy(60 * MB, 12, 2, 0.01))
    assert judged(before, after, goal).outcome is Outcome.BETTER
