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
    row = _row_by_number(numbers)[columns.plugin.clip(max=max((*numbers, 0)) + 1)] if len(columns) else columns.plugin
    column = len(times) - 1 - np.floor((times[-1] - columns.at) / step_seconds + 0.5).astype(np.int64)
    taken = (row >= 0) & (column >= 0) & (columns.at <= times[-1])
    metric = columns.metric[taken]
    shape = (len(plugin_ids), len(times))
    place = row[taken] * len(times) + column[taken]
    value = columns.value[taken].astype(np.float32)
    metrics = {}
    for number in np.unique(metric):
        name = metric_of(int(number))
        if name is not None:
            mine = metric == number
            metrics[name] = _filled(shape, place[mine], value[mine])
    return Window(tuple(plugin_ids), times, step_seconds, metrics)


def _row_by_number(numbers: Sequence[int]) -> NDArray[np.int64]:
    rows = np.full(max((*numbers, 0)) + 2, -1, dtype=np.int64)  # the last stands for all numbers beyond
    for row, number in enumerate(numbers):
        if number >= 0:
            rows[number] = row
    return rows


def _filled(shape: tuple[int, int], place: NDArray[np.int64], value: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = np.full(shape[0] * shape[1], np.nan, dtype=np.float32)
    flat[place] = value  # of repeated places numpy keeps the last value
    return flat.reshape(shape)
