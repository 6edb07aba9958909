"""The same under a CPU bandwidth limit (CFS quota): so many CPU seconds a period, then everybody waits for the next.

A budget per period, not a fraction of a core: a short request is done at full speed before the budget is used up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

from ..domain import Pool
from .line import Line

NOTHING_SECONDS = 1e-9  # less work, or less budget, than this is none: rounding must not cost somebody a period


@dataclass(frozen=True, slots=True)
class Budget:
    """A CPU bandwidth limit (CFS quota): so many CPU seconds per period; `first_refill` counts from the first arrival."""

    cpu_seconds: float
    period_seconds: float = 0.1
    first_refill_seconds: float = 0.1


PHASES = 4  # nobody knows the phase of the refill timer: average over these


def budgets(pool: Pool, phases: int = PHASES) -> Sequence[Budget | None]:
    """Return the limit of a pool at so many phases of its timer; [None] where it has none."""
    if pool.quota is None:
        return [None]
    seconds, period = pool.quota.cpu_seconds, pool.quota.period_seconds
    return [Budget(seconds, period, period * (k + 1) / phases) for k in range(phases)]


def share_budget(line: Line, slots: int, cores: float, budget: Budget) -> None:  # noqa: C901 - as `share_cores`
    """Fill in `line.begin` and `line.end` as `share_cores` does, with nobody computing while the budget is used up.

    `line.resume` must skip only from and to requests between which the budget was refilled.
    """
    # One long function, as in `sharing`, and apart from it: keeping account of the budget costs a third more. Whether the
    # next event comes before the period ends and the budget is used up is asked in each branch, because nearly always it does.
    arrival, phase, off_cpu, mark = line.arrival, line.phase, line.off_cpu, line.mark
    begin, end, resume = line.begin, line.end, line.resume
    count, period, whole = len(begin), budget.period_seconds, budget.cpu_seconds + NOTHING_SECONDS
    rate = [min(1.0, cores / max(1, running)) for running in range(slots + 1)]
    spending = [each * running for running, each in enumerate(rate)]
    slowness = [1.0 / each for each in rate]
    computing, waiting = [(inf, -1)], [(inf, -1)]
    running, free, started, now, work = 0, slots, resume[0], 0.0, 0.0
    first, back, arrives = inf, inf, arrival[started]
    left, refill = whole, budget.first_refill_seconds
    if started == count:
        return
    while True:
        missing = first - work
        ends = now + missing * slowness[running]
        if ends <= back and ends <= arrives:
            spent = missing * running
            if ends < refill and spent <= left:
                left -= spent
                work, request = heappop(computing)
                now = ends
                if request >= 0:
                    first = computing[0][0]
                    running -= 1
                    heappush(waiting, (now + off_cpu[request], request - count))
                    back = waiting[0][0]
                    continue
                end[request] = now
                if not free and arrival[started] <= now:
                    begin[started] = now
                    heappush(computing, (work + phase[started], mark[started]))
                    first = computing[0][0]
                    started += 1
                    continue
                first = computing[0][0]
                running -= 1
                free += 1
                if free == slots:
                    if arrival[started] >= refill:
                        started = resume[started]
                    if started == count:
                        return
                arrives = arrival[started]
                continue
        elif back <= arrives:
            if not running and back >= refill:
                left = whole
                refill += (int((back - refill) / period) + 1) * period
            done = (back - now) * rate[running]
            spent = done * running
            if back < refill and spent <= left:
                left -= spent
                work += done
                now = back
                request = heappop(waiting)[1]
                back = waiting[0][0]
                heappush(computing, (work + phase[request], request))
                first = computing[0][0]
                running += 1
                continue
        else:
            if not running and arrives >= refill:
                left = whole
                refill += (int((arrives - refill) / period) + 1) * period
            done = (arrives - now) * rate[running]
            spent = done * running
            if arrives < refill and spent <= left:
                left -= spent
                work += done
                now = begin[started] = arrives
                heappush(computing, (work + phase[started], mark[started]))
                first = computing[0][0]
                running += 1
                free -= 1
                started += 1
                arrives = arrival[started] if free else inf
                continue
        # Before that event the period ends, or the budget is used up.
        seconds = refill - now
        if seconds * spending[running] <= left:
            work += seconds * rate[running]
        else:
            if left > 2 * NOTHING_SECONDS:
                seconds = (left - NOTHING_SECONDS) / spending[running]
                work += seconds * rate[running]
                now += seconds
            while back < refill or arrives < refill:
                if back <= arrives:
                    now, request = heappop(waiting)
                    back = waiting[0][0]
                    heappush(computing, (work + phase[request], request))
                else:
                    now = begin[started] = arrives
                    heappush(computing, (work + phase[started], mark[started]))
                    free -= 1
                    started += 1
                    arrives = arrival[started] if free else inf
                running += 1
                first = computing[0][0]
                if first - work <= NOTHING_SECONDS:
                    break
            if first - work <= NOTHING_SECONDS:
                left = (first - work) * running
                continue
        now = refill
        refill += period
        left = whole
