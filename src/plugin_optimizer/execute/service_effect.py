"""What a change did to the time a request takes inside a worker: the part that a replay cannot see."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace
from ..models.confidence import SequentialTest

F64 = NDArray[np.float64]

MOVED = math.log(1.10)  # service times that moved by less leave the verdict to the queue
LEAST_PER_CONTEXT = 20  # requests of one kind before that give it an expectation of its own
SERVICE_ALPHA = 0.01  # this question is asked beside the main one, and rarely answered by chance
GRID = 0.05  # steps of the log scale
CAUTION = 1.4  # widens an interval of level 0.01 to one of about 0.0001 (normal: 2.58 to 3.6 deviations)
LOCAL_WINDOWS = 3
MOST_DEPENDENCE = 0.9
KNOWN_WINDOWS = 6  # less than half a minute does not show how far service times wander by themselves
LOCAL_DEVIATIONS = 3.0  # chance alone reaches further in about one window of a thousand


@dataclass(frozen=True, slots=True)
class ServiceShift:
    """By how much service times moved, as log ratios after / before with `[low, high]` at every look."""

    estimate: float
    low: float
    high: float

    @property
    def suspected(self) -> bool:
        return abs(self.estimate) > MOVED

    @property
    def proven(self) -> bool:
        return self.suspected and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Blame:
    """Log scales per window ([n]) by which service times are put down to the change.

    A claim of harm has to hold under `low`, a claim of benefit under `high`.
    """

    low: F64
    high: F64


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """Log of seen / expected service time per window, before [n] and after [m]; NaN where nothing arrived.

    What is expected of a request is the mean of its kind (context) before the change, so that another mix
    of requests is not mistaken for another speed (indirect standardisation).
    """

    before: F64
    after: F64
    spread: float = 0.0  # by which what is expected after the change is itself unsure
    caution: float = 1.0  # times the usual width of every interval

    def beside(self, shift: float, spread: float) -> "ServiceLevels":
        """Return the levels with what other plugins did meanwhile taken off, less sure by `spread`."""
        return replace(self, after=self.after - shift, spread=spread)

    @property
    def cautious(self) -> "ServiceLevels":
        """Return the levels for a pool that is nearly full: its queue makes a multiple of every lucky draw."""
        return replace(self, caution=CAUTION)

    @property
    def level(self) -> float:
        """Return the mean level before; NaN where nothing was seen."""
        seen = self.before[~np.isnan(self.before)]
        return float(seen.mean()) if len(seen) else math.nan

    def shift(self, looked: int, test: SequentialTest) -> ServiceShift | None:
        """Return what is known of the shift after the first `looked` windows; None where that is too little."""
        test = replace(test, alpha=SERVICE_ALPHA)
        bounds = test.bounds(self.after[:looked] - self.level, test.reference_radius(self.before))
        if not bounds.windows:
            return None
        width, mean = self.caution * self._dependence(looked), bounds.mean
        low, high = mean - width * max(0.0, mean - bounds.low), mean + width * max(0.0, bounds.high - mean)
        unsure = self.spread + (0.0 if int((~np.isnan(self.before)).sum()) >= KNOWN_WINDOWS else MOVED)
        return ServiceShift(mean, low - unsure, high + unsure)

    def _dependence(self, looked: int) -> float:
        """Return by how much wandering levels widen an interval: sqrt((1 + a) / (1 - a)), a the lag-1 correlation.

        Service times follow neighbours, caches and databases, which drift without any change of ours.
        """
        products = squares = 0.0
        for levels in (self.before, self.after[:looked]):
            seen = levels[~np.isnan(levels)]
            rest = seen - seen.mean() if len(seen) else seen
            products, squares = products + float(rest[1:] @ rest[:-1]), squares + float(rest @ rest)
        a = min(MOST_DEPENDENCE, max(0.0, products / squares)) if squares > 0 else 0.0
        return math.sqrt((1 + a) / (1 - a))

    def blame(self, shift: ServiceShift) -> Blame:
        """Return what of the service times is put down to the change, given what is known of the shift.

        A shift may grow while it is watched (a lock that jams), so each window is blamed for at least what
        the windows around it show. Rounded outward to a grid, so that few different replays are needed.
        """
        if not shift.suspected:
            nothing = np.zeros(len(self.after))
            return Blame(nothing, nothing)
        sign = math.copysign(1.0, shift.estimate)
        near = max(0.0, shift.low if sign > 0 else -shift.high)
        near, far = math.floor(near / GRID) * GRID, math.ceil(abs(shift.estimate) / GRID) * GRID
        local, margin = sign * self._local(), self._local_margin()
        least, most = np.maximum(near, local - margin), np.maximum(far, local)
        return Blame(least, most) if sign > 0 else Blame(-most, -least)

    def _local(self) -> F64:
        """Return the shift around each window: the mean of it and those just before; 0 where nothing arrived."""
        shifts = np.nan_to_num(self.after - self.level)
        padded = np.concatenate((np.zeros(LOCAL_WINDOWS - 1), shifts))
        return np.convolve(padded, np.full(LOCAL_WINDOWS, 1 / LOCAL_WINDOWS), mode="valid")

    def _local_margin(self) -> float:
        seen = self.before[~np.isnan(self.before)]
        deviation = float(seen.std(ddof=1)) if len(seen) > 2 else math.inf  # two can be alike by luck
        chance = LOCAL_DEVIATIONS * deviation * math.sqrt(1 / LOCAL_WINDOWS + 1 / max(1, len(seen)))
        return self.caution * chance + self.spread


def service_times(trace: RequestTrace, cpu_limited: bool) -> F64:
    """Return the time a slot is held by each request; without waits for a core where the model makes its own."""
    return np.maximum(0.0, trace.wall - trace.run_delay) if cpu_limited else trace.wall


def expected_times(before: RequestTrace, service: F64, contexts: NDArray[np.int64]) -> F64:
    """Return for each of `contexts` the mean `service` of that kind before; the overall mean for rare kinds."""
    known, index = np.unique(before.context, return_inverse=True)
    counts = np.bincount(index, minlength=len(known))
    means = np.bincount(index, weights=service, minlength=len(known)) / np.maximum(counts, 1)
    means = np.where(counts >= LEAST_PER_CONTEXT, means, service.mean())
    found = np.clip(np.searchsorted(known, contexts), 0, len(known) - 1)
    result: F64 = np.where(known[found] == contexts, means[found], service.mean())
    return result
