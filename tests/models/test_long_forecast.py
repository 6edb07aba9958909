"""A day and a week ahead, from hours."""

import numpy as np

from plugin_optimizer.models.long_forecast import AHEAD_HOURS, long_band

HOUR, NOW = 3_600.0, 20_000 * 86_400.0


def hours(days: int, seed: int = 1) -> list[tuple[float, float]]:
    """Return a load with the wave of a day, less at weekends, up to now."""
    rng = np.random.default_rng(seed)
    at = NOW - HOUR * (np.arange(days * 24)[::-1] + 0.5)
    return list(zip(at.tolist(), (loads(at) + rng.normal(0, 1, len(at))).tolist(), strict=True))


def loads(at: np.ndarray) -> np.ndarray:
    day = (at // 86_400 + 3) % 7
    return 50 + np.where(day >= 5, 10, 30) * np.sin(2 * np.pi * at / 86_400)


def test_a_week_ahead_follows_the_week() -> None:
    """Five weeks known: each of the next seven days within its band at least six times, and the band is no wider than the wave."""
    band = long_band(hours(35), NOW, AHEAD_HOURS["week"])
    assert band is not None
    inside = [p.low <= loads(np.array([NOW + p.ahead_seconds - HOUR / 2]))[0] <= p.high for p in band.points]
    assert len(inside) == 7
    assert sum(inside) >= 6
    assert all(p.high - p.low < 30 for p in band.points)


def test_a_day_ahead_needs_days() -> None:
    """Of one day nothing is foretold beyond it; of two weeks all eight distances are, the near ones narrowly."""
    short = long_band(hours(1), NOW, AHEAD_HOURS["day"])
    assert short is None
    band = long_band(hours(14), NOW, AHEAD_HOURS["day"])
    assert band is not None
    assert len(band.points) == 8
    assert all(0 <= p.low <= p.expected <= p.high for p in band.points)


def test_holes_and_bounds() -> None:
    """Half of the hours missing: nothing is said. A ratio does not exceed one."""
    assert long_band(hours(14)[::2], NOW, AHEAD_HOURS["day"]) is None
    band = long_band([(at, min(1.0, v / 60)) for at, v in hours(14)], NOW, AHEAD_HOURS["day"], 1.0)
    assert band is not None
    assert max(p.high for p in band.points) <= 1.0
