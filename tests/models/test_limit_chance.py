"""How likely a limit is passed: the worked examples, the order, and that three in ten are three in ten."""

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.models.limit_chance import limit_chance

F64 = NDArray[np.float64]
ROWS, AHEAD = 240, 60


def noise(count: int, rows: int, correlation: float, seed: int) -> F64:
    """Return noise of spread 1 that goes together from row to row: [count, rows]."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(count, rows))
    for row in range(1, rows):
        drawn[:, row] = correlation * drawn[:, row - 1] + np.sqrt(1 - correlation**2) * drawn[:, row]
    return drawn


def test_the_table_of_chances() -> None:
    """Far above the noise, in the middle of it, and on the way of a line."""
    drawn = noise(3, ROWS, 0.0, 1)
    past = np.stack([100 + drawn[0], 100 + drawn[1], 104 - 0.1 * np.arange(ROWS)[::-1] + 0.3 * drawn[2]])
    chance = limit_chance(past, np.array([110.0, 100.0, 106.0]), AHEAD)
    assert chance.round(2).tolist() == [0.0, 1.0, 1.0]


def test_what_levels_off_below_its_limit_is_told_from_what_goes_on() -> None:
    """Both rise alike at first; the one that has slowed down is far less likely to pass."""
    t = np.arange(float(ROWS))
    drawn = 0.1 * noise(2, ROWS, 0.0, 2)
    past = np.stack([20 * (1 - np.exp(-t / 50)), 20 * t / ROWS]) + drawn
    slowed, goes_on = limit_chance(past, 22.0, AHEAD)
    assert slowed < 0.2
    assert goes_on > 0.8


def test_of_limits_with_a_chance_of_three_in_ten_about_three_in_ten_are_passed() -> None:
    """Noise around a level, limits at 1 to 4 spreads: in each fifth of the scale the share that came true is near what was said.

    Where rows go together closely, more is said than comes true, not less.
    """
    for correlation, most in ((0.0, 0.12), (0.5, 0.12), (0.9, 0.25)):
        values = noise(3_000, ROWS + AHEAD, correlation, 3)
        limit = np.linspace(1.0, 4.0, len(values))
        chance = limit_chance(values[:, :ROWS], limit, AHEAD)
        passed = (values[:, ROWS:] > limit[:, None]).any(axis=1)
        for low in (0.0, 0.2, 0.4, 0.6, 0.8):
            own = (chance >= low) & (chance < low + 0.2)
            assert -most < passed[own].mean() - chance[own].mean() < 0.12


def test_other_series_change_nothing_and_a_short_past_says_nothing() -> None:
    past = 100 + noise(3, ROWS, 0.5, 4)
    together, alone = limit_chance(past, 102.0, AHEAD), limit_chance(past[:1], 102.0, AHEAD)
    assert abs(together[0] - alone[0]) < 1e-9
    assert np.isnan(limit_chance(past[:, :20], 102.0, AHEAD)).all()


def test_a_series_that_never_moved_keeps_a_limit_above_it() -> None:
    chance = limit_chance(np.full((2, ROWS), 50.0), np.array([51.0, 49.0]), AHEAD)
    assert chance.round(6).tolist() == [0.0, 1.0]
