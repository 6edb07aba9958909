"""The next hour as the last days had it, where they agree; as now where they do not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_optimizer.models.load_forecast import MOST_RATIO, Past, forecast_load

HOUR, DAY, STEP = 3_600.0, 86_400.0, 300.0
NOW = 20_000 * DAY + 8 * HOUR


def past(days: float, load: Callable[[float], float], seed: int = 0) -> Past:
    """Return five-minute means of a load given by the hour of the day, with the noise of counting."""
    at = NOW - STEP * np.arange(round(days * DAY / STEP))[::-1]
    rates = np.maximum(0.0, np.array([load(t - STEP / 2) for t in at]))
    rng = np.random.default_rng(seed)
    return list(zip(at.tolist(), (rng.poisson(rates * STEP) / STEP).tolist(), strict=True))


def daily(t: float) -> float:
    """10/s until eight, then rising to 20/s within the hour, and falling back at noon."""
    hour = t % DAY / HOUR
    return 10.0 + 10.0 * min(max(hour - 8.0, 0.0), 1.0) * (hour < 12.0)


def test_days_that_rise_alike_foretell_the_next_hour() -> None:
    """By hand: the last quarter of that hour has 18.75/s on average, 1.9 times what it is now."""
    found = forecast_load(past(6.5, daily), NOW)
    assert found is not None
    assert found.days == 6
    assert found.expected == pytest.approx(1.875, rel=0.04)
    assert found.expected <= found.high <= 2.0
    assert found.headroom == found.high


def test_days_that_fall_give_no_headroom_away() -> None:
    """At noon the load halves: expected, and the plan is still for what is there now."""
    noon = NOW + 4 * HOUR
    series = [(at + 4 * HOUR, load) for at, load in past(6.5, lambda t: daily(t + 4 * HOUR))]
    found = forecast_load(series, noon)
    assert found is not None
    assert found.expected < 0.6
    assert found.headroom == 1.0


def test_days_that_go_their_own_ways_foretell_nothing() -> None:
    """A burst at this hour on one day of six: expected as now, covered in four of five days without it."""
    burst = int((NOW - 2 * DAY) // DAY)
    found = forecast_load(past(6.5, lambda t: 40.0 if t // DAY == burst and 8 < t % DAY / HOUR < 9 else 10.0), NOW)
    assert found is not None
    assert found.expected == 1.0
    assert found.high < 1.1


def test_a_young_engine_knows_the_trend_of_the_last_hour() -> None:
    """Rising by 3/s within an hour that ends at 10/s: another 3/s, if that is certain; a level hour says nothing."""
    found = forecast_load(past(1.2 / 24, lambda t: 10.0 + 3.0 * (t - NOW) / HOUR), NOW)
    assert found is not None
    assert (found.days, found.expected) == (0, pytest.approx(1.3, rel=0.1))
    assert forecast_load(past(1.2 / 24, lambda _: 10.0), NOW) is None
    assert forecast_load(past(0.5 / 24, lambda t: 10.0 + 3.0 * (t - NOW) / HOUR), NOW) is None
    assert forecast_load((), NOW) is None


def test_no_forecast_may_ask_for_more_than_three_times_the_load() -> None:
    """A nightly job begins at eight: planned for, but not all the way."""
    found = forecast_load(past(6.5, lambda t: 50.0 if t % DAY / HOUR >= 8 else 1.0), NOW)
    assert found is not None
    assert found.headroom == MOST_RATIO


@given(factor=st.sampled_from([0.25, 4.0, 64.0]))
@settings(max_examples=3, deadline=None)
def test_the_scale_of_the_load_does_not_matter(factor: float) -> None:
    """Ten or a thousand a second: a ratio is a ratio; and what comes after `now` is not looked at."""
    series = past(6.5, daily)
    found = forecast_load(series, NOW)
    scaled = forecast_load([(at, load * factor) for at, load in series] + [(NOW + 60.0, 9e9)], NOW)
    assert found is not None
    assert scaled is not None
    assert (scaled.expected, scaled.high) == (pytest.approx(found.expected), pytest.approx(found.high))
