"""The rank test and its interval, against cases worked by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.verdicts.ranks import AllTied, above, p_value, shift

VALUES = st.lists(st.floats(-1e3, 1e3, allow_nan=False), min_size=2, max_size=12)


def test_u_counts_the_pairs_that_are_higher() -> None:
    """By hand: 3 lies above 1 and 2, 5 above all three; 2 ties with 2."""
    assert above(np.array([3.0, 5.0, 2.0]), np.array([1.0, 2.0, 4.0])).tolist() == [2.0, 3.0, 1.5]


def test_the_chance_is_the_normal_one_with_correction() -> None:
    """By hand: U 0 of 5 and 5: (12.5 - 0.5) / sqrt(25 * 11 / 12) = 2.507, two-sided 0.0122."""
    assert p_value(0.0, 5, 5) == pytest.approx(0.0122, abs=1e-4)
    assert p_value(12.5, 5, 5) == 1.0


def test_few_values_alike_say_nothing() -> None:
    """In the middle of what U can be, chance explains everything."""
    assert p_value(12.0, 5, 5) == pytest.approx(1.0)


@given(VALUES, VALUES)
def test_the_estimate_is_the_median_of_all_differences(sample: list[float], reference: list[float]) -> None:
    """Hodges and Lehmann: up to the correction for continuity, which moves it by one difference at most."""
    differences = sorted(x - y for x, y in itertools.product(sample, reference))
    try:
        found = shift(np.array(sample), np.array(reference), 0.98)
    except AllTied:
        return
    middle = len(differences) // 2
    around = differences[max(0, middle - 2)] - 1e-3, differences[min(len(differences) - 1, middle + 2)] + 1e-3
    assert around[0] <= found.estimate <= around[1]
    assert found.low - 1e-3 <= found.estimate <= found.high + 1e-3


def test_the_interval_ends_where_the_test_does() -> None:
    """By hand for 1…6 against 11…16: the deviation of U is sqrt(36 * 13 / 12) = 6.245. Beyond a shift of -14 U is 33,
    z (33 - 18 - 0.5) / 6.245 = 2.322 and below the quantile of 2.326; before it U is 35. So -14, and -6 likewise.
    """
    found = shift(np.arange(1.0, 7.0), np.arange(11.0, 17.0), 0.98)
    assert (found.low, found.estimate, found.high) == pytest.approx((-14.0, -10.0, -6.0), abs=1e-3)


def test_what_is_all_the_same_has_no_interval() -> None:
    """No spread, no statement."""
    with pytest.raises(AllTied):
        shift(np.ones(5), np.ones(5), 0.98)
