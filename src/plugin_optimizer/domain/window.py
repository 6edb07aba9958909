"""The recent past of the whole fleet, in columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .metric import Metric

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Window:
    """Samples of all plugins on one grid of time.

    Shapes: `times` is [T], Unix seconds, ascending, `step_seconds` apart; each array of `metrics` is
    [plugins, T]. Row i belongs to `plugin_ids[i]`. NaN means missing, never zero.
    """

    plugin_ids: tuple[str, ...]
    times: NDArray[np.float64]
    step_seconds: float
    metrics: Mapping[Metric, Floats] = field(default_factory=dict)

    def series(self, metric: Metric) -> Floats:
        """Return [plugins, T]; all NaN where nothing was ever measured."""
        found = self.metrics.get(metric)
        if found is not None:
            return found
        return np.full((len(self.plugin_ids), len(self.times)), np.nan, dtype=np.float32)

    def of(self, plugin_id: str, metric: Metric) -> Floats:
        """Return [T] of one plugin; all NaN for a plugin that is not in the window."""
        if plugin_id not in self.plugin_ids:
            return np.full(len(self.times), np.nan, dtype=np.float32)
        row: Floats = self.series(metric)[self.plugin_ids.index(plugin_id)]
        return row

    def recent(self, metric: Metric, seconds: float) -> Floats:
        """Return the last columns that cover `seconds`: [plugins, <=T]."""
        columns = max(1, round(seconds / self.step_seconds))
        last: Floats = self.series(metric)[:, -columns:]
        return last

    def age_seconds(self, now: float) -> NDArray[np.float64]:
        """Return per plugin the time since anything at all was measured of it (inf if never): [plugins]."""
        age = np.full(len(self.plugin_ids), np.inf)
        for values in self.metrics.values():
            seen = ~np.isnan(values)
            last = np.where(seen.any(axis=1), values.shape[1] - 1 - seen[:, ::-1].argmax(axis=1), -1)
            at = np.where(last >= 0, self.times[np.maximum(last, 0)], -np.inf)
            age = np.minimum(age, now - at)
        return age
