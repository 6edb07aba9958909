"""Bucketed durations: an example by hand, and what must hold for any."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_optimizer.models.histogram import GRID, SCALES, Histogram, is_sound, merged, on_grid

DURATIONS = st.lists(st.floats(1e-5, 5_000.0), min_size=1, max_size=200)
BOUNDS = st.lists(st.floats(1e-4, 100.0), min_size=1, max_size=20, unique=True).map(lambda b: tuple(sorted(b)))


def bucketed(durations: list[float], bounds: tuple[float, ...]) -> Histogram:
    counts = np.bincount(np.searchsorted(bounds, durations, side="left"), minlength=len(bounds) + 1)
    return Histogram(bounds, tuple(map(float, counts)), float(sum(durations)))


def test_an_example_by_hand() -> None:
    """Ten below 0.1 s, eighty between 0.1 and 0.5, ten above 1 s: the median lies half-way through the second bucket."""
    histogram = Histogram((0.1, 0.5, 1.0), (10.0, 80.0, 0.0, 10.0), 50.0)
    assert histogram.mean == 0.5
    assert histogram.quantile(0.5) == pytest.approx(0.3)
    assert histogram.quantile(0.05) == pytest.approx(0.05)
    assert histogram.quantile(0.95) == 1.0  # above the highest bound nothing finer is known


def test_nothing_counted_says_nothing() -> None:
    """No values, or no buckets: no quantile, never 0."""
    assert math.isnan(Histogram((0.1,), (0.0, 0.0), 0.0).quantile(0.95))
    assert math.isnan(Histogram((), (5.0,), 1.0).quantile(0.95))
    assert math.isnan(Histogram((0.1,), (0.0, 0.0), 0.0).mean)
    assert merged([]) is None


@given(DURATIONS, BOUNDS, st.floats(0.01, 1.0))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(
    durations: list[float], bounds: tuple[float, ...], q: float
) -> None:
    """Within the edges of the bucket that holds the value of that rank; at the highest bound where that lies above."""
    found = bucketed(durations, bounds).quantile(q)
    true = sorted(durations)[max(0, math.ceil(q * len(durations) - 1e-9) - 1)]
    place = int(np.searchsorted(bounds, true, side="left"))
    if place == len(bounds):
        assert found == bounds[-1]
    else:
        lower = bounds[place - 1] if place else 0.0
        assert lower - 1e-9 <= found <= bounds[place] + 1e-9


@given(DURATIONS, BOUNDS, st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)))
def test_a_higher_quantile_is_never_smaller(
    durations: list[float], bounds: tuple[float, ...], two: tuple[float, float]
) -> None:
    """Monotone in the share."""
    histogram = bucketed(durations, bounds)
    assert histogram.quantile(min(two)) <= histogram.quantile(max(two)) + 1e-12


@given(DURATIONS, DURATIONS, BOUNDS)
def test_what_came_since_is_what_was_added(before: list[float], after: list[float], bounds: tuple[float, ...]) -> None:
    """The difference of two looks at a counter is the histogram of what came in between; backwards there is none."""
    then, now = bucketed(before, bounds), bucketed(before + after, bounds)
    grown = now.since(then)
    assert grown is not None
    assert grown.counts == bucketed(after, bounds).counts
    assert grown.total == pytest.approx(sum(after), rel=1e-6, abs=1e-6)
    assert then.since(now) is None
    assert now.since(Histogram((*bounds, 1e6), (*then.counts, 0.0), then.total)) is None


@given(st.lists(st.floats(1e-3, 1_000.0), min_size=1, max_size=200), st.integers(2, 8), st.floats(0.05, 1.0))
def test_an_exponential_histogram_keeps_its_quantiles(durations: list[float], scale: int, q: float) -> None:
    """Moved to the grid, each quantile errs by less than one bucket of the grid, 19 %."""
    indexes = [math.ceil(math.log2(duration) * 2**scale) - 1 for duration in durations]
    offset = min(indexes)
    counts = np.bincount(np.array(indexes) - offset).tolist()
    kept = on_grid(scale, 0, offset, counts, sum(durations))
    assert kept.count == len(durations)
    assert is_sound(kept.bounds, kept.counts)
    true = sorted(durations)[max(0, math.ceil(q * len(durations) - 1e-9) - 1)]
    assert true / 1.2 <= kept.quantile(q) <= true * 1.2


@given(
    st.integers(SCALES.start, SCALES.stop - 1), st.integers(-(2**31), 2**31), st.lists(st.integers(0, 9), max_size=20)
)
def test_no_exponential_histogram_is_too_wide(scale: int, offset: int, counts: list[int]) -> None:
    """Whatever scale and offset are sent, nothing is lost and nothing grows beyond the grid."""
    kept = on_grid(scale, 3, offset, counts, 1.0)
    assert len(kept.counts) == len(GRID) + 1
    assert kept.count == 3 + sum(counts)


def test_histograms_of_other_buckets_are_not_mixed() -> None:
    """The buckets in which most was counted decide the quantiles; the others do not falsify them."""
    two = Histogram((1.0,), (10.0, 0.0), 5.0)
    other = Histogram((7.0,), (3.0, 0.0), 2.0)
    found = merged([two, other, two])
    assert found is not None
    assert (found.bounds, found.counts, found.total) == ((1.0,), (20.0, 0.0), 10.0)
