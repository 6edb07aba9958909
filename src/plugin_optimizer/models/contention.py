"""Do requests hold each other up inside the service? What a lock, a pool of connections or a shared disk does to them.

Two looks at the same requests. Where nothing is shared, what a request takes does not depend on who is inside when it begins:
it takes no longer when all slots are busy, and it overtakes those that began before it as often as any other would have.
Where the newest one inside waits for another to leave, it is slower and overtakes less.
"""

import math
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

TICK_SECONDS = 0.004  # by which the kernel tells how long a request waited: begins and ends are known no better
LEAST_TICKS = 4.0
BLOCK_SECONDS = 10.0  # only neighbours in time are compared: a partner that is slow for a minute is no contention
MOST_REQUESTS = 4_000  # the latest: bounds the time of one look to a few milliseconds
LEAST_REQUESTS = 20  # on either side, before something is said of both
SAME_MOMENT_SECONDS = 1e-6  # Unix times as floats tell no less apart
SURE_DEVIATIONS = 3.3  # chance alone reaches further once in two thousand looks
SUSPECTED_DEVIATIONS = 2.0  # by chance in one look of forty
WORTHLESS = 0.5  # of a worker
DOUBT_DEVIATIONS = 1.65  # one side, 95 %
WORTH_ERROR = 0.3  # of a worker: standard error of what is good enough to tell the two apart


@dataclass(frozen=True, slots=True)
class Contention:
    """What was seen. `deviations`: how far beyond chance requests that begin with all slots busy are held up (normal);
    `worth`: what the last workers add to what the pool serves, as a share of what a worker adds alone (NaN: unknown), and its
    standard error. `rival` names the plugin whose requests are in the way, empty where it is the service's own.
    """

    deviations: float = 0.0
    worth: float = math.nan
    worth_error: float = math.nan
    rival: str = ""

    @property
    def proven(self) -> bool:
        """Say whether requests surely hold each other up, however much."""
        return self.deviations >= SURE_DEVIATIONS

    @property
    def suspected(self) -> bool:
        """Say whether they seem to, and nothing shows yet that a worker is worth its place: reason enough to look longer."""
        worth_shown = self.worth - DOUBT_DEVIATIONS * self.worth_error >= WORTHLESS
        return self.deviations >= SUSPECTED_DEVIATIONS and not worth_shown

    @property
    def known_worth(self) -> float | None:
        return None if math.isnan(self.worth) else max(0.0, self.worth)

    @property
    def spoils(self) -> bool:
        """Say whether they surely do, and nothing shows that a further worker would add more than half of one.

        Where rivalry is proven the burden of proof is on the worker; where it is not, on the rivalry.
        """
        return self.proven and self.worth - DOUBT_DEVIATIONS * self.worth_error < WORTHLESS

    def stronger(self, other: "Contention") -> "Contention":
        """Return the one that forbids more: of two that both spoil, or both do not, the surer one."""
        return max(self, other, key=lambda each: (each.spoils, each.deviations))


def contention(trace: RequestTrace, slots: int) -> Contention:
    """Return how far requests hold each other up in a pool of `slots`; nothing is seen of one slot.

    `deviations` joins both looks, each of mean 0 and deviation 1 where nothing is shared (Stouffer 1949). With `n` inside and
    S(n) seconds each, n / S(n) are served a second: `worth` is how much of it came with the slots that are not always
    busy, over what as many bring where nobody waits.
    """
    if slots < 2 or len(trace) < 2 * LEAST_REQUESTS:
        return Contention()
    begin = trace.arrival + np.nan_to_num(trace.queue_wait, nan=0.0)
    order = np.argsort(begin, kind="stable")[-MOST_REQUESTS:]
    begin, seconds = begin[order], (trace.wall - trace.run_delay)[order]
    inside, first = _company(begin, trace.wall[order])
    block = ((begin - begin[0]) // BLOCK_SECONDS).astype(np.int64)
    full = inside >= slots
    if full.sum() < LEAST_REQUESTS:
        return Contention()
    held_up = _held_up(seconds[full], first[full], block[full])
    if (~full).sum() < LEAST_REQUESTS:
        return Contention(held_up)
    _, deviations = _slower(seconds, full, block)
    return Contention((held_up + deviations) / math.sqrt(2), *_worth(seconds, inside, block, slots))


@dataclass(frozen=True, slots=True)
class InCompany:
    """Who begins with more inside than a smaller pool had room for (`among`: [n]), by what factor those are slower for it,
    and how far beyond chance that is (deviations).
    """

    among: NDArray[np.bool_]
    ratio: float = 1.0
    deviations: float = 0.0


def slower_in_company(trace: RequestTrace, slots: int) -> InCompany:
    """Return how much slower requests are that begin with more than `slots` inside, themselves included."""
    begin = trace.arrival + np.nan_to_num(trace.queue_wait, nan=0.0)
    order = np.argsort(begin, kind="stable")
    begin, seconds = begin[order], (trace.wall - trace.run_delay)[order]
    inside, _ = _company(begin, trace.wall[order])
    many, among = inside > slots, np.zeros(len(trace), dtype=np.bool_)
    among[order] = many
    if min(many.sum(), (~many).sum()) < LEAST_REQUESTS:
        return InCompany(among)
    slower, deviations = _slower(seconds, many, ((begin - begin[0]) // BLOCK_SECONDS).astype(np.int64))
    usual = float(seconds[many].mean())
    return InCompany(among, usual / max(usual - slower, 1e-9 * usual), deviations) if usual > 0 else InCompany(among)


def at_half_time(trace: RequestTrace) -> I64 | None:
    """Return how many requests were surely being served when half of each had passed, itself included: [n]. None where requests
    are too short to tell that from the ticks by which waiting is measured.
    """
    if not len(trace) or float(np.median(trace.wall)) < LEAST_TICKS * TICK_SECONDS:
        return None
    begin = trace.end - trace.wall
    half = begin + trace.wall / 2
    surely = trace.wall > 2 * TICK_SECONDS
    begun = np.searchsorted(np.sort(begin[surely] + TICK_SECONDS), half, side="right")
    ended = np.searchsorted(np.sort(trace.end[surely] - TICK_SECONDS), half, side="right")
    found: I64 = np.maximum(1, begun - ended)
    return found


def _worth(seconds: F64, inside: I64, block: I64, slots: int) -> tuple[float, float]:
    """Return what the last of `slots` add, and its standard error, by the requests that begin with nearly all of them busy: as
    close to all as tells it within `WORTH_ERROR`, or else as well as it can be told.
    """
    full = inside >= slots
    usual, spread = float(seconds[full].mean()), float(seconds.std())
    best, least_error = full, math.inf
    for level in range(slots - 1, 0, -1):
        few = ~full & (inside >= level)
        if few.sum() < LEAST_REQUESTS:
            continue
        between = slots - float(inside[few].mean())
        error = slots / between * spread / max(usual, 1e-9) * math.sqrt(1 / few.sum() + 1 / full.sum())
        if error < least_error:
            best, least_error = full | few, error
        if error <= WORTH_ERROR:
            break
    slower, _ = _slower(seconds[best], full[best], block[best])
    others = float(inside[best & ~full].mean()) if (best & ~full).any() else math.nan
    worth = (slots * (usual - slower) / usual - others) / (slots - others) if usual > 0 else math.nan
    return worth, least_error


def _company(begin: F64, wall: F64) -> tuple[I64, F64]:
    """Return for each request how many are inside when it begins, itself included, and in how many seconds the first of
    the others ends (inf if alone). Both [n], by `begin` ascending.
    """
    inside, first = np.empty(len(begin), dtype=np.int64), np.full(len(begin), np.inf)
    ends: list[float] = []
    for i, (at, seconds) in enumerate(zip(begin.tolist(), wall.tolist(), strict=True)):
        while ends and ends[0] <= at + SAME_MOMENT_SECONDS:
            heappop(ends)
        inside[i] = len(ends) + 1
        if ends:
            first[i] = ends[0] - at
        heappush(ends, at + seconds)
    return inside, first


def _held_up(seconds: F64, first: F64, block: I64) -> float:
    """Return by how many deviations fewer requests end before all others inside than if they had swapped their times.

    The permutation test of a two-way table: mean and variance of the sum of `seconds[k] < first[i]` over all ways to deal
    the times of a block out anew. Source: Hoeffding, A combinatorial central limit theorem (1951), theorem 2.
    """
    fewer = variance = 0.0
    for number in np.unique(block):
        own, others = seconds[block == number], first[block == number]
        n = len(own)
        if n < 2:
            continue
        rows = np.searchsorted(np.sort(own), others, side="left") / n  # of all times, those below the i-th bound
        columns = 1.0 - np.searchsorted(np.sort(others), own, side="right") / n
        mean = float(rows.mean())
        fewer += n * mean - float((own < others).sum())
        squares = n * n * mean - n * float((rows**2).sum()) - n * float((columns**2).sum()) + (n * mean) ** 2
        variance += max(0.0, squares) / (n - 1)
    return fewer / math.sqrt(variance) if variance > 0 else 0.0


def _slower(seconds: F64, full: NDArray[np.bool_], block: I64) -> tuple[float, float]:
    """Return how many seconds longer requests take that begin with all slots busy, and that over its standard error.

    Least squares with an own level per block; the error is that of requests which are all alike (a score test: where few
    begin with a slot free and all of them are quick by luck, their own spread would be too small as well).
    """
    busy, rest = within(full.astype(np.float64), block), within(seconds, block)
    power, free = float(busy @ busy), len(block) - len(np.unique(block))
    if power <= 0 or free <= 0:
        return 0.0, 0.0
    slower, error = float(busy @ rest) / power, math.sqrt(float(rest @ rest) / free / power)
    return slower, slower / error if error > 0 else 0.0


def within(values: F64, block: I64) -> F64:
    """Return `values` less the mean of their block."""
    _, place = np.unique(block, return_inverse=True)
    found: F64 = values - (np.bincount(place, weights=values) / np.bincount(place))[place]
    return found
