"""What a look says against itself or against the looks before: zeros of a living thing, figures that stand still.

A zero is suspicious: the outage of 14 December 2020 at Google began with a usage that was reported as 0
(status.cloud.google.com/incident/zall/20013). So a sudden fall is believed only where a second source saw it, too.
"""

import statistics
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..domain import Metric, Sample

IMPLAUSIBLE_ZERO, FROZEN = "implausible_zero", "frozen"

FALL_RATIO = 0.2  # below this share of its level a figure has fallen suddenly
AGREE_RATIO = 0.5  # below this share of its own level a second source saw it fall, too
IDLE_CORES = 0.02  # what processes use that wait for work
LEAST_CORES, LEAST_REQUESTS = 0.05, 20.0  # a level below that falls to nothing by chance alone
LEVEL_LOOKS, LEAST_LOOKS = 24, 6
LEVEL_SECONDS = 600.0  # so long a fall is doubted that nobody else saw; then it is the new level
FROZEN_LOOKS = 6

ALIVE = frozenset({Metric.MEMORY_BYTES, Metric.MEMORY_RATIO, Metric.WORKER_MEMORY_BYTES, Metric.WORKERS})
CPU = frozenset({Metric.CPU_CORES, Metric.CPU_RATIO})
TRAFFIC = frozenset({Metric.REQUESTS, Metric.THROUGHPUT_PER_SECOND, Metric.BUSY_RATIO})
DURATIONS = frozenset(
    {
        Metric.RESPONSE_TIME_SECONDS,
        Metric.RESPONSE_TIME_P50_SECONDS,
        Metric.RESPONSE_TIME_P95_SECONDS,
        Metric.RESPONSE_TIME_P99_SECONDS,
        Metric.SERVICE_TIME_SECONDS,
    }
)
QUANTILES = DURATIONS - {Metric.RESPONSE_TIME_SECONDS, Metric.SERVICE_TIME_SECONDS}
LEVELLED = frozenset({Metric.CPU_CORES, Metric.REQUESTS, Metric.BUSY_RATIO})
NOISY = CPU | DURATIONS | {Metric.BUSY_RATIO}  # measured so finely that chance never gives the same number twice


class Seen(Enum):
    """What a second source says of a fall."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Course:
    """The latest believed values of one series, as (time, value), and how often its present value came in a row."""

    believed: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=LEVEL_LOOKS))
    latest: float = float("nan")
    repeats: int = 0

    def note(self, value: float) -> int:
        """Count how often this very value came in a row."""
        self.repeats = self.repeats + 1 if value == self.latest else 1
        self.latest = value
        return self.repeats

    def believe(self, at: float, value: float) -> None:
        """Add to what is believed; what was long ago is no level any more."""
        if self.believed and at - self.believed[-1][0] > LEVEL_SECONDS:
            self.believed.clear()
        self.believed.append((at, value))

    def level(self, at: float) -> float | None:
        """Return the median of what was believed lately; None where that is too little or too long ago."""
        if len(self.believed) < LEAST_LOOKS or at - self.believed[-1][0] > LEVEL_SECONDS:
            return None
        return statistics.median(value for _, value in self.believed)


@dataclass(slots=True)
class Doubt:
    """Compares the figures of one look with each other and with those of the looks before, plugin by plugin."""

    courses: dict[tuple[str, Metric], Course] = field(default_factory=dict)

    def reasons(self, plugin_id: str, samples: Iterable[Sample]) -> Mapping[Metric, str]:
        """Return what is not to be believed of one look at a plugin, with the reason; remember the rest."""
        look = {sample.metric: sample for sample in samples}
        doubted = {metric: why for metric, sample in look.items() if (why := self._reason(sample, look)) is not None}
        for metric in LEVELLED & look.keys() - doubted.keys():
            self._course(plugin_id, metric).believe(look[metric].at, look[metric].value)
        return doubted

    def _reason(self, sample: Sample, look: Mapping[Metric, Sample]) -> str | None:
        if self._is_implausible_zero(sample, look):
            return IMPLAUSIBLE_ZERO
        return FROZEN if self._is_frozen(sample, look) else None

    def _is_implausible_zero(self, sample: Sample, look: Mapping[Metric, Sample]) -> bool:
        metric = sample.metric
        if metric in ALIVE:
            return sample.value == 0 and _value(look, Metric.UP) != 0
        if metric in CPU:
            return self._cpu_fell_alone(sample, look)
        if metric in DURATIONS:
            return sample.value == 0
        if metric not in TRAFFIC:
            return False
        idle_but_asked = metric is Metric.BUSY_RATIO and sample.value == 0 and not _counted(look)
        return (idle_but_asked and _asked(look)) or self._traffic_fell_alone(look)

    def _cpu_fell_alone(self, sample: Sample, look: Mapping[Metric, Sample]) -> bool:
        cores = look.get(Metric.CPU_CORES, sample)
        if not self._fell(cores, LEAST_CORES):
            return False
        others = [self._saw_fall(look.get(metric)) for metric in (Metric.REQUESTS, Metric.BUSY_RATIO)]
        return Seen.YES not in others

    def _traffic_fell_alone(self, look: Mapping[Metric, Sample]) -> bool:
        requests = look.get(Metric.REQUESTS)
        if requests is None or not self._fell(requests, LEAST_REQUESTS):
            return False
        cores = look.get(Metric.CPU_CORES)
        if cores is not None and cores.value <= IDLE_CORES:
            return False
        return self._saw_fall(cores) is not Seen.YES

    def _fell(self, sample: Sample, least: float) -> bool:
        level = self._course(sample.plugin_id, sample.metric).level(sample.at)
        return level is not None and level >= least and sample.value < FALL_RATIO * level

    def _saw_fall(self, sample: Sample | None) -> Seen:
        if sample is None:
            return Seen.UNKNOWN
        level = self._course(sample.plugin_id, sample.metric).level(sample.at)
        if level is None:
            return Seen.UNKNOWN
        return Seen.YES if sample.value <= AGREE_RATIO * level else Seen.NO

    def _is_frozen(self, sample: Sample, look: Mapping[Metric, Sample]) -> bool:
        if sample.metric not in NOISY or (sample.metric is Metric.BUSY_RATIO and _counted(look)):
            return False
        repeats = self._course(sample.plugin_id, sample.metric).note(sample.value)
        if repeats < FROZEN_LOOKS or sample.value == 0 or (sample.metric is Metric.BUSY_RATIO and sample.value == 1):
            return False  # none at all, and all of it, are where noise ends
        if sample.metric in QUANTILES and self._moves(look.get(Metric.RESPONSE_TIME_SECONDS)):
            return False  # told by the bounds of a histogram's buckets, which do not move with what falls between them
        cores = _value(look, Metric.CPU_CORES) or 0.0
        return cores > IDLE_CORES and _asked(look) if sample.metric in CPU else cores > 0

    def _moves(self, mean: Sample | None) -> bool:
        """Tell whether the mean is known and did not stand still; in this look it may be counted already, or not yet."""
        if mean is None:
            return False
        course = self._course(mean.plugin_id, mean.metric)
        return mean.value != course.latest or course.repeats < FROZEN_LOOKS - 1

    def _course(self, plugin_id: str, metric: Metric) -> Course:
        return self.courses.setdefault((plugin_id, metric), Course())


def _value(look: Mapping[Metric, Sample], metric: Metric) -> float | None:
    return look[metric].value if metric in look else None


def _counted(look: Mapping[Metric, Sample]) -> bool:
    """Tell whether busy workers were counted at a moment (a queue of tasks): such shares repeat, and may be none."""
    return Metric.QUEUE_LENGTH in look


def _asked(look: Mapping[Metric, Sample]) -> bool:
    """Tell whether requests came in."""
    return (_value(look, Metric.REQUESTS) or 0.0) > 0
