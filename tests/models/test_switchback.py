"""The plan of a comparison by switching back and forth."""

from collections import Counter
from dataclasses import replace
from math import inf, log, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.domain import InvalidValue, Message, Metric, RequestTrace
from plugin_optimizer.domain.comparison import Arm, Block, Comparison
from plugin_optimizer.models.signed_ranks import shift
from plugin_optimizer.models.switchback import (
    BlockShape,
    Question,
    block_shape,
    deviation_of_neighbours,
    pair_deviation,
    pairs_needed,
    plan_switchback,
)

BAND = log(1.05)
QUESTION = Question(effect=log(0.69), band=BAND, deviation=0.4, alpha=0.04)
SHAPE = BlockShape(8.0, 1.5)
ORDERS = ["ABBABABABABABA", "ABBAABABABBAAB", "ABABBAABBAABBA"]  # seeds 1, 2, 3
MEAN, P95 = Metric.RESPONSE_TIME_SECONDS, Metric.RESPONSE_TIME_P95_SECONDS


def letters(comparison: Comparison) -> str:
    return "".join("A" if arm is Arm.BEFORE else "B" for arm in comparison.order)


def test_the_order_comes_from_the_seed_alone() -> None:
    """The same seed gives the same order in every process and version; the first seeds are written down here."""
    assert [letters(Comparison(seed, 7, 8, 1.5)) for seed in (1, 2, 3)] == ORDERS


@given(st.integers(0, 2**63), st.integers(1, 60))
def test_each_pair_holds_both_values_once(seed: int, pairs: int) -> None:
    """Whatever the seed, and a longer plan begins as a shorter one."""
    order = Comparison(seed, pairs, 8, 1.5).order
    assert all({one, other} == set(Arm) for one, other in zip(order[::2], order[1::2], strict=True))
    assert Comparison(seed, pairs + 1, 8, 1.5).order[: 2 * pairs] == order


def test_either_value_comes_first_equally_often() -> None:
    """In each place of 4,000 plans, and for neighbours together: fair coins that do not know each other."""
    firsts = np.array([[arm is Arm.BEFORE for arm in Comparison(s, 14, 8, 1.5).order[::2]] for s in range(4_000)])
    assert np.abs(firsts.mean(axis=0) - 0.5).max() < 0.5 * 4 / np.sqrt(4_000)
    both = Counter(zip(firsts[:, 0].tolist(), firsts[:, 1].tolist(), strict=True))
    assert min(both.values()) > 900


def test_blocks_out_of_order_are_refused() -> None:
    """What is on record follows the plan, or it is not that plan's record."""
    plan = Comparison(1, 7, 8, 1.5)
    other = Arm.AFTER if plan.next_arm is Arm.BEFORE else Arm.BEFORE
    with pytest.raises(InvalidValue):
        replace(plan, blocks=(Block(other, 0, 8),))
    with pytest.raises(InvalidValue):
        Comparison(1, 0, 8, 1.5)


def test_blocks_are_put_on_record_one_by_one() -> None:
    """Begun, looked at while it lasts, ended: then the other value comes. Nothing begins twice or after the last."""
    plan = Comparison(1, 1, 8, 1.5).begin(100.0)
    assert plan.seen_until(103.0) == (Block(plan.order[0], 100.0, 103.0),)
    with pytest.raises(InvalidValue):
        plan.begin(101.0)
    plan = plan.end(108.0)
    assert (plan.next_arm, plan.began) == (plan.order[1], None)
    with pytest.raises(InvalidValue):
        plan.end(109.0)
    plan = plan.begin(110.0).end(118.0)
    assert plan.finished
    assert plan.next_arm is None
    with pytest.raises(InvalidValue):
        plan.begin(119.0)


@pytest.mark.parametrize(
    ("settle", "rate", "metric", "seconds", "dropped"),
    [(1, 20, MEAN, 8, 1.5), (6, 20, MEAN, 30, 6), (5, 20, MEAN, 25, 5), (1, 5, P95, 25, 4.2), (10, 20, MEAN, 50, 10)],
)
def test_blocks_are_long_enough(settle: float, rate: float, metric: Metric, seconds: float, dropped: float) -> None:
    """Five times the time to settle, 8 s at least, and the requests that the metric needs after what is dropped."""
    shape = block_shape(settle, rate, metric)
    assert (shape.seconds, shape.dropped_seconds) == pytest.approx((seconds, dropped), abs=0.05)


def test_without_requests_no_block_is_long_enough() -> None:
    """Nothing is planned for a plugin that nobody uses."""
    shape = block_shape(1, 0, MEAN)
    assert shape.seconds == inf
    found = plan_switchback(QUESTION, shape, 1, 3600, 1)
    assert isinstance(found, Message)
    assert found.code == "comparison_too_long"


@pytest.mark.parametrize(("distance", "pairs"), [(2, 6), (1, 11), (0.5, 35), (0.25, 134)])
def test_pairs_by_the_formula(distance: float, pairs: int) -> None:
    """80 % power at 5 %: (1.960 + 0.842)² / distance², as many again as the ranks lose, and two for few pairs."""
    assert pairs_needed(Question(distance, 0, 1, 0.05)) == pairs


@given(st.floats(0.01, 2), st.floats(0.05, 1), st.floats(0.1, 0.9))
def test_less_effect_or_more_noise_never_needs_fewer_pairs(effect: float, deviation: float, less: float) -> None:
    """Monotone in both, and never below what can be significant."""
    question = Question(BAND + effect, BAND, deviation, 0.04)
    assert pairs_needed(replace(question, effect=BAND + less * effect)) >= pairs_needed(question) >= 6
    assert pairs_needed(replace(question, deviation=less * deviation)) <= pairs_needed(question)


@pytest.mark.parametrize("effect", [0.25, 0.45, 0.8])
def test_the_pairs_asked_for_find_the_effect(effect: float) -> None:
    """1,000 simulated comparisons with that many pairs clear the band in 72 to 95 % (80 % were asked for)."""
    question = Question(effect, BAND, 0.4, 0.04)
    pairs, chance = int(pairs_needed(question)), np.random.default_rng(3)
    cleared = [shift(chance.normal(effect, 0.4, pairs), 0.04).low > BAND for _ in range(1_000)]
    assert 0.72 < np.mean(cleared) < 0.97


def test_how_long_it_takes_is_said_before_it_begins() -> None:
    """24 pairs of 8 s and a second for each turn."""
    found = plan_switchback(QUESTION, SHAPE, turn_seconds=1, most_seconds=900, seed=5)
    assert isinstance(found, Comparison)
    assert found.pairs == pairs_needed(QUESTION)
    assert found.seconds == 2 * found.pairs * 9


def test_a_question_that_takes_too_long_is_not_asked() -> None:
    """7 % beside blocks that differ by 40 %: hours, and that is said. The edge of the band is never told."""
    small = plan_switchback(replace(QUESTION, effect=log(0.93)), SHAPE, 1, 900, 1)
    assert isinstance(small, Message)
    assert small.code == "effect_too_small_to_ask"
    assert float(str(small.params["needed_seconds"])) > 900
    edge = plan_switchback(replace(QUESTION, effect=BAND), SHAPE, 1, 900, 1)
    assert isinstance(edge, Message)
    assert edge.params["needed_seconds"] is None


def test_a_past_that_says_nothing_plans_nothing() -> None:
    """Without knowing how much blocks differ by themselves no number of pairs can be named."""
    found = plan_switchback(replace(QUESTION, deviation=nan), SHAPE, 1, 900, 1)
    assert isinstance(found, Message)
    assert found.code == "comparison_no_past"


def test_how_much_blocks_differ_is_learned_from_the_past() -> None:
    """Independent blocks of deviation 0.3: neighbours differ by 0.3·√2; a common drift does not count."""
    values = 0.3 * np.random.default_rng(1).standard_normal(500)
    assert deviation_of_neighbours(values) == pytest.approx(0.3 * np.sqrt(2), rel=0.06)
    assert deviation_of_neighbours(values + np.linspace(0, 3, 500)) == pytest.approx(0.3 * np.sqrt(2), rel=0.06)
    assert np.isnan(deviation_of_neighbours(values[:5]))


def test_a_trace_without_noise_has_no_deviation() -> None:
    """Requests of 0.1 s each, whatever the block."""
    arrival = np.arange(0, 120, 0.05)
    same, zero = np.full(len(arrival), 0.1), np.zeros(len(arrival))
    none = np.zeros(len(arrival), dtype=np.int64)
    trace = RequestTrace(arrival, zero, same, zero, zero, none + 200, none, none, none)
    assert pair_deviation(MEAN, trace, SHAPE) == pytest.approx(0.0, abs=1e-9)
    assert np.isnan(pair_deviation(MEAN, trace.between(0, 40), SHAPE))
