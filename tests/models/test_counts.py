"""Exact intervals of counts."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.models.counts import rate_ratio_interval, share_interval


def test_no_hit_in_ten_leaves_up_to_thirty_percent() -> None:
    """0 of 10 at alpha 0.05: 1 - 0.025**(1/10) = 0.3085 (the textbook value)."""
    assert share_interval(0, 10, 0.05) == (0.0, pytest.approx(0.30850, abs=1e-5))


def test_five_of_ten_is_the_textbook_interval() -> None:
    """5 of 10 at alpha 0.05: 0.1871 to 0.8129."""
    assert share_interval(5, 10, 0.05) == (pytest.approx(0.18709, abs=1e-5), pytest.approx(0.81291, abs=1e-5))


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.2, 0.05, 0.001]))
@settings(deadline=None)
def test_mirrored_counts_mirror_the_interval(hits: int, misses: int, alpha: float) -> None:
    """What holds for hits holds for misses the other way round."""
    low, high = share_interval(hits, hits + misses, alpha)
    low_misses, high_misses = share_interval(misses, hits + misses, alpha)
    assert (1 - high_misses, 1 - low_misses) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert low <= high


def test_errors_that_vanish_are_recognised() -> None:
    """30 of 600 before and 0 of 600 after: at most an eighth is left (1 - 0.025**(1/30) = 0.116)."""
    low, high = rate_ratio_interval((30, 600), (0, 600), 0.05)
    assert low == 0.0
    assert high == pytest.approx(0.1157 / 0.8843, abs=0.001)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(50, 500), st.integers(50, 500))
@settings(deadline=None)
def test_swapping_the_sides_inverts_the_ratio(before: int, after: int, served: int, later: int) -> None:
    """The interval of after / before is the inverse of that of before / after."""
    low, high = rate_ratio_interval((before, served), (after, later), 0.05)
    low_back, high_back = rate_ratio_interval((after, later), (before, served), 0.05)
    assert low == pytest.approx(1 / high_back if high_back and math.isfinite(high_back) else 0.0)
    assert high == (pytest.approx(1 / low_back, rel=1e-6) if low_back > 0 else math.inf)


def test_without_any_event_nothing_is_known() -> None:
    """No error on either side says nothing about their ratio."""
    assert rate_ratio_interval((0, 100), (0, 100), 0.05) == (0.0, math.inf)
