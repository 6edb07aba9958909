"""Intervals that hold at every look."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plugin_optimizer.models.confidence import (
    UNKNOWN,
    SequentialTest,
    averaged,
    lag_one_correlation,
    memory_factor,
    widened,
)

TEST = SequentialTest()
VALUES = arrays(np.float64, st.integers(6, 60), elements=st.floats(-3, 3, width=32))


@pytest.mark.parametrize(("windows", "radius"), [(6, 1.26), (12, 0.88), (24, 0.62), (60, 0.41), (120, 0.30)])
def test_the_radius_is_what_the_formula_gives_by_hand(windows: int, radius: float) -> None:
    """At rho 0.8 and alpha 0.05 the half width in deviations is the tabled one."""
    assert TEST.radius(windows) == pytest.approx(radius, abs=0.005)


def test_a_worked_example() -> None:
    """Six windows of 1, 2, 1, 2, 1, 2: mean 1.5, deviation 0.5477, radius 1.259 deviations, a quarter more as
    six windows hardly know their deviation."""
    bounds = TEST.bounds(np.array([1.0, 2, 1, 2, 1, 2]))
    assert bounds.mean == 1.5
    assert bounds.low == pytest.approx(1.5 - 1.25 * 1.259 * 0.5477, abs=0.002)
    assert bounds.high == pytest.approx(1.5 + 1.25 * 1.259 * 0.5477, abs=0.002)


def test_too_few_windows_say_nothing() -> None:
    """Below six windows nothing is known, however equal they are."""
    bounds = TEST.bounds(np.ones(5))
    assert bounds.windows == 0
    assert (bounds.low, bounds.high) == (-np.inf, np.inf)


def test_claims_of_no_effect_wait_for_late_looks() -> None:
    """The bounds for "same" stay open until 24 windows have been seen."""
    assert TEST.bounds(np.zeros(23)).same_high == np.inf
    assert TEST.bounds(np.zeros(24)).same_high == 0.0


def test_windows_that_resemble_their_neighbours_are_merged() -> None:
    """Eleven trending windows make five merged ones, which are too few; independent ones would do."""
    trend = np.linspace(0, 1, 11)
    assert lag_one_correlation(trend) > 0.3
    assert TEST.bounds(trend).windows == 0
    assert TEST.bounds(np.linspace(0, 1, 12)).windows == 12


def test_an_incomplete_last_pair_is_left_out() -> None:
    """Averages of two leave an odd last value out."""
    assert averaged(np.array([1.0, 3, 5]), 2).tolist() == [2.0]


@given(VALUES)
def test_more_looks_never_widen_the_interval(values: np.ndarray) -> None:
    """The best bounds are kept as long as the merging stays the same, so n + 1 looks are no wider than n."""
    alternating = SequentialTest(most_correlation=2.0)
    before, after = alternating.bounds(values[:-1]), alternating.bounds(values)
    if before.windows and before.low < before.high and after.low <= after.high:
        assert after.high - after.low <= before.high - before.low + 1e-9


@given(VALUES)
def test_negated_values_mirror_the_bounds(values: np.ndarray) -> None:
    """Down is judged as up: the bounds of the negated values are the negated bounds."""
    there, back = TEST.bounds(values), TEST.bounds(-values).mirrored
    assert back.low == pytest.approx(there.low, abs=1e-9)
    assert back.high == pytest.approx(there.high, abs=1e-9)


@given(VALUES, st.floats(-50, 50))
def test_a_common_shift_moves_the_bounds_by_itself(values: np.ndarray, shift: float) -> None:
    """The width does not depend on the level (no digits are lost)."""
    test = SequentialTest(most_correlation=2.0)
    there, moved = test.bounds(values), test.bounds(values + shift)
    assert moved.low == pytest.approx(there.low + shift, abs=1e-6)


@given(VALUES, st.integers(1, 20))
def test_missing_windows_add_nothing(values: np.ndarray, missing: int) -> None:
    """NaN windows anywhere at the end leave the bounds as they were."""
    assert TEST.bounds(np.concatenate((values, np.full(missing, np.nan)))) == TEST.bounds(values)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_reference_of_unknown_level_widens_the_interval(seed: int) -> None:
    """Comparing with a level that was itself estimated costs width."""
    values = np.random.default_rng(seed).standard_normal(30)
    plain, compared = TEST.bounds(values), TEST.bounds(values, TEST.reference_radius(values[:12]))
    if plain.windows:
        assert compared.high - compared.low > plain.high - plain.low


def test_peeking_at_every_window_stays_within_alpha() -> None:
    """Of 400 series without an effect, watched at every window up to 100, at most 5 % ever exclude zero."""
    rng = np.random.default_rng(7)
    wrong = 0
    for _ in range(400):
        bounds = TEST.bounds(rng.standard_normal(100))
        wrong += not bounds.low <= 0 <= bounds.high
    assert wrong <= 20


def test_memory_widens_by_what_bartlett_says() -> None:
    """By hand: a series that repeats itself with 0.6 is worth a quarter of its values, so twice as wide."""
    rng, level, values = np.random.default_rng(1), 0.0, []
    for _ in range(20_000):
        level = 0.6 * level + rng.standard_normal()
        values.append(level)
    assert memory_factor(np.array(values)) == pytest.approx(2.0, rel=0.05)
    assert memory_factor(rng.standard_normal(20_000)) == pytest.approx(1.0, abs=0.03)
    assert memory_factor(np.empty(0), np.ones(5)) == 1.0


@given(VALUES, st.floats(1.0, 5.0, exclude_min=True))
def test_wider_bounds_hold_the_narrower(values: np.ndarray, factor: float) -> None:
    """Around the same mean; nothing becomes of bounds that say nothing."""
    bounds = TEST.bounds(values)
    wide = widened(bounds, factor)
    np.testing.assert_equal(wide.mean, bounds.mean)  # both may be unknown
    assert wide.low <= min(bounds.low, bounds.mean)
    assert wide.high >= max(bounds.high, bounds.mean)
    assert widened(UNKNOWN, factor) is UNKNOWN
