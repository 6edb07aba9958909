"""The data gate: what is not a plausible number of the present never gets in.

Missing data dampens and never drives; so a sample that is refused leaves a hole (NaN), not a zero, and the
refusal is counted with its reason.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..domain import Metric, Refusal, Sample
from .gate_doubt import Doubt

LARGEST = 1e15
FUTURE_SECONDS = 30.0
PAST_SECONDS = 3_600.0
RATIO_LIMIT = 1.0 + 1e-6
UNBOUNDED_RATIOS = frozenset(
    {Metric.CPU_RATIO, Metric.MEMORY_RATIO, Metric.FRAGMENTATION_RATIO}
)  # may exceed what was granted
# What a sensor computes from a counter; below zero says that the counter went backwards (a restart, an overflow).
RATES = frozenset(
    {Metric.CPU_CORES, Metric.CPU_RATIO, Metric.REQUESTS, Metric.THROUGHPUT_PER_SECOND, Metric.EVICTIONS_PER_SECOND}
)
COUNTS = frozenset(
    {Metric.WORKERS, Metric.REQUESTS, Metric.RESTARTS, Metric.FAILED_WORKERS, Metric.CACHE_ENTRIES, Metric.OOM_KILLS}
)


@dataclass(slots=True)
class Gate:
    """Lets samples in or says why not. Remembers the newest time of each series to refuse back-dated ones."""

    newest: dict[tuple[str, Metric], float] = field(default_factory=dict)
    doubt: Doubt = field(default_factory=Doubt)

    def admit(self, samples: Iterable[Sample], now: float) -> tuple[list[Sample], tuple[Refusal, ...]]:
        """Return the samples of one look that may be believed, and what was refused, by plugin, metric and reason."""
        possible: dict[str, list[Sample]] = defaultdict(list)
        refused: Counter[tuple[str, str, str]] = Counter()
        for sample in samples:
            reason = self._reason(sample, now)
            if reason is None:
                self.newest[sample.plugin_id, sample.metric] = sample.at
                possible[sample.plugin_id].append(sample)
            else:
                refused[sample.plugin_id, sample.metric.value, reason] += 1
        admitted: list[Sample] = []
        for plugin_id, look in possible.items():
            doubted = self.doubt.reasons(plugin_id, look)
            admitted.extend(sample for sample in look if sample.metric not in doubted)
            refused.update((plugin_id, s.metric.value, doubted[s.metric]) for s in look if s.metric in doubted)
        return admitted, tuple(Refusal(*key, count) for key, count in sorted(refused.items()))

    def _reason(self, sample: Sample, now: float) -> str | None:
        value, at = sample.value, sample.at
        if not math.isfinite(value) or not math.isfinite(at):
            return "not_finite"
        if abs(value) > LARGEST:
            return "too_large"
        if value < 0:
            return "reset" if sample.metric in RATES else "negative"
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
