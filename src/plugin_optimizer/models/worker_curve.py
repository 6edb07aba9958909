"""What every other number of workers would have done to the recorded requests: the whole curve, a point at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .pool_case import PoolCase
from .replay import Replay
from .worker_bounds import MEMORY_SHARE

MOST_COUNTS = 16  # each costs a few replays of 10 to 20 ms
FLAT = 0.99  # a further worker that gains less than 1 % …
FLAT_STEPS = 3  # … three times in a row ends the curve


@dataclass(frozen=True, slots=True)
class WorkerPoint:
    """One what-if in seconds: at the recorded load with the 80 % interval of its p95, and at the load to plan for."""

    workers: int
    mean_seconds: float
    p95_seconds: float
    low_seconds: float
    high_seconds: float
    planned_p95_seconds: float


def worker_counts(case: PoolCase, most: int = MOST_COUNTS) -> Sequence[int]:
    """Return the counts to look at, ascending: the present one and what the bounds allow, at most `most`, denser about it."""
    top = max(case.workers, case.bound(MEMORY_SHARE).workers)
    every = [*range(1, top + 1)]
    if len(every) <= most:
        return every
    near = sorted(every, key=lambda count: (abs(count - case.workers), count))[: most - 2]
    return sorted({*near, 1, top})


def worker_curve(case: PoolCase, replay: Replay, load: float) -> Iterator[WorkerPoint]:
    """Yield the points, ascending; each is computed when it is asked for. `load` is what to plan for over what was recorded.

    Ends early beyond the present count where further workers gain nothing any more.
    """
    before, flat = float("inf"), 0
    for workers in worker_counts(case):
        forecast, planned = replay.forecast(workers), replay.figures(workers, load)[1]
        yield WorkerPoint(
            workers=workers,
            mean_seconds=forecast.mean_seconds,
            p95_seconds=forecast.p95_seconds,
            low_seconds=forecast.low_seconds,
            high_seconds=forecast.high_seconds,
            planned_p95_seconds=planned,
        )
        flat = flat + 1 if planned > before * FLAT else 0
        before = planned
        if flat >= FLAT_STEPS and workers > case.workers:
            return


def least_that_keeps(points: Sequence[WorkerPoint], slo_seconds: float) -> int | None:
    """Return the smallest count of the curve whose p95 at the load to plan for meets the SLO; None where none does."""
    return next((point.workers for point in points if point.planned_p95_seconds <= slo_seconds), None)
