"""Runs the shipped detectors over labelled series: those of like length side by side, as a fleet."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plugin_optimizer.models.anomaly import CLASSES, Pace, scan
from plugin_optimizer.models.anomaly.alerts import WORSE

from .corpora import Labelled

F32 = NDArray[np.float32]
TOGETHER = 1.6  # a fleet holds no series more than so many times as long as its shortest


def scores_of(series: Sequence[Labelled]) -> list[F32]:
    """Return [4, n] scores of each series by the one shipped configuration."""
    found: list[F32] = [np.empty((len(CLASSES), 0), np.float32)] * len(series)
    for fleet in _fleets(series):
        longest = max(len(series[i].values) for i in fleet)
        times = np.zeros((len(fleet), longest))
        values = np.full((len(fleet), longest), np.nan, np.float32)
        for row, index in enumerate(fleet):
            one = series[index]
            times[row, : len(one.times)], values[row, : len(one.values)] = one.times, one.values
        pace = Pace.of(np.array([series[i].step_seconds for i in fleet]))
        seen = scan(times, values, pace)
        for row, index in enumerate(fleet):
            found[index] = seen.scores[:, row, : len(series[index].values)]
    return found


def rested(score: NDArray[np.floating], step_seconds: float, bar: float = 1.0) -> NDArray[np.int64]:
    """Return the rows at which a score [n] is told: the rest that the product keeps between alerts, for peers too."""
    rest, rows = float(Pace.of(step_seconds).rest_rows[0]), []
    last, worst = -np.inf, 0.0
    for row in np.flatnonzero(score >= bar).tolist():
        value = float(score[row])
        begins = row - last > rest
        if begins or value > WORSE * worst:
            rows.append(row)
        worst = value if begins else max(worst, value)
        last = row
    return np.array(rows, dtype=np.int64)


def _fleets(series: Sequence[Labelled]) -> list[list[int]]:
    order = sorted(range(len(series)), key=lambda i: len(series[i].values))
    fleets: list[list[int]] = []
    for index in order:
        if fleets and len(series[index].values) <= TOGETHER * len(series[fleets[-1][0]].values):
            fleets[-1].append(index)
        else:
            fleets.append([index])
    return fleets
