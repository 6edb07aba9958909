"""What keeps the measured figures promises, and what records requests."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..domain import Metric, RequestTrace, Sample, SeenSettings, Window


class SampleStore(Protocol):
    """Keeps samples, with retention. Thread-safe. NaN and infinities are refused (InvalidValue)."""

    def write(self, samples: Iterable[Sample]) -> None: ...
    def window(self, plugin_ids: Sequence[str], end: float, seconds: float, step_seconds: float) -> Window:
        """Return the grid that ends at `end`; the last sample within a step wins; NaN where there is none."""
        ...

    def range(
        self,
        plugin_id: str,
        metrics: Sequence[Metric],
        begin: float,
        end: float,
        points: int,
    ) -> Mapping[Metric, Sequence[tuple[float, float]]]:
        """Return (time, value) pairs, averaged down to at most `points` buckets, from whatever resolution
        the age of the data still has. Empty where nothing was measured.
        """
        ...

    def latest(self, plugin_ids: Sequence[str]) -> Mapping[str, Mapping[Metric, Sample]]: ...
    def last_values(
        self, plugin_ids: Sequence[str], metric: Metric | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return time and value of each plugin's newest sample of the metric, of any metric for None; NaN: there is none."""
        ...

    def written(self) -> int:
        """Return a number that grows with every write, also of other processes."""
        ...

    def trim(self, now: float) -> None:
        """Seal, roll up and drop what retention says."""
        ...

    def close(self) -> None: ...


class Recorder(Protocol):
    """Keeps for a while what the loop sees beside samples, so that history can be replayed. Raises nothing."""

    def record(self, traces: Mapping[str, RequestTrace], settings: Mapping[str, SeenSettings], now: float) -> None: ...
