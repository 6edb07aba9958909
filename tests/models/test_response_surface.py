"""What experiments say about the values between and beside them."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.models.normal import density, distribution
from plugin_optimizer.models.response_surface import Belief, Seen, belief

PLACES = np.linspace(0.0, 1.0, 21)
SEEN = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(-2, 2), st.floats(0.02, 0.5)), min_size=0, max_size=8
)


def seen(rows: list[tuple[float, float, float, float]]) -> Seen:
    return Seen(*np.array(rows, dtype=np.float64).reshape(len(rows), 4).T)


def test_the_normal_distribution_is_that_of_the_tables() -> None:
    """Phi(0) = 0.5, Phi(1.96) = 0.975, phi(0) = 0.3989."""
    assert distribution(np.array([0.0, 1.959964])) == pytest.approx([0.5, 0.975], abs=1e-6)
    assert density(np.zeros((2, 2))) == pytest.approx(np.full((2, 2), 0.398942), abs=1e-6)


def test_one_normal_belief_by_hand() -> None:
    """N(0, 1): the expected gain is phi(0), half lies above 0, a sixth above 1. N(−1, tiny): the gain is 1."""
    one = Belief(np.ones(1), np.zeros((1, 1)), np.ones((1, 1)))
    assert one.expected_gain() == pytest.approx([0.398942], abs=1e-6)
    assert one.chance_above(0.0) == pytest.approx([0.5])
    assert one.chance_above(1.0) == pytest.approx([0.158655], abs=1e-6)
    sure = Belief(np.ones(1), np.full((1, 1), -1.0), np.full((1, 1), 1e-4))
    assert sure.expected_gain() == pytest.approx([1.0], abs=1e-3)


def test_a_mixture_has_the_spread_of_its_parts_and_between_them() -> None:
    """Half N(−1, 1), half N(1, 1): mean 0, variance 1 + 1."""
    mixed = Belief(np.array([0.5, 0.5]), np.array([[-1.0], [1.0]]), np.ones((2, 1)))
    assert mixed.mean == pytest.approx([0.0])
    assert mixed.deviation == pytest.approx([2**0.5])


def test_nothing_seen_is_nothing_known() -> None:
    """No better nor worse, and the further away the less is known; the reference itself is known exactly."""
    prior = belief(seen([]), PLACES.tolist(), 0.5, True)
    assert prior.mean == pytest.approx(np.zeros(21))
    assert (np.diff(prior.deviation[10:]) > 0).all()
    assert prior.deviation[10] < 1e-3


def test_what_was_seen_is_believed_and_spreads_to_its_neighbours() -> None:
    """A quarter less at 0.6, known to 3 %: believed there, partly between, unknown far away."""
    found = belief(seen([(0.6, 0.5, log(0.75), 0.03)]), PLACES.tolist(), 0.5, True)
    assert found.mean[12] == pytest.approx(log(0.75), abs=0.05)
    assert log(0.75) < found.mean[11] < 0
    assert found.deviation[12] < found.deviation[18]


def test_differences_add_up_along_the_way() -> None:
    """Half from 0.2 to 0.5, half again from 0.5 to 0.8: seen from 0.8, 0.2 is four times slower."""
    steps = [(0.5, 0.2, log(0.5), 0.02), (0.8, 0.5, log(0.5), 0.02)]
    found = belief(seen(steps), [0.2], 0.8, True)
    assert found.mean == pytest.approx([log(4)], abs=0.1)


def test_words_say_nothing_about_other_words() -> None:
    """b was a third better than a; of c nothing is known but that it could be either."""
    found = belief(seen([(1.0, 0.0, log(0.67), 0.03)]), [1.0, 2.0], 0.0, False)
    assert found.mean[0] == pytest.approx(log(0.67), abs=0.1)
    assert abs(found.mean[1]) < abs(found.mean[0])
    assert found.deviation[1] > 3 * found.deviation[0]


@settings(max_examples=40)
@given(SEEN, st.floats(0, 1), st.booleans())
def test_whatever_was_seen_the_belief_is_a_distribution(
    rows: list[tuple[float, float, float, float]], reference: float, ordered: bool
) -> None:
    """Finite, probabilities in 0…1 that fall with the limit, a gain of at least the expected improvement."""
    found = belief(seen(rows), PLACES.tolist(), reference, ordered)
    assert found.weight.sum() == pytest.approx(1.0)
    assert np.isfinite(found.mean).all()
    low, high = found.chance_above(-0.2), found.chance_above(0.2)
    assert ((high >= -1e-12) & (high <= low + 1e-12) & (low <= 1 + 1e-12)).all()
    gain = found.expected_gain()
    assert (gain >= np.maximum(0.0, -found.mean) - 1e-9).all()


@settings(max_examples=25)
@given(SEEN, st.floats(0, 1))
def test_the_mirrored_experiments_give_the_mirrored_belief(
    rows: list[tuple[float, float, float, float]], reference: float
) -> None:
    """Turning the range around turns the belief around; changing every sign changes the sign of the mean."""
    plain = belief(seen(rows), PLACES.tolist(), reference, True)
    turned = belief(seen([(1 - a, 1 - b, y, s) for a, b, y, s in rows]), (1 - PLACES).tolist(), 1 - reference, True)
    assert turned.mean == pytest.approx(plain.mean, abs=1e-6)
    negated = belief(seen([(a, b, -y, s) for a, b, y, s in rows]), PLACES.tolist(), reference, True)
    assert negated.mean == pytest.approx(-plain.mean, abs=1e-9)
