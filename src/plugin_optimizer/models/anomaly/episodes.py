"""Stretches of a scanned series in which something was unusual: one for each time it began."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .scan import Scan
from .scores import CLASSES, SHIFT, VARIANCE


@dataclass(frozen=True, slots=True)
class Episode:
    """Rows `first` to `last` (both within) of one series; `onset` is the time at which it began, `until` that of its
    last row (Unix seconds).

    `kind` is one of CLASSES, `score` the most it reached, `value`, `expected` and `reach` those of the row that was told.
    """

    series: int
    kind: str
    first: int
    last: int
    onset: float
    until: float
    score: float
    value: float
    expected: float
    reach: float
    rising: bool


def episodes(
    found: Scan, times: NDArray[np.float64], values: NDArray[np.floating], factor: float = 1.0
) -> list[Episode]:
    """Return all episodes, by onset. `times` is [T], `values` [series, T], `factor` that of the sensitivity."""
    score = found.scores.max(axis=0) * factor
    told = []
    for series in range(len(values)):
        begins = np.flatnonzero(found.alerts[series])
        beyond = np.flatnonzero(score[series] >= 1)
        for place, first in enumerate(begins.tolist()):
            end = int(begins[place + 1]) if place + 1 < len(begins) else values.shape[1]
            own = beyond[(beyond >= first) & (beyond < end)]
            last = int(own[-1])
            kind = int(found.scores[:, series, first].argmax())
            since = float(found.since[series, first])
            lasting = kind in (SHIFT, VARIANCE) and np.isfinite(since)
            told.append(
                Episode(
                    series,
                    CLASSES[kind],
                    first,
                    last,
                    since if lasting else float(times[first]),
                    float(times[last]),
                    float(score[series, first : last + 1].max()),
                    float(values[series, first]),
                    float(found.expected[series, first]),
                    float(found.reach[series, first]),
                    bool(found.rising[series, first]),
                )
            )
    return sorted(told, key=lambda episode: episode.onset)
