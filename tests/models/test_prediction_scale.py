"""Outcomes measured in units of their predicted interval, and intervals made wider."""

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugin_optimizer.domain import Metric, Prediction
from plugin_optimizer.models.prediction_scale import deviation, holds, misfit, usable, widened

SECONDS, SHARE = Metric.RESPONSE_TIME_P95_SECONDS, Metric.CACHE_HIT_RATIO
figures = st.lists(st.floats(1e-3, 1e6), min_size=3, max_size=3).map(sorted)
shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)
latencies = figures.map(lambda f: Prediction(SECONDS, f[1], f[1], f[0], f[2], "replay"))
ratios = shares.map(lambda f: Prediction(SHARE, f[1], f[1], f[0], f[2], "curve"))
predictions = latencies | ratios


def test_the_ends_of_the_interval_are_one_away() -> None:
    """By hand: 0.2 s in [0.1, 0.4]: the ends are at 1, the double of the upper end at 2, half the lower end at 2."""
    prediction = Prediction(SECONDS, 1.0, 0.2, 0.1, 0.4, "replay")
    assert misfit(prediction, 0.2) == 0
    assert misfit(prediction, 0.4) == pytest.approx(1)
    assert misfit(prediction, 0.1) == pytest.approx(1)
    assert misfit(prediction, 0.8) == pytest.approx(2)
    assert misfit(prediction, 0.05) == pytest.approx(2)
    assert deviation(prediction, 0.4) == pytest.approx(math.log(2))


def test_a_share_is_compared_by_difference() -> None:
    """By hand: 0.8 in [0.7, 0.85]; 0.6 lies two lower halves below, and widening it twice stops at 0.9."""
    prediction = Prediction(SHARE, 0.5, 0.8, 0.7, 0.85, "curve")
    assert misfit(prediction, 0.6) == pytest.approx(2)
    assert deviation(prediction, 0.6) == pytest.approx(-0.2)
    twice = widened(prediction, 2)
    assert (twice.low, twice.high) == (pytest.approx(0.6), pytest.approx(0.9))
    assert widened(prediction, 9).high == 1.0
    assert widened(prediction, 9).low == 0.0


@given(predictions, st.floats(1, 10))
def test_a_wider_interval_holds_the_narrower_one(prediction: Prediction, factor: float) -> None:
    """Widening never moves an end inward and never moves the expected value."""
    wider = widened(prediction, factor)
    assert wider.low <= prediction.low
    assert wider.high >= prediction.high
    assert wider.expected == prediction.expected


@given(latencies, st.floats(1e-2, 1e2))
@example(Prediction(SECONDS, 1.0, 1.0, 1.0, 1.01, "replay"), 0.99999)
def test_widened_by_its_misfit_an_interval_reaches_the_outcome(prediction: Prediction, ratio: float) -> None:
    """The misfit is the very factor that was missing."""
    observed = prediction.expected * ratio
    wider = widened(prediction, misfit(prediction, observed) * (1 + 1e-9))
    assert wider.low <= observed * (1 + 1e-6)
    assert wider.high >= observed * (1 - 1e-6)


@given(
    latencies.filter(lambda p: p.high > 1.01 * p.expected > 1.03 * p.low), st.floats(1e-2, 1e2), st.floats(1e-2, 1e2)
)
def test_the_unit_of_a_time_does_not_matter(prediction: Prediction, ratio: float, unit: float) -> None:
    """In milliseconds or in hours, the misfit is the same."""
    low, mid, high = (value * unit for value in (prediction.low, prediction.expected, prediction.high))
    other = replace(prediction, low=low, expected=mid, high=high)
    observed = prediction.expected * ratio
    assert misfit(other, observed * unit) == pytest.approx(misfit(prediction, observed), rel=1e-6, abs=2e-3)


@given(predictions, st.floats(0, 1) | st.floats(1, 1e6))
def test_what_is_held_has_a_misfit_of_at_most_one(prediction: Prediction, observed: float) -> None:
    """And what is missed has more, also where the interval has no width at all."""
    assert holds(prediction, observed) is (misfit(prediction, observed) <= 1)


@pytest.mark.parametrize("factor", [1.0, 0.5, 0.0, float("nan")])
def test_nothing_is_narrowed(factor: float) -> None:
    """A factor of one or less leaves the interval of the model as it is."""
    prediction = Prediction(SECONDS, 1.0, 0.2, 0.1, 0.4, "replay")
    assert widened(prediction, factor) == prediction


def test_an_interval_without_figures_is_none() -> None:
    """NaN, infinity, ends exchanged, or a time of zero: nothing to compare with, nothing to widen."""
    good = Prediction(SECONDS, 1.0, 0.2, 0.1, 0.4, "replay")
    for bad in (
        replace(good, high=math.nan),
        replace(good, high=math.inf),
        replace(good, low=0.5),
        replace(good, expected=0.0, low=0.0),
    ):
        assert not usable(bad)
        assert widened(bad, 2.0) == bad or math.isnan(bad.high)
    assert usable(good)


def test_an_interval_from_zero_can_be_widened() -> None:
    """A lower end of zero stays zero; the upper one moves."""
    wider = widened(Prediction(Metric.MEMORY_BYTES, 1e8, 1e8, 0.0, 2e8, "growth"), 2)
    assert (wider.low, wider.high) == (0.0, pytest.approx(4e8))
