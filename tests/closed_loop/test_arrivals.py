"""Requests are drawn once: the same for every policy, at the rate and with the work that the scenario names."""

import numpy as np
import pytest

from benchmarks.closed_loop.arrivals import arrivals
from benchmarks.closed_loop.scenario import Load


def test_the_same_seed_asks_for_the_same_work() -> None:
    """Times and targets are equal, another seed's are not."""
    load = Load(requests_per_second=20.0, target="/?io={io}&key={key}", io_seconds=0.1)
    first, second, other = (arrivals(load, 60.0, seed) for seed in (1, 1, 2))
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]
    assert first[1] != other[1]


@pytest.mark.parametrize(
    ("load", "mean"),
    [
        (Load(50.0), 50.0),
        (Load(50.0, shape="steps", steps=((100.0, 3.0),)), 100.0),
        (Load(50.0, shape="diurnal", period_seconds=100.0), 50.0),
    ],
)
def test_the_rate_is_what_the_shape_says(load: Load, mean: float) -> None:
    """Over 200 s the mean is within five standard deviations of the shape's."""
    times, _ = arrivals(load, 200.0, 3)
    assert abs(len(times) - 200 * mean) < 5 * (200 * mean) ** 0.5
    assert np.all(np.diff(times) >= 0)


def test_bursts_bring_more_than_the_calm() -> None:
    """With a third of the time in bursts of three times the rate the counts of seconds spread more than Poisson's."""
    times, _ = arrivals(Load(20.0, shape="bursts", burst_seconds=20.0, calm_seconds=40.0), 600.0, 5)
    counts = np.bincount(times.astype(int), minlength=600)
    assert counts.var() > 2 * counts.mean()


@pytest.mark.parametrize("distribution", ["deterministic", "exponential", "lognormal"])
def test_the_work_has_the_mean_that_was_named(distribution: str) -> None:
    """100 ms, within 10 % over 10,000 requests."""
    load = Load(100.0, target="{io}", io_seconds=0.1, distribution=distribution)
    _, targets = arrivals(load, 100.0, 7)
    assert np.mean([float(target) for target in targets]) == pytest.approx(0.1, rel=0.1)


def test_what_is_no_shape_is_said() -> None:
    """The known ones are named."""
    with pytest.raises(ValueError, match="diurnal"):
        arrivals(Load(1.0, shape="weekly"), 10.0, 1)
    with pytest.raises(ValueError, match="lognormal"):
        arrivals(Load(1.0, distribution="pareto"), 10.0, 1)
