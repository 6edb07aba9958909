"""A day's rise is told from its waves, its wandering and its saw-tooth; a date is named only where one is sure."""

import numpy as np
import pytest

from benchmarks.analysis.leaks import leaks, memory
from plugin_optimizer.models.day_trend import day_trend
from plugin_optimizer.models.time_to_limit import rows_to, slope_of

ROWS = 1_440


def test_healthy_memory_is_hardly_ever_called_a_leak_and_leaks_are_found() -> None:
    """At most 2 % of 300 healthy days, at least 65 % of as many leaking ones; least squares calls over a quarter of the healthy ones."""
    ours, squares, *_ = leaks(300, 7)
    assert ours.false_alarms <= 0.02
    assert ours.recall >= 0.65
    assert squares.false_alarms >= 0.25


def test_waves_and_teeth_are_no_rise() -> None:
    """One to four waves a day, and a saw-tooth, around a level that stays."""
    t = np.arange(ROWS)
    rng = np.random.default_rng(1)
    waves = [100 + 5 * np.sin(2 * np.pi * k * t / ROWS + 1) + 0.2 * rng.normal(size=ROWS) for k in (1, 2, 3, 4)]
    tooth = 100 + 6 * (t % 90) / 90 + 0.2 * rng.normal(size=ROWS)
    assert not day_trend(np.stack([*waves, tooth])).rises.any()


def test_a_rise_is_measured() -> None:
    """Twelve units over the day on noise of one: found, within an error of it; half an hour of data says nothing."""
    rng = np.random.default_rng(2)
    values = np.stack([100 + rng.normal(size=ROWS) + 12 * np.arange(ROWS) / ROWS for _ in range(20)])
    found = day_trend(values)
    assert found.rises.all()
    assert np.abs(found.rise - 12).mean() <= 1.0
    assert np.isnan(day_trend(values[:, :30]).t).all()


def test_gaps_change_little() -> None:
    """A fifth of the minutes missing, and three hours at a stretch."""
    rng = np.random.default_rng(3)
    values = memory(rng, 12.0)[None, :]
    holed = values.copy()
    holed[0, rng.random(ROWS) < 0.2] = np.nan
    holed[0, 600:780] = np.nan
    assert day_trend(holed).rise[0] == pytest.approx(day_trend(values).rise[0], abs=3.0)
    assert np.isnan(day_trend(np.full((1, ROWS), np.nan)).t[0])


def test_the_table_of_dates() -> None:
    """From 70 by 0.1 a row to 100: about 300 rows; a slope within three errors has no date; beyond the limit it is now."""
    rng = np.random.default_rng(4)
    line = 58 + 0.1 * np.arange(121.0) + 0.02 * rng.normal(size=121)
    reached = rows_to(line[None, :], 100.0)
    assert reached.expected[0] == pytest.approx(306, rel=0.05)
    assert reached.low[0] <= reached.expected[0] <= reached.high[0]
    assert np.isnan(rows_to(70 + rng.normal(size=(1, 121)), 100.0).expected[0])
    assert rows_to(line[None, :], 50.0).expected[0] == 0.0
    assert slope_of(line[None, :]).slope[0] == pytest.approx(0.1, rel=0.02)
