"""The peers: each a published rule for the number of workers, as a function of what it looks at.

Sources: gunicorn's advice (2 × cores + 1); Kubernetes `replica_calculator.go`; Celery 5.7 `worker/autoscale.py`; uWSGI
`cheaper_busyness`; Netflix concurrency-limits `Gradient2Limit`; fixed thresholds as the first draft of this product had.
"""

import math
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. `busy_ratio` is the mean share of slots that served since the last look, `cpu_cores` what they used.

    `in_flight` counts requests in the service or before it; `mean_seconds` is their mean latency since the last look,
    NaN without any; `p95_seconds` of the last minute; `at` in seconds.
    """

    at: float
    workers: int
    in_flight: int
    busy_ratio: float
    cpu_cores: float
    mean_seconds: float
    p95_seconds: float
    slo_seconds: float


class Rule(Protocol):
    @property
    def interval_seconds(self) -> float: ...
    def decide(self, seen: Seen, /) -> int: ...


@dataclass(slots=True)
class Fixed:
    interval_seconds: float = 5.0

    def decide(self, _: Seen) -> int:
        return 2 * (os.cpu_count() or 1) + 1


@dataclass(slots=True)
class HorizontalPodAutoscaler:
    """Usage over target with 10 % tolerance; up to double (or 4) at once, down to the highest proposal of 300 s."""

    usage: Callable[[Seen], float]
    target: float = 0.70
    tolerance: float = 0.1
    stabilisation_seconds: float = 300.0
    interval_seconds: float = 15.0
    proposals: deque[tuple[float, int]] = field(default_factory=deque)

    def decide(self, seen: Seen) -> int:
        ratio = self.usage(seen) / self.target
        wanted = seen.workers if abs(1 - ratio) <= self.tolerance else max(1, math.ceil(ratio * seen.workers))
        self.proposals.append((seen.at, wanted))
        while self.proposals[0][0] < seen.at - self.stabilisation_seconds:
            self.proposals.popleft()
        if wanted < seen.workers:
            return min(seen.workers, max(proposal for _, proposal in self.proposals))
        return min(wanted, max(2 * seen.workers, 4))


def cpu_of_request(seen: Seen) -> float:
    """Return the CPU use per worker as a share of a request of 250 millicores."""
    return seen.cpu_cores / seen.workers / 0.25


@dataclass(slots=True)
class CeleryAutoscaler:
    """As many as there are reserved requests (up to four for each worker); down 30 s after the last growth at the earliest."""

    interval_seconds: float = 1.0
    prefetch: int = 4
    keepalive_seconds: float = 30.0
    grown_at: float | None = None

    def decide(self, seen: Seen) -> int:
        wanted = max(1, min(seen.in_flight, self.prefetch * seen.workers))
        if wanted > seen.workers:
            self.grown_at = seen.at
            return wanted
        rested = self.grown_at is not None and seen.at - self.grown_at > self.keepalive_seconds
        return wanted if rested else seen.workers


@dataclass(slots=True)
class UwsgiBusyness:
    """Above 50 % busy (or with a backlog) one more; below 25 % for `multiplier` cycles one less, which doubts itself."""

    interval_seconds: float = 3.0
    step: int = 1
    backlog_alert: int = 33
    multiplier: int = 10
    calm_cycles: int = 0
    inside_cycles: int = 0
    shrunk_at: float = -math.inf

    def decide(self, seen: Seen) -> int:
        busy = seen.busy_ratio
        if busy > 0.5 or seen.in_flight - seen.workers > self.backlog_alert:
            if seen.at - self.shrunk_at < self.multiplier * self.interval_seconds:
                self.multiplier += 2  # it had been stopped too soon
            self.calm_cycles = self.inside_cycles = 0
            return seen.workers + self.step
        if busy >= 0.25:
            self.inside_cycles += 1
            if self.inside_cycles >= 3:
                self.calm_cycles = self.inside_cycles = 0
            return seen.workers
        self.inside_cycles = 0
        self.calm_cycles += 1
        if self.calm_cycles < self.multiplier or seen.workers <= 1:
            return seen.workers
        self.calm_cycles, self.shrunk_at = 0, seen.at
        return seen.workers - 1


@dataclass(slots=True)
class Gradient2:
    """A concurrency limit from the ratio of long- to short-term latency, used as the number of workers."""

    interval_seconds: float = 1.0
    limit: float = 4.0
    long_seconds: float = math.nan

    def decide(self, seen: Seen) -> int:
        short = seen.mean_seconds
        if math.isnan(short):
            return seen.workers
        self.long_seconds = (
            short if math.isnan(self.long_seconds) else self.long_seconds + (short - self.long_seconds) / 600
        )
        if seen.in_flight >= self.limit / 2:
            gradient = min(1.0, max(0.5, 1.5 * self.long_seconds / short))
            self.limit = max(1.0, 0.8 * self.limit + 0.2 * (gradient * self.limit + 4))
        return max(1, round(self.limit))


@dataclass(slots=True)
class StaticThresholds:
    """CPU above 80 % of the workers' cores, or p95 above the limit: one more. CPU below 20 % and p95 below half: one less."""

    interval_seconds: float = 60.0

    def decide(self, seen: Seen) -> int:
        cpu = seen.cpu_cores / min(seen.workers, os.cpu_count() or 1)
        if cpu > 0.8 or seen.p95_seconds > seen.slo_seconds:
            return seen.workers + 1
        if cpu < 0.2 and seen.p95_seconds < 0.5 * seen.slo_seconds:
            return max(1, seen.workers - 1)
        return seen.workers


PEERS: dict[str, Callable[[], Rule]] = {
    "2 cores + 1": Fixed,
    "HPA on CPU": lambda: HorizontalPodAutoscaler(cpu_of_request),
    "HPA on busy": lambda: HorizontalPodAutoscaler(lambda seen: seen.busy_ratio),
    "Celery": CeleryAutoscaler,
    "uWSGI busyness": UwsgiBusyness,
    "Gradient2": Gradient2,
    "thresholds": StaticThresholds,
}
