"""Samples of a minute become one row of every series that is watched for the unusual."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..domain import Metric, Sample

MINUTE_SECONDS = 60.0
GRACE_SECONDS = 5.0  # samples of a minute arrive up to so much later
# What is watched, and the least change of each that could matter to anybody.
LEAST_EFFECT: Mapping[Metric, float] = {
    Metric.CPU_RATIO: 0.02,
    Metric.MEMORY_BYTES: 1e6,
    Metric.ERROR_RATIO: 0.005,
    Metric.RESPONSE_TIME_P95_SECONDS: 0.005,
    Metric.THROUGHPUT_PER_SECOND: 0.2,
    Metric.CACHE_HIT_RATIO: 0.02,
}
WATCHED = tuple(LEAST_EFFECT)
PLACE = {metric: place for place, metric in enumerate(WATCHED)}
ERRORS, P95, LOAD = (
    PLACE[m] for m in (Metric.ERROR_RATIO, Metric.RESPONSE_TIME_P95_SECONDS, Metric.THROUGHPUT_PER_SECOND)
)
MOST_MINUTES = 60  # without a sample; a longer silence says nothing by its length


@dataclass(slots=True)
class Minutes:
    """Gathers means of minutes. A sample that comes after its minute was handed out is left to the store."""

    done: float = 0.0  # end of the last minute that was handed out
    open: dict[float, dict[tuple[str, int], tuple[float, int]]] = field(default_factory=dict)

    def add(self, samples: Iterable[Sample]) -> None:
        for sample in samples:
            place = PLACE.get(sample.metric)
            begin = sample.at // MINUTE_SECONDS * MINUTE_SECONDS
            if place is None or begin < self.done:
                continue
            minute = self.open.setdefault(begin, {})
            total, count = minute.get((sample.plugin_id, place), (0.0, 0))
            minute[sample.plugin_id, place] = (total + sample.value, count + 1)

    def over(self, now: float) -> list[tuple[float, dict[tuple[str, int], float]]]:
        """Hand out the minutes that are over, oldest first, empty ones too: begin, and means by plugin and place in WATCHED."""
        last = (now - GRACE_SECONDS) // MINUTE_SECONDS * MINUTE_SECONDS
        first = self.done if last - self.done <= MOST_MINUTES * MINUTE_SECONDS else min(self.open, default=last)
        over = np.arange(first, last, MINUTE_SECONDS).tolist()
        self.done = max(self.done, last)
        handed = [(begin, {k: t / n for k, (t, n) in self.open.pop(begin, {}).items()}) for begin in over]
        self.open = {begin: means for begin, means in self.open.items() if begin >= self.done}
        return handed
