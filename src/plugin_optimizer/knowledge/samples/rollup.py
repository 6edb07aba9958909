"""What remains of samples when they get old: minimum, mean, maximum and count per cell of time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
MINUTE_SECONDS = 60
HOUR_SECONDS = 3600


class Cells(NamedTuple):
    """One entry per cell that holds samples, by time; `start` is where the cell begins. All arrays are [n]."""

    start: F64
    minimum: F64
    mean: F64
    maximum: F64
    samples: F64


def cells_of(times: F64, values: F64, cell_seconds: float) -> Cells:
    """Roll samples (ascending, at least one) up into the cells they fall into."""
    starts = np.floor(times / cell_seconds) * cell_seconds
    first = np.flatnonzero(np.concatenate(([True], starts[1:] != starts[:-1])))
    count = np.diff(np.append(first, len(times))).astype(np.float64)
    minimum, maximum = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
    with np.errstate(over="ignore"):  # a sum beyond the largest float is infinite; the mean is not
        mean = np.add.reduceat(values, first) / count
    return Cells(starts[first], minimum, mean.clip(minimum, maximum), maximum, count)


def last_of_each_time(times: F64, values: F64) -> tuple[F64, F64]:
    """Return samples by time, of equal times the one given last."""
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    keep = np.concatenate((times[1:] != times[:-1], [True])) if len(times) else np.empty(0, dtype=bool)
    return times[keep], values[keep]
