"""Slopes, onsets and slices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.models.onset import rank_onset
from plugin_optimizer.models.slices import Leaf, rank_slices
from plugin_optimizer.models.trend import block_medians, theil_sen


def test_a_line_has_its_slope_whatever_one_point_says() -> None:
    """2 per second; one wild point and one missing one change nothing."""
    times = np.arange(12.0)
    values = 5 + 2 * times
    values[4], values[7] = 1e6, np.nan
    trend = theil_sen(times, values[None, :])
    assert trend.slope[0] == pytest.approx(2.0)
    assert trend.low[0] <= 2.0 <= trend.high[0]
    assert np.isnan(theil_sen(times, np.full((1, 12), np.nan)).slope[0])


@given(st.integers(0, 2**31), st.floats(-3, 3))
@settings(deadline=None)
def test_a_slope_follows_what_is_added(seed: int, added: float) -> None:
    """Adding a line adds its slope."""
    times = np.arange(15.0)
    values = np.random.default_rng(seed).normal(size=(1, 15))
    assert theil_sen(times, values + added * times).slope[0] == pytest.approx(theil_sen(times, values).slope[0] + added)


def test_eighty_percent_intervals_hold() -> None:
    """On independent noise around a line: 75 to 92 % of 2,000."""
    rng = np.random.default_rng(1)
    times = np.arange(20.0)
    trend = theil_sen(times, 0.1 * times + rng.normal(size=(2000, 20)))
    assert 0.75 <= ((trend.low <= 0.1) & (trend.high >= 0.1)).mean() <= 0.92


def test_blocks_take_medians_of_what_is_known() -> None:
    """Six values in three blocks, one missing."""
    middle, medians = block_medians(np.arange(6.0), np.array([[1, 3, 5, np.nan, 7, 9]]), 3)
    assert middle == pytest.approx([5 / 6, 2.5, 25 / 6])
    assert medians[0].tolist() == [2, 5, 8]


@pytest.mark.parametrize("onset", [10, 40, 80])
def test_the_onset_of_a_new_level_is_dated(onset: int) -> None:
    """A rise of two deviations among 100 noisy values with spikes: within 5 values."""
    rng = np.random.default_rng(onset)
    values = rng.normal(size=100) + 2.5 * (np.arange(100) >= onset)
    values[[3, 30, 60]] = 50.0, 50.0, np.nan
    found = rank_onset(values)
    assert found is not None
    assert abs(found - onset) <= 5


def test_constant_and_short_series_have_no_onset() -> None:
    """Nothing changed, or too little is known."""
    assert rank_onset(np.zeros(50)) is None
    assert rank_onset(np.array([0.0, 1.0])) is None


def leaf(channel: str, route: str, requests: float, bad: float, bad_before: float = 0.0) -> Leaf:
    return Leaf((("channel", channel), ("route", route)), requests, bad, requests, bad_before)


def test_the_slice_that_fails_is_named_without_what_does_not_matter() -> None:
    """All routes of one channel fail: the channel explains it, not one of its routes."""
    leaves = [leaf(c, r, 50, 45 if c == "wholesale" else 1, 1) for c in ("shop", "wholesale") for r in ("a", "b", "c")]
    best = rank_slices(leaves)[0]
    assert best.values == (("channel", "wholesale"),)
    assert best.excess_share > 0.9
    assert best.concentration == pytest.approx(0.88, abs=0.03)


def test_a_combination_is_named_where_only_the_combination_fails() -> None:
    """Only wholesale on route b: both attributes are needed."""
    leaves = [
        leaf(c, r, 50, 45 if (c, r) == ("wholesale", "b") else 0)
        for c in ("shop", "wholesale")
        for r in ("a", "b", "c")
    ]
    assert rank_slices(leaves)[0].values == (("channel", "wholesale"), ("route", "b"))


def test_without_a_rise_no_slice_is_named() -> None:
    """As many errors as before: nothing to explain."""
    leaves = [leaf(c, "a", 100, 5, 5) for c in ("shop", "phone")]
    assert [s for s in rank_slices(leaves) if s.excess_share * s.bad > 1] == []
