"""What every other size of a cache would give: points of its miss-ratio curve."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .cachesize import CacheStudy

CURVE_POINTS = 24
NEAR_POINTS = 0.01  # of hit ratio: a size that near to the best reachable one is enough


@dataclass(frozen=True, slots=True)
class CachePoint:
    """Hit ratio of a size: expected, what is certain, and what may be at most (kept from before the recording)."""

    size_entries: int
    hit_ratio: float
    low: float
    high: float


def cache_curve(study: CacheStudy, also: Iterable[int] = ()) -> Sequence[CachePoint]:
    """Return sizes spaced as logarithms, ascending, with the present one and those of `also` among them."""
    asked = [*also]
    top = max(study.largest, study.smallest + 1, *asked, 1)
    sizes = np.geomspace(max(1, study.smallest), top, CURVE_POINTS)
    chosen = sorted({*(int(size) for size in sizes), study.capacity, *asked})
    return [
        CachePoint(
            each, study.expected_hit_ratio(each), study.curve.hit_ratio(each), study.curve.hit_ratio_ceiling(each)
        )
        for each in chosen
    ]


def enough_entries(study: CacheStudy) -> int:
    """Return the smallest size within the bounds that comes within one point of the best hit ratio they allow."""
    return study.size_for(study.best_hit_ratio - NEAR_POINTS)
