"""The load of days, asked for again at each look: read once by the minute, cut off at the moment of the look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric
from .question import Samples

F64 = NDArray[np.float64]
MINUTE_SECONDS = 60.0
BACK_SECONDS = 8 * 86_400.0  # before the replay: as far back as anybody asks, and a day


@dataclass(slots=True)
class Loads:
    """Answers ranges as the sample store would have at their end; a minute that was not over then is left out."""

    samples: Samples
    since: float
    until: float
    known: dict[tuple[str, Metric], tuple[F64, F64]] = field(default_factory=dict)

    def range(
        self, plugin_id: str, metrics: Sequence[Metric], begin: float, end: float, points: int
    ) -> Mapping[Metric, Sequence[tuple[float, float]]]:
        """Return (time, value) pairs of [begin, end], averaged down to at most `points` equal buckets."""
        return {metric: _reduced(*self._minutes(plugin_id, metric), begin, end, points) for metric in metrics}

    def _minutes(self, plugin_id: str, metric: Metric) -> tuple[F64, F64]:
        """Return the middles of all minutes that are known, and their means: [n] each."""
        if (plugin_id, metric) not in self.known:
            begin = (self.since - BACK_SECONDS) // MINUTE_SECONDS * MINUTE_SECONDS
            minutes = max(1, int((self.until - begin) // MINUTE_SECONDS))
            end = begin + minutes * MINUTE_SECONDS
            pairs = self.samples.range(plugin_id, (metric,), begin, end, minutes).get(metric, ())
            at, value = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
            self.known[plugin_id, metric] = _by_minute(at, value)
        return self.known[plugin_id, metric]


def _by_minute(at: F64, value: F64) -> tuple[F64, F64]:
    """Return means by minute; samples that are few come one by one."""
    minute, place = np.unique(at // MINUTE_SECONDS, return_inverse=True)
    mean = np.bincount(place, value, len(minute)) / np.maximum(np.bincount(place, minlength=len(minute)), 1)
    return (minute + 0.5) * MINUTE_SECONDS, mean


def _reduced(at: F64, value: F64, begin: float, end: float, points: int) -> Sequence[tuple[float, float]]:
    inside = (at >= begin) & (at + MINUTE_SECONDS / 2 <= end)
    at, value = at[inside], value[inside]
    if len(at) <= points:
        return list(zip(at.tolist(), value.tolist(), strict=True))
    width = (end - begin) / points
    bucket = np.minimum((at - begin) // width, points - 1).astype(np.int64)
    count, total = np.bincount(bucket, minlength=points), np.bincount(bucket, value, points)
    filled = np.flatnonzero(count)
    return list(zip((begin + (filled + 0.5) * width).tolist(), (total[filled] / count[filled]).tolist(), strict=True))
