"""Durations counted in buckets: what a bucketed histogram still tells of its mean and its quantiles. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Self

GRID_SCALE = 2  # four buckets an octave, each 19 % wider than the one before
LOWEST, HIGHEST = -17 << GRID_SCALE, 13 << GRID_SCALE  # 7.6 microseconds to 2.3 hours
GRID = tuple(2.0 ** (index / (1 << GRID_SCALE)) for index in range(LOWEST, HIGHEST + 1))
SCALES = range(-10, 21)  # that an exponential histogram may have


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of values by bucket. `bounds` ascend and are inclusive upper edges; `counts` has one more, for what lies above.

    Without bounds only the total and the sum are known.
    """

    bounds: tuple[float, ...]
    counts: tuple[float, ...]
    total: float  # of all values together, in their unit

    @property
    def count(self) -> float:
        return sum(self.counts)

    @property
    def mean(self) -> float:
        """Return the mean; NaN where nothing was counted."""
        return self.total / self.count if self.count > 0 else math.nan

    def since(self, before: Self) -> "Histogram | None":
        """Return what came in after `before`; None where this is no continuation of it: a counter went back, or the
        buckets are others.
        """
        if self.bounds != before.bounds or len(self.counts) != len(before.counts):
            return None
        grown = tuple(now - then for now, then in zip(self.counts, before.counts, strict=True))
        total = self.total - before.total
        return None if min(grown, default=0.0) < 0 or total < 0 else Histogram(self.bounds, grown, total)

    def quantile(self, share: float) -> float:
        """Return the value below which `share` (0…1) of all lie, linear within a bucket; NaN without bounds or values.

        What lies above the highest bound counts as that bound, so such a quantile is too low.
        Source: Prometheus documentation, Query functions, histogram_quantile.
        """
        if not self.bounds or self.count <= 0:
            return math.nan
        rank = share * self.count
        for place, reached in enumerate(accumulate(self.counts)):
            if reached >= rank and self.counts[place] > 0:
                return self._within(place, rank - (reached - self.counts[place]))
        return self.bounds[-1]

    def _within(self, place: int, into: float) -> float:
        if place >= len(self.bounds):
            return self.bounds[-1]
        upper = self.bounds[place]
        lower = self.bounds[place - 1] if place else min(0.0, upper)
        return lower + (upper - lower) * max(0.0, min(1.0, into / self.counts[place]))


def merged(histograms: Iterable[Histogram]) -> Histogram | None:
    """Return all of them as one; where their buckets differ, the buckets in which most was counted. None for none."""
    kinds: dict[tuple[float, ...], list[Histogram]] = {}
    for histogram in histograms:
        kinds.setdefault(histogram.bounds, []).append(histogram)
    if not kinds:
        return None
    most = max(kinds.values(), key=lambda alike: sum(each.count for each in alike))
    counts = tuple(sum(column) for column in zip(*(each.counts for each in most), strict=True))
    return Histogram(most[0].bounds, counts, sum(each.total for each in most))


def is_sound(bounds: Sequence[float], counts: Sequence[float]) -> bool:
    """Tell whether bounds ascend and are finite, and counts are one more and not negative."""
    ascending = all(lower < upper for lower, upper in pairwise(bounds)) and all(map(math.isfinite, bounds))
    return ascending and len(counts) == len(bounds) + 1 and all(math.isfinite(n) and n >= 0 for n in counts)


def on_grid(scale: int, zero_count: float, offset: int, counts: Sequence[float], total: float) -> Histogram:
    """Return an exponential histogram in the buckets of `GRID`, the same for every one, so that two can be compared.

    Bucket i of the source holds (base^(offset+i), base^(offset+i+1)] with base = 2^(2^-scale). One that is no wider than
    those of the grid moves exactly; a wider one is counted at its upper edge, so that quantiles err upwards.
    Source: OpenTelemetry, Metrics Data Model, ExponentialHistogram.
    """
    kept = [0.0] * (len(GRID) + 1)
    kept[0] += zero_count
    for place, count in enumerate(counts):
        if count:
            kept[_grid_place(scale, offset + place)] += count
    return Histogram(GRID, tuple(kept), total)


def _grid_place(scale: int, index: int) -> int:
    """Return the bucket of the grid that holds the upper edge of a source's bucket."""
    upper = index >> (scale - GRID_SCALE) if scale >= GRID_SCALE else ((index + 1) << (GRID_SCALE - scale)) - 1
    return max(0, min(len(GRID), upper + 1 - LOWEST))
