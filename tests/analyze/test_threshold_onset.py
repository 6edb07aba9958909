"""Since when something exceeds its threshold."""

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.analyze.threshold import _on_since


def test_the_beginning_of_an_exceedance_is_what_walking_through_its_columns_finds() -> None:
    """All columns at once: the same as one after the other, with missing values, and however high it clears."""
    chance, found = np.random.default_rng(1), 0
    for _ in range(400):
        rows, columns = int(chance.integers(1, 12)), int(chance.integers(1, 60))
        values = np.round(chance.uniform(0, 2, (rows, columns)) + np.sin(np.arange(columns) / chance.uniform(2, 9)), 1)
        values[chance.random((rows, columns)) < chance.choice([0.0, 0.1, 0.4])] = np.nan
        limits = np.round(chance.uniform(0.2, 1.8, rows), 1)
        clears, need = limits * chance.choice([0.5, 0.8, 1.0, 1.3], rows), chance.integers(1, 8, rows)
        walked = [_walked(*row) for row in zip(values, limits, clears, need, strict=True)]
        assert _on_since(values, limits, clears, need).tolist() == walked
        found += sum(column >= 0 for column in walked)
    assert found > 100


def _walked(values: NDArray[np.float64], limit: float, clear: float, need: int) -> int:
    on, began, known = -1, -1, 0
    for column, value in enumerate(values):
        if value <= limit:
            began, known = -1, 0
        elif value > limit:
            began, known = column if began < 0 else began, known + 1
        length = column - began + 1
        if on < 0 <= began and length >= need and known >= 0.8 * length:
            on = began
        if value < clear:
            on = -1
    return on
