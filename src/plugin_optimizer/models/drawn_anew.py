"""Recorded requests drawn anew: as many as the next minutes bring, where the record is of one minute.

Replayed in their order, the few requests of a short record begin at an empty queue and end before the rarer queues have
built up: the p95 of the minutes that follow lies above theirs (`pytest -rP tests/models/test_drawn_anew.py -k tally`). Drawn
anew in short blocks they have the same gaps and demands for as long as is asked. Only crowds that last longer than a block
are lost by that; a record that has some is replayed in its order.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace

I64 = NDArray[np.int64]

LEAST_REQUESTS = 50  # of fewer nothing can be drawn that was not seen
LENGTH = 5_000  # requests: what a figure is taken from
CROWD_SECONDS = 5.0
SURE_ERRORS = 2.0  # standard errors beyond chance: then it is a crowd
DRAWS, DRAW_LENGTH = 40, 2_000  # of an interval: so many records that might have been, and the next minutes after each


def drawn(count: int, length: int, rng: np.random.Generator) -> I64:
    """Return the places, [length], of circular blocks out of `count` requests.

    A block is as long as the third root of their number: long enough for requests that come in bunches, and short enough
    that a record of seconds still has many. Source: Politis, White, Automatic block-length selection for the dependent
    bootstrap (2004), whose optimal length grows as n^(1/3).
    """
    block = max(1, round(count ** (1 / 3)))
    starts = rng.integers(count, size=-(-length // block))
    places: I64 = ((starts[:, None] + np.arange(block)) % count).ravel()[:length]
    return places


def drawn_twice(count: int, length: int, rng: np.random.Generator) -> I64:
    """Return the places of a stretch after a record that might as well have been seen: both are samples."""
    return drawn(count, count, rng)[drawn(count, length, rng)]


def taken(trace: RequestTrace, places: I64) -> RequestTrace:
    """Return these requests one after the other, each as long after the one before as it was when it was recorded."""
    gaps = np.diff(trace.arrival, prepend=trace.arrival[:1])
    gaps[0] = gaps[1:].mean() if len(gaps) > 1 else 0.0
    columns = {name: getattr(trace, name)[places] for name in RequestTrace.__slots__}
    return replace(RequestTrace(**columns), arrival=trace.arrival[0] + np.cumsum(gaps[places]))


def comes_in_crowds(trace: RequestTrace) -> bool:
    """Tell whether the work that arrives in 5 s varies by more than requests that come independently make it.

    Of a compound Poisson process its variance is rate · time · E[S²]; the variance of m such sums has a relative standard
    error of sqrt(2 / (m - 1)).
    """
    if len(trace) < LEAST_REQUESTS:
        return False
    index = np.floor((trace.arrival - trace.arrival[0]) / CROWD_SECONDS).astype(np.int64)
    work = np.bincount(index, weights=trace.wall)[:-1]  # the last one is not over
    if len(work) < 3:
        return False
    by_chance = len(trace) / (index[-1] + 1) * float((trace.wall**2).mean())
    return bool(work.var(ddof=1) > by_chance * (1.0 + SURE_ERRORS * np.sqrt(2.0 / (len(work) - 1))))
