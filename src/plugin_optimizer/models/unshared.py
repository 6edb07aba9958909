"""Which stretches of requests need no event loop: those in which nobody ever had to share a core.

There the server is the plain FIFO queue. Sharing only ever lengthens a request, so whenever the real server is empty
the FIFO queue is empty as well, and what follows does not depend on what came before: each stretch from one empty
moment to the next can be looked at by itself.
"""

from math import floor, inf

import numpy as np
from numpy.typing import NDArray

from .quota import Budget

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

ROUNDING_SECONDS = (
    1e-9  # two phases that meet within it do not overlap; a refill within it of a request is not before it
)
ROUNDING_RATIO = 1e-15  # of the sums that `_computed` subtracts from each other
MOST_PERIODS = 2_000_000  # bounds the memory to 16 MB a list; a trace of more is rare requests over days


def resume_points(arrival: F64, begin: F64, cpu: F64, off_cpu: F64, cores: float, budget: Budget | None) -> I64:
    """Return for each request where to go on when it comes next to an empty server: [n + 1], for `Line.resume`.

    That is the request itself, or, where it begins stretches whose `begin` in the FIFO queue is already right, the
    first of the next stretch in which cores were shared or the budget may have been used up (n where none is left).
    """
    count, end = len(arrival), begin + cpu + off_cpu
    first = _beginnings(arrival, end, budget)
    started, ended = _phases(begin, end, cpu, off_cpu)
    touched = _shared_moments(started, ended, cores)
    if budget is not None:
        touched = np.concatenate([touched, _short_moments(started, ended, budget)])
    shared = np.zeros(len(first), dtype=bool)
    shared[np.searchsorted(arrival[first], touched, side="right") - 1] = True
    resume = np.arange(count + 1)
    next_shared = np.minimum.accumulate(np.where(shared, first, count)[::-1])[::-1]
    resume[first[~shared]] = next_shared[~shared]
    return resume


def share_skipped(resume: I64) -> float:
    """Return the part of the requests that a loop would pass over."""
    count, at, passed = len(resume) - 1, 0, 0
    ahead = resume - np.arange(count + 1)
    skips = np.flatnonzero(ahead)
    for index in skips.tolist():
        if index >= at:
            at = int(resume[index])
            passed += at - index
    return passed / max(1, count)


def _beginnings(arrival: F64, end: F64, budget: Budget | None) -> I64:
    """Return the requests that come to an empty server; with a budget, only if it was refilled since it was empty."""
    empty_since = np.concatenate([[-inf], np.maximum.accumulate(end)[:-1]])
    alone = arrival > empty_since
    if budget is not None:
        later = _period(arrival[1:] - ROUNDING_SECONDS, budget) > _period(empty_since[1:] + ROUNDING_SECONDS, budget)
        alone[1:] &= later
    return np.flatnonzero(alone)


def _period(times: F64, budget: Budget) -> F64:
    """Return the number of the period each time lies in; period 0 begins with the first refill."""
    number: F64 = np.floor((times - budget.first_refill_seconds) / budget.period_seconds)
    return number


def _phases(begin: F64, end: F64, cpu: F64, off_cpu: F64) -> tuple[F64, F64]:
    """Return when phases of computing start and when they end, each ascending (so they are no pairs): [2n]."""
    middle = begin + cpu / 2
    started, ended = np.concatenate([begin, middle + off_cpu]), np.concatenate([middle, end])
    return np.sort(started, kind="stable"), np.sort(ended, kind="stable")


def _shared_moments(started: F64, ended: F64, cores: float) -> F64:
    """Return the starts of phases at which more requests compute than there are cores."""
    whole = floor(cores)
    if whole < 1:
        return started
    # The k-th start finds all cores taken if fewer than k − cores phases have ended by then.
    return started[whole:][ended[: len(ended) - whole] > started[whole:] + ROUNDING_SECONDS]


def _short_moments(started: F64, ended: F64, budget: Budget) -> F64:
    """Return moments just before the end of each period in which about as much was computed as the budget allows."""
    last = int(_period(ended[-1:], budget)[0]) + 2
    if last > MOST_PERIODS:
        return started
    refills = np.arange(last, dtype=np.float64) * budget.period_seconds + budget.first_refill_seconds
    spent = np.diff(_computed(refills, started, ended), prepend=0.0)
    rounding = ROUNDING_SECONDS + ROUNDING_RATIO * len(started) * float(ended[-1])
    short = refills[spent > budget.cpu_seconds - rounding]
    before: F64 = np.nextafter(short[short > 0], -inf)
    return before


def _computed(times: F64, started: F64, ended: F64) -> F64:
    """Return the CPU seconds used until each of `times`: [len(times)].

    Each phase counts from its start on, and is taken back from its end on: Σ(t − start) − Σ(t − end).
    """

    def since(moments: F64) -> F64:
        passed = np.searchsorted(moments, times, side="right")
        sums = np.concatenate([[0.0], np.cumsum(moments)])
        total: F64 = passed * times - sums[passed]
        return total

    return since(started) - since(ended)
