"""The hit ratio of a larger cache, from the keys of a sample that it dropped and was asked for again."""

import bisect
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..domain import HitPoint

F64 = NDArray[np.float64]
CURVE_POINTS = 24
LEAST_WAY = 0.05  # of the logarithm of the size: over less than that no slope is read
MOST_GHOSTS, MOST_RETURNS = 65_536, 65_536
NEVER = -1  # the rank of a key that was not there before


@dataclass(frozen=True, slots=True)
class Counted:
    """What the server itself counted so far, of all keys."""

    accesses: float
    hits: float


@dataclass(slots=True)
class GhostList:
    """The keys of a sample that are there, and those that were and left, in the order in which they left.

    An LRU cache holds the top of a stack of all keys by last use; what it evicts goes on below, in the order of eviction.
    So a key that comes back was at the place "present size + keys evicted since that are still away": a cache with so
    many more entries would have had it (Mattson, Gecsei, Slutz, Traiger, Evaluation techniques for storage hierarchies,
    1970: inclusion). Keys that leave or come between the same two looks are in no known order.
    """

    present: set[int] = field(default_factory=set)
    left: dict[int, int] = field(default_factory=dict)  # key → the number of its leaving
    order: list[int] = field(default_factory=list)  # numbers of those still away, ascending
    ranks: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_RETURNS))
    counted: deque[Counted] = field(default_factory=lambda: deque(maxlen=MOST_RETURNS))  # beside each rank
    away: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_RETURNS))  # ghosts at that moment
    leavings: int = 0
    looks: int = 0

    def look(self, keys: set[int], counted: Counted) -> None:
        """Take note of who is there now."""
        came, went = keys - self.present, self.present - keys
        if self.looks:
            for key in came:
                self.ranks.append(self._back(key))
                self.counted.append(counted)
                self.away.append(len(self.order))
        for key in went:
            self.left[key] = self.leavings
            self.order.append(self.leavings)
            self.leavings += 1
        self.present = keys
        self.looks += 1
        self._forget()

    def _back(self, key: int) -> int:
        """Return how many left after this key and are still away; NEVER for a key that was not there before."""
        number = self.left.pop(key, None)
        if number is None:
            return NEVER
        place = bisect.bisect_left(self.order, number)
        del self.order[place]
        return len(self.order) - place

    def _forget(self) -> None:
        if len(self.order) > MOST_GHOSTS:
            self.order = self.order[-MOST_GHOSTS // 2 :]
            oldest = self.order[0]
            self.left = {key: number for key, number in self.left.items() if number >= oldest}


@dataclass(frozen=True, slots=True)
class GhostCurve:
    """`error_ratio` is by how much the keys that came differ from the misses that were counted, as a share of all accesses;
    `known_entries` how large a cache it speaks of with certainty: beyond, a key may have left before the first look.
    """

    points: tuple[HitPoint, ...]
    hit_ratio: float
    error_ratio: float
    known_entries: float
    returns: int


def ghost_curve(ghosts: GhostList, rate: float, present_entries: int, *, fresh: bool = False) -> GhostCurve | None:
    """Return the curve from the present size on, over the second half of what came; None where that is nothing.

    `rate` is the sample's share of all keys. A key that came stands for one miss; where more came than were missed (keys
    written unasked), each stands for less. Misses beside which no key came (never stored, or there and gone between two
    looks) may or may not be answered by more room, and so may keys that were never seen before. Of a `fresh` server these
    are keys asked for the first time ever, which no size would have had, and which any may have the next time.
    """
    half = len(ghosts.ranks) // 2
    if half == 0:
        return None
    ranks = np.array(ghosts.ranks)[half:]
    begin, end = ghosts.counted[half], ghosts.counted[-1]
    accesses = end.accesses - begin.accesses
    if accesses <= 0:
        return None
    hit_ratio = (end.hits - begin.hits) / accesses
    expected, missed = accesses * rate, (1.0 - hit_ratio) * accesses * rate
    weight = min(1.0, missed / len(ranks))
    back = np.sort(ranks[ranks != NEVER]) / rate
    cold, unseen = weight * (len(ranks) - len(back)), max(0.0, missed - len(ranks))
    known = present_entries + ghosts.away[half] / rate
    sizes = _sizes(present_entries, present_entries + (float(back[-1]) if len(back) else 0.0))
    gained = weight * np.searchsorted(back, sizes - present_entries, side="left") / expected
    uncertain = unseen + (cold if fresh else 0.0)
    beside = np.where(sizes > present_entries, uncertain / expected, 0.0)
    points = _points(
        sizes, np.asarray(hit_ratio + gained, dtype=np.float64), beside, 0.0 if fresh else cold / expected, known
    )
    return GhostCurve(points, hit_ratio, (len(ranks) - missed) / expected, known, len(back))


def _points(sizes: NDArray[np.int64], low: F64, beside: F64, cold: float, known: float) -> tuple[HitPoint, ...]:
    """Return the curve with what lies beyond certainty: half of what may be `beside`, and beyond `known` entries its own way
    carried on, straight over the logarithm of the size, but no further than `cold` allows. It may be as much more again.
    """
    carried = _slope(sizes, low, known) * np.log(np.maximum(1.0, sizes / known))
    at_known = float(np.interp(np.log(known), np.log(sizes), low))
    most = low + beside + np.where(sizes > known, cold, 0.0)
    likely = np.where(sizes > known, np.maximum(low, at_known + carried), low) + beside / 2
    expected = np.maximum.accumulate(np.minimum(likely, most))
    high = np.maximum.accumulate(np.minimum(most, expected + carried + beside / 2))
    rows = zip(sizes, *(np.clip(side, 0.0, 1.0) for side in (low, expected, high)), strict=True)
    return tuple(HitPoint(int(size), *(float(value) for value in values)) for size, *values in rows)


def _slope(sizes: NDArray[np.int64], low: F64, known: float) -> float:
    """Return what an e-fold of the size gained last before `known`: over the upper half of the way there, by logarithm."""
    begin, end = float(np.log(sizes[0])), min(float(np.log(known)), float(np.log(sizes[-1])))
    middle = (begin + end) / 2
    if end - middle < LEAST_WAY:
        return 0.0
    gains = np.interp([middle, end], np.log(sizes), low)
    return max(0.0, float(gains[1] - gains[0]) / (end - middle))


def _sizes(present: int, largest: float) -> NDArray[np.int64]:
    """Return sizes from the present one on, spaced as logarithms, the last one beyond everything that came back."""
    return np.unique(
        np.geomspace(max(1, present), max(largest + 1.0, present + 1.0), CURVE_POINTS).round().astype(np.int64)
    )


def at_entries(points: tuple[HitPoint, ...], entries: float) -> HitPoint:
    """Return the curve between its points, straight over the logarithm of the size; its ends hold beyond them."""
    sizes = np.log([max(1, point.entries) for point in points])
    place = float(np.log(max(1.0, entries)))
    low = float(np.interp(place, sizes, [point.low for point in points]))
    expected = float(np.interp(place, sizes, [point.expected for point in points]))
    high = float(np.interp(place, sizes, [point.high for point in points]))
    return HitPoint(int(entries), low, expected, high)


def entries_for(points: tuple[HitPoint, ...], hit_ratio: float) -> float:
    """Return the smallest size that certainly reaches a hit ratio; the largest known one where none does."""
    if points[0].low >= hit_ratio:
        return float(points[0].entries)
    reached = next((n for n, point in enumerate(points) if point.low >= hit_ratio), None)
    if reached is None:
        return float(points[-1].entries)
    before, after = points[reached - 1], points[reached]
    share = (hit_ratio - before.low) / (after.low - before.low)
    return float(max(1, before.entries) * (after.entries / max(1, before.entries)) ** share)
