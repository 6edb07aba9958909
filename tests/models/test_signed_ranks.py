"""The exact signed rank test and the interval that goes with it."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugin_optimizer.models.proportions import binomial_tail
from plugin_optimizer.models.signed_ranks import critical_count, least_pairs, shift, two_sided_chance

# Two-sided 5 % points of the rank sum for 6 to 25 pairs (McCornack, Extended tables of the Wilcoxon matched pair signed
# rank statistic, 1965).
FIVE_PERCENT = (0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 29, 34, 40, 46, 52, 58, 65, 73, 81, 89)
# Hamilton depression scale of nine patients before and after (Hollander, Wolfe, Chicken 2014, table 3.1).
BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
WHOLE = st.lists(st.integers(-4, 4), min_size=1, max_size=8)
EXACT = st.integers(-3_000, 3_000).map(lambda n: n / 1024)  # no rounding in differences and means
REAL = st.lists(EXACT, min_size=6, max_size=16, unique=True)


def enumerated(differences: np.ndarray) -> float:
    """The p-value by going through all signs, with mean ranks counted one by one."""
    sizes = np.abs(differences)
    ranks = np.array([(sizes < size).sum() + ((sizes == size).sum() + 1) / 2 for size in sizes])
    observed = ranks[differences > 0].sum()
    own = ranks[differences != 0]
    sums = np.array([np.dot(signs, own) for signs in product((0, 1), repeat=len(own))])
    return float(min(1.0, 2 * min((sums <= observed).mean(), (sums >= observed).mean())))


def test_critical_values_are_those_of_the_published_table() -> None:
    """6 to 25 pairs at 5 %, some at 1 %; with five pairs nothing is ever significant."""
    assert tuple(critical_count(pairs, 0.05) for pairs in range(6, 26)) == FIVE_PERCENT
    assert [critical_count(pairs, 0.01) for pairs in (8, 10, 12, 20, 25)] == [0, 3, 7, 37, 68]
    assert critical_count(5, 0.05) == -1


@pytest.mark.parametrize(
    ("differences", "chance"),
    [([1, 2, 3, 4, 5, 6], 2 / 64), ([-1, 2, 3, 4, 5, 6], 4 / 64), ([1, -1, 2, -2], 1.0), ([0, 0], 1.0), ([5], 1.0)],
)
def test_examples_worked_by_hand(differences: list[float], chance: float) -> None:
    """All six on one side: 2 of 64 signs. The smallest on the other: rank sums 0 and 1, on both ends."""
    assert two_sided_chance(np.array(differences, dtype=float)) == pytest.approx(chance)


def test_a_published_example() -> None:
    """Nine patients: rank sum 40 of 45, p = 0.039; estimate −0.46, interval of 96 % from −0.786 to −0.010."""
    differences = AFTER - BEFORE
    assert two_sided_chance(differences) == pytest.approx(20 / 512)
    found = shift(differences, 0.04)
    assert found.estimate == pytest.approx(-0.46)
    assert (found.low, found.high) == pytest.approx((-0.786, -0.010))


@given(WHOLE)
def test_the_chance_is_what_going_through_all_signs_gives(differences: list[int]) -> None:
    """Ties and zeros included."""
    values = np.array(differences, dtype=float)
    assert two_sided_chance(values) == pytest.approx(enumerated(values))


@given(REAL, st.integers(-9_000, 9_000).map(lambda n: n / 4096))
def test_the_interval_holds_what_the_test_accepts(differences: list[float], candidate: float) -> None:
    """Where no ranks are shared: a shift outside the interval is refused by the test, one inside is not."""
    values, alpha = np.array(differences), 0.04
    averages = [(a + b) / 2 for a, b in product(values.tolist(), repeat=2)]
    assume(len(set(np.abs(values - candidate).tolist())) == len(values) and candidate not in averages)
    found = shift(values, alpha)
    assert (two_sided_chance(values - candidate) > alpha) == (found.low < candidate < found.high)


@given(REAL)
def test_the_other_direction_is_the_mirror_image(differences: list[float]) -> None:
    """Exchanging the arms changes every sign and nothing else."""
    values = np.array(differences)
    found, mirrored = shift(values, 0.05), shift(-values, 0.05)
    assert (mirrored.estimate, mirrored.low, mirrored.high) == pytest.approx((-found.estimate, -found.high, -found.low))
    assert two_sided_chance(-values) == pytest.approx(two_sided_chance(values))


@pytest.mark.parametrize("pairs", [6, 14])
@pytest.mark.parametrize("shape", ["normal", "heavy", "two levels"])
def test_the_interval_covers_as_often_as_it_says(shape: str, pairs: int) -> None:
    """2,000 series of each kind, seeded: it misses the true shift in no more than 4 % (chance 1 in 1,000 allowed)."""
    chance, trials, alpha, truth = np.random.default_rng(7), 2_000, 0.04, 0.3
    draw = {
        "normal": lambda: chance.standard_normal(pairs),
        "heavy": lambda: chance.standard_t(1.5, pairs),
        "two levels": lambda: chance.choice([-1.0, 1.0], pairs) + 0.1 * chance.standard_normal(pairs),
    }[shape]
    found = [shift(truth + draw(), alpha) for _ in range(trials)]
    missed = sum(not one.low <= truth <= one.high for one in found)
    assert binomial_tail(missed, trials, alpha) > 0.001


def test_the_fewest_pairs_that_can_say_anything() -> None:
    """Six at 5 % and 4 %, eight at 1 %."""
    assert [least_pairs(alpha) for alpha in (0.05, 0.04, 0.01)] == [6, 6, 8]
