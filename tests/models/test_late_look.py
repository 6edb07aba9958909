"""What a filling cache comes to is read once it has come to it, not before."""

import numpy as np
import pytest

from plugin_optimizer.models.late_look import Series, cycled_figure, settled_figure

MINUTE, HOUR = 60.0, 3_600.0


def filling(seconds: float, *, rise: float, relaxation: float, step: float = 5.0, requests: int = 100) -> Series:
    """Return hit ratios of so many accesses each, climbing from 0.5 by `rise`."""
    rng = np.random.default_rng(3)
    since = np.arange(step, seconds + 1, step)
    share = 0.5 + rise * (1 - np.exp(-since / relaxation))
    return list(zip((1_000.0 + since).tolist(), (rng.binomial(requests, share) / requests).tolist(), strict=True))


def test_a_level_is_read_after_half_an_hour() -> None:
    """Filled after some minutes: level at 16 and at 32 minutes, and the figure is that of the second half."""
    points = filling(HOUR, rise=0.3, relaxation=60.0)
    found = settled_figure(1_000.0, points)
    assert found is not None
    assert found.at == 1_000.0 + 32 * MINUTE
    assert found.value == pytest.approx(0.8, abs=0.005)
    assert settled_figure(1_000.0, points[: round(31 * MINUTE / 5)]) is None


def test_what_still_climbs_has_no_level() -> None:
    """By 30 points within hours: nothing is read while it climbs, the right figure once it has stopped."""
    slow = filling(12 * HOUR, rise=0.1, relaxation=1_800.0)
    for hours in (0.6, 1.5, 3.0):
        assert settled_figure(1_000.0, [p for p in slow if p[0] <= 1_000.0 + hours * HOUR]) is None
    found = settled_figure(1_000.0, slow)
    assert found is not None
    assert found.value == pytest.approx(0.6, abs=0.005)
    assert settled_figure(1_000.0, filling(12 * HOUR, rise=0.3, relaxation=7_200.0)) is None


def test_seconds_or_minutes_the_figure_is_the_same() -> None:
    """Samples are rolled up with age: the same look at minutes gives the same figure."""
    raw = filling(HOUR, rise=0.2, relaxation=60.0)
    minutes = [
        (raw[i + 6][0], float(np.mean([value for _, value in raw[i : i + 12]]))) for i in range(0, len(raw) - 11, 12)
    ]
    fine, rough = settled_figure(1_000.0, raw), settled_figure(1_000.0, minutes)
    assert fine is not None
    assert rough is not None
    assert (rough.at, rough.value) == (fine.at, pytest.approx(fine.value, abs=1e-9))


def test_too_little_is_no_figure() -> None:
    """Nothing, a few points, or accesses so rare that chance moves the share by points."""
    assert settled_figure(0.0, ()) is None
    assert settled_figure(1_000.0, filling(HOUR, rise=0.0, relaxation=60.0)[::400]) is None
    assert settled_figure(1_000.0, filling(HOUR, rise=0.0, relaxation=60.0, step=60.0, requests=10)) is None


def test_what_comes_and_goes_is_read_over_two_more_lives() -> None:
    """A saw with lives of ten minutes between 100 and 130: right after the first life it is low, over two it is 115."""
    at = 1_000.0 + np.arange(5.0, 3_700.0, 5.0)
    saw = list(zip(at.tolist(), (100.0 + 30.0 * (((at - 1_000.0) % 600.0) / 600.0)).tolist(), strict=True))
    found = cycled_figure(1_000.0, 600.0, saw)
    assert found is not None
    assert (found.at, found.value) == (2_800.0, pytest.approx(115.0, rel=0.01))
    assert cycled_figure(1_000.0, 600.0, [point for point in saw if point[0] < 2_700.0]) is None
    assert cycled_figure(1_000.0, 600.0, saw[::60]) is None
    assert cycled_figure(1_000.0, 600.0, ()) is None
