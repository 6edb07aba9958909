"""Where a level changed, and when it went like this before: worked examples, and what must not be found."""

from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest

from plugin_optimizer.models.drill import LEAST_CORRELATION, alike, segments

pytestmark = pytest.mark.skipif(find_spec("stumpy") is None, reason="the extra `analysis` is not installed: make setup")


def noise(seed: int, count: int, sd: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, sd, count)


@pytest.mark.parametrize("seed", range(5))
def test_each_step_is_found_where_it_is(seed: int) -> None:
    """50, then 60 from row 300 on, then 40 from 450 on, noise of 1: three stretches, within two rows of the truth."""
    values = np.repeat([50.0, 60.0, 40.0], [300, 150, 150]) + noise(seed, 600)
    found = segments(values)
    assert [s.level for s in found] == pytest.approx([50, 60, 40], abs=0.5)
    assert [s.first for s in found] == pytest.approx([0, 300, 450], abs=2)
    assert all(s.spread == pytest.approx(1.0, abs=0.3) for s in found)


@pytest.mark.parametrize("seed", range(10))
def test_a_level_series_is_one_stretch(seed: int) -> None:
    """Noise alone has no change, whatever its scale; a constant one has none either."""
    assert len(segments(1e8 + noise(seed, 1000, 1e5))) == 1
    assert len(segments(np.full(500, 7.0))) == 1


def test_wandering_is_not_cut_into_more_than_can_be_read() -> None:
    """A random walk: at most twelve stretches, and they cover it in order."""
    found = segments(np.cumsum(noise(1, 1500)))
    assert 1 <= len(found) <= 12
    assert found[0].first == 0
    assert found[-1].last == 1499
    assert all(one.last + 1 == other.first for one, other in pairwise(found))


def test_what_is_missing_is_left_out() -> None:
    """Rows keep their numbers; fewer than twenty known ones are nothing to be cut."""
    values = np.repeat([5.0, 9.0], 100) + noise(2, 200, 0.1)
    values[40:60] = np.nan
    found = segments(values)
    assert [s.first for s in found] == [0, 100]
    assert segments(np.full(100, np.nan)) == []
    assert segments(np.r_[np.full(100, np.nan), np.arange(19.0)]) == []


def bump(height: float, rows: int = 60) -> np.ndarray:
    return height * np.sin(np.linspace(0, np.pi, rows)) ** 2


def test_the_same_shape_is_found_at_other_heights_and_nothing_else_is() -> None:
    """A bump of sixty rows, twice before, once half as high and once on another level; the most alike first."""
    values = 100 + noise(3, 1000, 0.2)
    values[200:260] += bump(20)
    values[500:560] += 50 + bump(10)
    values[900:960] += bump(30)
    found = alike(values, 900, 60)
    assert sorted(one.first for one in found[:2]) == pytest.approx([200, 500], abs=2)
    assert all(LEAST_CORRELATION <= one.correlation <= 1 for one in found)
    assert [one.correlation for one in found] == sorted((one.correlation for one in found), reverse=True)


def test_a_shape_that_never_was_is_like_nothing() -> None:
    """Noise before a bump; a shape with a gap; one that does not move; no past as long as it."""
    values = 100 + noise(4, 600, 1.0)
    values[500:560] += bump(50)
    assert alike(values, 500, 60) == []
    gap = values.copy()
    gap[510] = np.nan
    assert alike(gap, 500, 60) == []
    assert alike(np.full(600, 3.0), 500, 60) == []
    assert alike(values, 30, 60) == []


def test_the_future_is_no_past() -> None:
    """What came after the shape that is sought is not called "before"."""
    values = 100 + noise(5, 600, 0.2)
    values[100:160] += bump(20)
    values[400:460] += bump(20)
    assert alike(values, 100, 60) == []
    assert [one.first for one in alike(values, 400, 60)] == pytest.approx([100], abs=2)
