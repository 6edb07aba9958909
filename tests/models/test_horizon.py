"""Forecasts by what served each series best, with bands that hold."""

import numpy as np
import pytest

from plugin_optimizer.models.horizon import foretell, foretell_each


def walks(count: int, rows: int, pull: float, seed: int = 1) -> np.ndarray:
    """Return series pulled back to 10 by `pull` each row (0: random walks)."""
    rng = np.random.default_rng(seed)
    values = np.empty((count, rows))
    level = np.full(count, 10.0)
    for row in range(rows):
        level = level + pull * (10.0 - level) + rng.normal(0, 0.1, count)
        values[:, row] = level + rng.normal(0, 0.1, count)
    return values


@pytest.mark.parametrize("pull", [0.0, 0.05, 1.0])
@pytest.mark.parametrize("ahead", [1, 12, 60])
def test_four_in_five_lie_within_the_band(pull: float, ahead: int) -> None:
    """Of 400 series: between 70 and 90 of 100."""
    values = walks(400, 300, pull)
    told = foretell(values[:, :240], ahead)
    actual = values[:, 240 + ahead - 1]
    assert 0.70 <= np.mean((actual >= told.low) & (actual <= told.high)) <= 0.90


def test_each_series_gets_the_forecast_that_served_it_best() -> None:
    """Of noise the middle is expected, of a walk the last value: better than last value for the one, no worse for the other."""
    noise, walk = walks(200, 260, 1.0), walks(200, 260, 0.0)
    for values, most in ((noise, 0.8), (walk, 1.1)):
        error = np.abs(values[:, 251] - foretell(values[:, :240], 12).expected).mean()
        assert error <= most * np.abs(values[:, 251] - values[:, 239]).mean()


def test_a_worked_example() -> None:
    """Two values in turn, one row ahead: the last value is off by 2 each time, the median of 24 (their middle) by 1."""
    past = np.tile([9.0, 11.0], 120)[None, :]
    told = foretell(past, 1)
    assert told.expected[0] == pytest.approx(10.0)
    assert (told.low[0], told.high[0]) == pytest.approx((9.0, 11.0))


def test_too_short_a_past_has_no_band() -> None:
    """The last value stands, and nobody says how surely."""
    told = foretell(np.arange(30.0)[None, :], 12)
    assert told.expected[0] == 29.0
    assert np.isnan(told.low[0])


def test_other_series_change_nothing() -> None:
    """Each is foretold by itself."""
    values = walks(3, 240, 0.05)
    assert foretell(values, 12).expected[0] == foretell(values[:1], 12).expected[0]


def test_a_day_is_foretold_by_days_only_where_they_resemble() -> None:
    """Hours of two weeks: of a daily wave the hours ahead follow it, within its band; of noise they do not."""
    rng = np.random.default_rng(8)
    hours = np.arange(14 * 24 + 24)
    wave = 50 + 20 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 1, len(hours))
    noise = 50 + rng.normal(0, 1, len(hours))
    for ahead, told in zip(
        (6, 12, 24), foretell_each(np.stack([wave, noise])[:, :336], (6, 12, 24), (24, 168)), strict=True
    ):
        assert told.expected[0] == pytest.approx(wave[335 + ahead], abs=6)
        assert told.high[0] - told.low[0] < 12
        assert told.expected[1] == pytest.approx(50, abs=1.5)


def test_more_than_a_day_ahead_is_foretold_by_the_hour_of_the_last_whole_day_known() -> None:
    """Sixty hours ahead of ten days of a wave: the same hour three days before, or its median; one odd day changes little."""
    rng = np.random.default_rng(9)
    hours = np.arange(240 + 60)
    wave = 50 + 20 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 1, len(hours))
    wave[200:212] += 30
    for ahead in (30, 60):
        (told,) = foretell_each(wave[None, :240], (ahead,), (24,))
        assert told.expected[0] == pytest.approx(wave[239 + ahead], abs=5)
    (alone,) = foretell_each(wave[None, :60], (12,), (24,))
    assert alone.expected[0] == foretell(wave[None, :60], 12).expected[0]
