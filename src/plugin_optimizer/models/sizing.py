"""How many workers: the smallest count whose replay keeps the promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

NEAR_BEST = 1.05  # where nothing keeps the promise: the smallest count within 5 % of the best
FLAT = 0.99  # a further worker that gains less than 1 % …
FLAT_STEPS = 3  # … three times in a row ends the search
BEYOND = 2  # counts shown beyond the chosen one, so that a reader sees what more would bring


class Model(Protocol):
    """What would have become of the recorded requests: mean and p95 in seconds under a count, at a multiple of the load."""

    def figures(self, workers: int, load: float = 1.0) -> tuple[float, float]: ...


@dataclass(frozen=True, slots=True)
class Point:
    """One what-if: mean and p95 at the present load, and the p95 at the load it has to stand."""

    workers: int
    mean_seconds: float
    p95_seconds: float
    stressed_p95_seconds: float


@dataclass(frozen=True, slots=True)
class Sizing:
    """The chosen count, whether it keeps the promise, and the curve it was read from (ascending)."""

    workers: int
    keeps_promise: bool
    curve: tuple[Point, ...]

    def point(self, workers: int) -> Point | None:
        return next((p for p in self.curve if p.workers == workers), None)


def grow(replay: Model, counts: Sequence[int], slo_seconds: float, stress: float) -> Sizing:
    """Return the smallest of `counts` (ascending) whose p95 at `stress` times the load meets the SLO.

    Where none does, the smallest within 5 % of the best one.
    """
    curve: list[Point] = []
    chosen: int | None = None
    flat = 0
    for workers in counts:
        curve.append(_point(replay, workers, stress))
        flat = flat + 1 if _is_flat(curve) else 0
        if chosen is None and curve[-1].stressed_p95_seconds <= slo_seconds:
            chosen = workers
        if flat >= FLAT_STEPS or (chosen is not None and workers >= chosen + BEYOND):
            break
    if chosen is not None:
        return Sizing(chosen, keeps_promise=True, curve=tuple(curve))
    best = min(p.stressed_p95_seconds for p in curve)
    near = next(p for p in curve if p.stressed_p95_seconds <= best * NEAR_BEST)
    return Sizing(near.workers, keeps_promise=False, curve=tuple(curve))


def shrink(
    replay: Model, counts: Sequence[int], now: int, slo_seconds: float, stress: float, slower_ratio: float
) -> Sizing:
    """Return the smallest of `counts` (ascending, below `now`) that meets the SLO at `stress` times the load
    and is at the present load at most `slower_ratio` slower (mean and p95) than the present count; `now` if none is.
    """
    present = _point(replay, now, stress)
    curve: list[Point] = []
    chosen = now
    for workers in counts:
        point = _point(replay, workers, stress)
        curve.append(point)
        quick = max(point.mean_seconds / present.mean_seconds, point.p95_seconds / present.p95_seconds)
        if chosen == now and point.stressed_p95_seconds <= slo_seconds and quick <= 1 + slower_ratio:
            chosen = workers
        if chosen != now and workers >= chosen + BEYOND:
            break
    return Sizing(chosen, keeps_promise=chosen != now, curve=(*curve, present))


def on_the_way(replay: Model, sizing: Sizing, workers: int, slo_seconds: float, stress: float) -> Sizing:
    """Return the same study with a count chosen on the way to the one it found."""
    point = sizing.point(workers) or _point(replay, workers, stress)
    curve = tuple(sorted({*sizing.curve, point}, key=lambda each: each.workers))
    return Sizing(workers, point.stressed_p95_seconds <= slo_seconds, curve)


def _point(replay: Model, workers: int, stress: float) -> Point:
    mean, p95 = replay.figures(workers)
    return Point(workers, mean, p95, replay.figures(workers, stress)[1])


def _is_flat(curve: Sequence[Point]) -> bool:
    return len(curve) > 1 and curve[-1].stressed_p95_seconds > curve[-2].stressed_p95_seconds * FLAT
