"""Do requests come again? Clients that give up after a fixed time and ask anew repeat the pattern of arrivals at that distance."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

BIN_SECONDS = 0.01  # time-outs of clients are that exact, and so is the clock of arrivals
SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 31.0  # the time-outs that are looked for
MOST_REQUESTS = 3_000  # the latest: bounds the number of pairs
AROUND = 25  # bins on either side that say how many pairs there are by chance
SURE_DEVIATIONS = 6.0  # of the chance count: among 3,000 bins noise gets there once in 300,000 looks
WIDE = 2  # bins: a time-out seldom falls on the edge of one


@dataclass(frozen=True, slots=True)
class Repeats:
    """What share of the requests come `after_seconds` after another one, beyond chance; nothing where the share is 0."""

    after_seconds: float = math.nan
    share: float = 0.0


def repeats(arrival: F64) -> Repeats:
    """Return the time after which the most requests come again ([n] ascending, seconds).

    The pairs at each distance are counted against those at distances around it: a Poisson stream, bursts and slow swells have no
    distance of their own. Clients that poll every few seconds have one as well; so this alone is no sign of a fault.
    """
    arrival = arrival[-MOST_REQUESTS:]
    if len(arrival) < 2 * AROUND:
        return Repeats()
    counts = _pairs(arrival)
    first = round(SHORTEST_SECONDS / BIN_SECONDS)
    found = [_excess(counts, place) for place in range(first, len(counts) - AROUND - WIDE)]
    if not found:
        return Repeats()
    best = int(np.argmax([excess for excess, _ in found]))
    excess, deviations = found[best]
    if deviations < SURE_DEVIATIONS:
        return Repeats()
    after_seconds = (first + best + WIDE / 2) * BIN_SECONDS
    return Repeats(after_seconds, _share(excess, arrival, after_seconds))


def share_repeated(arrival: F64, after_seconds: float) -> float:
    """Return what share of the requests come so long after another one, beyond chance (0 where none do)."""
    arrival = arrival[-MOST_REQUESTS:]
    if len(arrival) < 2 * AROUND:
        return 0.0
    counts, place = _pairs(arrival), round(after_seconds / BIN_SECONDS - WIDE / 2)
    if not AROUND <= place < len(counts) - AROUND - WIDE:
        return 0.0
    return max(0.0, _share(_excess(counts, place)[0], arrival, after_seconds))


def _share(excess: float, arrival: F64, after_seconds: float) -> float:
    seen = float(
        (arrival >= arrival[0] + after_seconds).sum()
    )  # those that could have come before in what is on record
    return min(1.0, excess / seen) if seen > 0 else 0.0


def _pairs(arrival: F64) -> F64:
    """Return how many pairs of requests lie so many bins apart, up to the longest distance or half the span."""
    longest = min(LONGEST_SECONDS, float(arrival[-1] - arrival[0]) / 2)
    bins = int(longest / BIN_SECONDS)
    counts = np.zeros(bins + 1)
    for apart in range(1, len(arrival)):
        gaps = arrival[apart:] - arrival[:-apart]
        near = gaps[gaps < longest]
        if not len(near):
            break
        counts += np.bincount((near / BIN_SECONDS).astype(np.int64), minlength=bins + 1)[: bins + 1]
    return counts


def _excess(counts: F64, place: int) -> tuple[float, float]:
    """Return by how many pairs the bins at `place` stand out of those around, and by how many deviations."""
    around = np.concatenate(
        (counts[max(0, place - AROUND) : place - 1], counts[place + WIDE + 1 : place + WIDE + AROUND])
    )
    usual = WIDE * float(np.median(around)) if len(around) else 0.0
    excess = float(counts[place : place + WIDE].sum()) - usual
    return excess, excess / math.sqrt(max(usual, 1.0))
