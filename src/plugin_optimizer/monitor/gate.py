"""The data gate: what is not a plausible number of the present never gets in.

Missing data dampens and never drives; so a sample that is refused leaves a hole (NaN), not a zero, and the
refusal is counted with its reason.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain import Metric, Refusal, Sample

LARGEST = 1e15
FUTURE_SECONDS = 30.0
PAST_SECONDS = 3_600.0
RATIO_LIMIT = 1.0 + 1e-6
UNBOUNDED_RATIOS = frozenset({Metric.CPU_RATIO, Metric.MEMORY_RATIO})  # may exceed what was granted
COUNTS = frozenset({Metric.WORKERS, Metric.REQUESTS, Metric.RESTARTS})


@dataclass(slots=True)
class Gate:
    """Lets samples in or says why not. Remembers the newest time of each series to refuse back-dated ones."""

    newest: dict[tuple[str, Metric], float] = field(default_factory=dict)

    def admit(self, samples: Iterable[Sample], now: float) -> tuple[list[Sample], tuple[Refusal, ...]]:
        """Return the samples that may be believed, and what was refused, by plugin, metric and reason."""
        admitted: list[Sample] = []
        refused: Counter[tuple[str, str, str]] = Counter()
        for sample in samples:
            reason = self._reason(sample, now)
            if reason is None:
                self.newest[sample.plugin_id, sample.metric] = sample.at
                admitted.append(sample)
            else:
                refused[sample.plugin_id, sample.metric.value, reason] += 1
        return admitted, tuple(Refusal(*key, count) for key, count in sorted(refused.items()))

    def _reason(self, sample: Sample, now: float) -> str | None:
        value, at = sample.value, sample.at
        if not math.isfinite(value) or not math.isfinite(at):
            return "not_finite"
        if abs(value) > LARGEST:
            return "too_large"
        if value < 0:
            return "negative"
        if sample.metric.value.endswith("_ratio") and sample.metric not in UNBOUNDED_RATIOS and value > RATIO_LIMIT:
            return "ratio_above_one"
        if sample.metric in COUNTS and value != int(value):
            return "not_a_count"
        return self._time_reason(sample, now)

    def _time_reason(self, sample: Sample, now: float) -> str | None:
        if sample.at > now + FUTURE_SECONDS:
            return "from_the_future"
        if sample.at < now - PAST_SECONDS:
            return "too_old"
        newest = self.newest.get((sample.plugin_id, sample.metric))
        if newest is not None and sample.at == newest:
            return "duplicate"
        if newest is not None and newest - FUTURE_SECONDS <= now and sample.at < newest:
            return "back_dated"
        return None
