"""The miss-ratio curve is what a cache of each size would have done."""

from itertools import pairwise

import numpy as np
import pytest
from backoffice import lru_hits, zipf_keys
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.models.missratio import COLD, miss_ratio_curve, stack_distances

small = st.lists(st.integers(0, 12), min_size=0, max_size=120)


def test_distances_by_hand() -> None:
    """a b a a c b: the second a saw {b, a}, the third only itself, the second b saw {a, c, b}."""
    keys = np.array([1, 2, 1, 1, 3, 2], dtype=np.uint64)
    assert stack_distances(keys).tolist() == [COLD, COLD, 2, 1, COLD, 3]


@given(small, st.integers(1, 14))
@settings(deadline=None)
def test_a_distance_is_the_size_that_hits(keys: list[int], size: int) -> None:
    """An LRU cache of size c, run access by access, hits exactly where the distance is at most c."""
    stream = np.array(keys, dtype=np.uint64)
    assert (stack_distances(stream) <= size).tolist() == lru_hits(stream, size).tolist()


def test_the_curve_is_the_second_half_of_a_real_cache() -> None:
    """Zipf keys: the curve equals the counted hits of the second half, at every size up to the exact bound."""
    keys = zipf_keys(np.random.default_rng(1), 6000)
    curve = miss_ratio_curve([keys])
    for size in (1, 16, 64, 200, curve.exact_up_to):
        assert curve.hit_ratio(size) == pytest.approx(lru_hits(keys, size)[3000:].mean())
        assert curve.hit_ratio_ceiling(size) == curve.hit_ratio(size)


def test_what_was_never_seen_before_is_not_called_a_miss_of_a_large_cache() -> None:
    """A short recording: the truth in the long run lies between the certain and the possible hit ratio."""
    rng = np.random.default_rng(2)
    long = zipf_keys(rng, 60_000)
    truth = lru_hits(long, 390)[30_000:].mean()
    curve = miss_ratio_curve([long[:900]])
    assert curve.exact_up_to < 390
    assert curve.hit_ratio(390) < truth <= curve.hit_ratio_ceiling(390)


@given(small, small)
@settings(deadline=None)
def test_larger_caches_never_hit_less(first: list[int], second: list[int]) -> None:
    """Monotone in size, between 0 and 1, for several processes too."""
    curve = miss_ratio_curve([np.array(first, dtype=np.uint64), np.array(second, dtype=np.uint64)])
    ratios = [curve.hit_ratio(size) for size in range(1, 15)]
    if curve.accesses:
        assert all(a <= b for a, b in pairwise(ratios))
        assert 0 <= ratios[0] <= ratios[-1] <= 1
    else:
        assert np.isnan(ratios[0])
