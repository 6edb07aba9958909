"""The band of a forecast holds what comes as often as it says, and is missing where nothing can be said."""

import numpy as np
import pytest

from plugin_optimizer.models.forecast_band import Band, Past, forecast_band

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
NOW = 20_000 * DAY + 8 * HOUR


def by_minutes(values: np.ndarray, now: float = NOW) -> Past:
    """Return values of consecutive minutes, the last one just before `now`."""
    at = now - MINUTE * (np.arange(len(values))[::-1] + 0.5)
    return list(zip(at.tolist(), values.tolist(), strict=True))


def drifting(seed: int, minutes: int, pull: float) -> np.ndarray:
    """Return a series that is pulled back to 10 by `pull` each minute (0: a random walk), with noise."""
    rng = np.random.default_rng(seed)
    values = np.empty(minutes)
    level = 10.0
    for minute in range(minutes):
        level += pull * (10.0 - level) + rng.normal(0, 0.1)
        values[minute] = level + rng.normal(0, 0.1)
    return values


@pytest.mark.parametrize("pull", [0.0, 0.05, 1.0])
def test_the_band_holds_about_four_in_five(pull: float) -> None:
    """Over 60 series of ten hours, at every distance up to an hour: between 70 and 90 of 100 fall inside."""
    inside = []
    for seed in range(60):
        series = drifting(seed, 660, pull)
        band = forecast_band(by_minutes(series[:600]), (), NOW)
        assert band is not None
        for point in band.points:
            actual = series[600 + round(point.ahead_seconds / MINUTE) - 1]
            inside.append(point.low <= actual <= point.high)
    assert 0.70 <= np.mean(inside) <= 0.90


def test_a_short_past_sees_only_a_short_way_ahead() -> None:
    """Of 30 minutes known the band reaches five ahead, of two minutes nowhere; it never promises more than it saw."""
    band = forecast_band(by_minutes(drifting(1, 30, 0.0)), (), NOW)
    assert band is not None
    assert max(point.ahead_seconds for point in band.points) == 5 * MINUTE
    assert forecast_band(by_minutes(drifting(1, 2, 0.0)), (), NOW) is None
    assert forecast_band((), (), NOW) is None


def test_what_stopped_being_measured_has_no_forecast() -> None:
    """Nothing for the last ten minutes: no level to start from."""
    band = forecast_band(by_minutes(drifting(1, 300, 0.0), NOW - 10 * MINUTE), (), NOW)
    assert band is None


def test_days_that_went_alike_are_followed() -> None:
    """Every day at this time the load doubles within the hour: so will it today, within a narrow band."""
    at = NOW - 300.0 * np.arange(round(6.5 * DAY / 300.0))[::-1]
    hour = (at - 150.0) % DAY / HOUR
    value = (10.0 + 10.0 * np.clip(hour - 8.0, 0.0, 1.0) * (hour < 12.0)) * np.random.default_rng(3).normal(
        1, 0.02, len(at)
    )
    band = forecast_band((), list(zip(at.tolist(), value.tolist(), strict=True)), NOW)
    assert isinstance(band, Band)
    assert band.days == 6
    last = band.points[-1]
    assert last.expected == pytest.approx(18.75, rel=0.05)
    assert last.low < last.expected < last.high < 21.0


def test_a_share_stays_a_share() -> None:
    """Bounds that the metric cannot leave bound its band, too."""
    values = np.clip(drifting(5, 600, 0.0) / 10.0, 0.9, 1.0)
    band = forecast_band(by_minutes(values), (), NOW, most=1.0)
    assert band is not None
    assert all(0.0 <= p.low <= p.expected <= p.high <= 1.0 for p in band.points)
