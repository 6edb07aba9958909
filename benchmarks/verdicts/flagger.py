"""Flagger's rule from its documentation and source: thresholds at every interval, and a count of failed checks.

Source: fluxcd.io/flagger, "Metrics Analysis" and "How it works"; pkg/controller: scheduler.go, scheduler_metrics.go.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

INTERVAL_SECONDS = 60.0
FAILED_CHECKS = 5  # `threshold` in its examples
ITERATIONS = 10  # `iterations`, or a weight of 5 % a step up to 50 %
LEAST_SUCCESS = 0.99


class Result(StrEnum):
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the last interval showed: NaN where there were no values."""

    success_ratio: float
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A check fails outside the thresholds and where no values are found. Passed checks take back no failed one."""

    most_seconds: float
    least_success: float = LEAST_SUCCESS
    threshold: int = FAILED_CHECKS
    iterations: int = ITERATIONS

    def passes(self, seen: Checked) -> bool:
        if math.isnan(seen.success_ratio) or math.isnan(seen.duration_seconds):
            return False
        return seen.success_ratio >= self.least_success and seen.duration_seconds <= self.most_seconds

    def run(self, seen_at: Callable[[float], Checked], seconds: float) -> tuple[Result, float]:
        """Return what a run comes to and when (seconds since the change); `seen_at` is the interval that ends then.

        The first turn, at the change, checks nothing. At each later one the failures are counted before the next check,
        so a rollback comes a turn after the check that was one too many.
        """
        failed = passed = 0
        for turn in range(1, int(seconds / INTERVAL_SECONDS) + 1):
            now = turn * INTERVAL_SECONDS
            if failed >= self.threshold:
                return Result.ROLLED_BACK, now
            if self.passes(seen_at(now)):
                passed += 1
            else:
                failed += 1
            if passed >= self.iterations:
                return Result.PROMOTED, now
        return Result.OPEN, seconds
