"""When a reported figure holds: over the time that it was measured in, on the grid of our own looks."""

import math
from dataclasses import dataclass, field

from ...domain import Metric, Sample

LONGEST_SECONDS = 300.0
JITTER = 0.3  # of a step; reports that come a little late are no reason for another sample


@dataclass(slots=True)
class Timeline:
    """Dates the figures of one plugin. No time of a metric is given twice or backwards."""

    plugin_id: str
    step_seconds: float
    until: dict[Metric, float] = field(default_factory=dict)

    def over(self, metric: Metric, at: float, seconds: float, value: float) -> list[Sample]:
        """Return samples of what held during the `seconds` before `at`, one for each of our looks; none if others cover it."""
        times = self._times(metric, at, seconds)
        return [Sample(self.plugin_id, metric, time, value) for time in times]

    def shared(self, metric: Metric, at: float, seconds: float, count: float) -> list[Sample]:
        """Return samples that together come to `count`, in whole numbers."""
        times, whole = self._times(metric, at, seconds), round(count)
        edges = [whole * place // len(times) for place in range(len(times) + 1)] if times else []
        return [
            Sample(self.plugin_id, metric, time, float(edges[place + 1] - edges[place]))
            for place, time in enumerate(times)
        ]

    def is_ahead(self, metric: Metric, at: float) -> bool:
        """Tell whether this time is news."""
        return at > self.until.get(metric, float("-inf"))

    def _times(self, metric: Metric, at: float, seconds: float) -> list[float]:
        """Return the times at, at − step, … within the `seconds` before `at` and after what was given, in order."""
        if not self.is_ahead(metric, at):
            return []
        since = max(at - min(seconds, LONGEST_SECONDS), self.until.get(metric, float("-inf")))
        self.until[metric] = at
        steps = max(1, math.ceil((at - since) / self.step_seconds - JITTER))
        return [at - self.step_seconds * back for back in reversed(range(steps))]
