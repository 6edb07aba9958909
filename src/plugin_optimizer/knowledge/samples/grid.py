"""Samples on a grid of time: the Window."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...domain import InvalidValue, Metric, Window
from .columns import Columns

F64 = NDArray[np.float64]


def grid_times(end: float, seconds: float, step_seconds: float) -> F64:
    """Return [T] times that end at `end`, `step_seconds` apart, covering `seconds` (at least one)."""
    if step_seconds <= 0 or seconds <= 0:
        raise InvalidValue(f"a window needs a positive length and step, not {seconds:g} s and {step_seconds:g} s")
    count = max(1, round(seconds / step_seconds))
    times: F64 = end - step_seconds * np.arange(count - 1, -1, -1, dtype=np.float64)
    return times


def first_moment(times: F64, step_seconds: float) -> float:
    """Return the earliest time that still falls into the first column."""
    return float(times[0]) - step_seconds / 2


def window_of(
    plugin_ids: Sequence[str],
    numbers: Sequence[int],
    columns: Columns,
    times: F64,
    step_seconds: float,
    metric_of: Callable[[int], Metric | None],
) -> Window:
    """Put samples (by time) on the grid: each goes to the nearest column, the last in a column wins.

    The nearest, not the one that ends next: turns come a little early or late, and must not leave holes
    beside doubly filled columns. `numbers[i]` is the number of `plugin_ids[i]`, below 0 if it has none.
    Nothing later than the end of the grid is taken.
    """
    row = _looked_up(_places(numbers), columns.plugin)
    column = len(times) - 1 - np.floor((times[-1] - columns.at) / step_seconds + 0.5).astype(np.int64)
    taken = (row >= 0) & (column >= 0) & (columns.at <= times[-1])
    if not taken.all():
        columns, row, column = columns.where(taken), row[taken], column[taken]
    metric = columns.metric
    present = np.flatnonzero(np.bincount(metric)).tolist() if len(metric) else []
    names = {number: name for number in present if (name := metric_of(number)) is not None}
    grid = np.full((len(names) + 1, len(plugin_ids), len(times)), np.nan, dtype=np.float32)
    layer = _looked_up(_places(list(names)), metric)  # what has no name lands in the last layer, which nobody sees
    grid[layer, row, column] = columns.value  # of repeated places numpy keeps the last value
    return Window(tuple(plugin_ids), times, step_seconds, dict(zip(names.values(), grid, strict=False)))


def _places(numbers: Sequence[int]) -> NDArray[np.int64]:
    """Return an array that leads from a number to its place in `numbers`; -1 where it has none."""
    places = np.full(max((*numbers, 0)) + 2, -1, dtype=np.int64)  # the last stands for all numbers beyond
    for place, number in enumerate(numbers):
        if number >= 0:
            places[number] = place
    return places


def _looked_up(places: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return places[np.minimum(numbers, len(places) - 1)]
