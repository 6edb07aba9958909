"""The same under a CPU bandwidth limit (CFS quota): so many CPU seconds a period, then everybody waits for the next.

A budget per period, not a fraction of a core: a short request is done at full speed before the budget is used up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from math import inf

from ..domain import Pool
from .line import Line

STOPPED = (
    1e300  # seconds per second of CPU: beyond all times, yet no work takes no time (an infinity would make it NaN)
)
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
    # One long function, as in `sharing`, and apart from it: keeping account of the budget would slow that by half.
    arrival, phase, off_cpu, mark = line.arrival, line.phase, line.off_cpu, line.mark
    begin, end, resume = line.begin, line.end, line.resume
    count, period = len(begin), budget.period_seconds
    flowing = [min(1.0, cores / max(1, running)) for running in range(slots + 1)]
    spending = [each * running for running, each in enumerate(flowing)]
    flowing_slowness = [1.0 / each for each in flowing]
    standing, standing_slowness = [0.0] * (slots + 1), [STOPPED] * (slots + 1)
    rate, slowness = flowing, flowing_slowness
    computing, waiting = [(inf, -1)], [(inf, -1)]
    running, free, started, now, work = 0, slots, resume[0], 0.0, 0.0
    left, refill, turn = budget.cpu_seconds, budget.first_refill_seconds, inf
    arrives = arrival[started]
    while started < count or free < slots:
        missing = computing[0][0] - work
        ends = now + missing * slowness[running] if missing > NOTHING_SECONDS else now
        back = waiting[0][0]
        if ends <= back and ends <= arrives and ends <= turn:
            left -= (ends - now) * rate[running] * running
            work, request = computing[0]
            now = ends
            if request >= 0:
                heappop(computing)
                running -= 1
                heappush(waiting, (now + off_cpu[request], request - count))
            else:
                end[request] = now
                if not free and arrival[started] <= now:
                    begin[started] = now
                    heapreplace(computing, (work + phase[started], mark[started]))
                    started += 1
                    continue
                heappop(computing)
                running -= 1
                free += 1
                if free == slots and arrival[started] >= refill:
                    started = resume[started]
                arrives = arrival[started]
        else:
            at = back if back < arrives else arrives  # noqa: FURB136 - min() costs more than the rest of the line
            at = turn if turn < at else at  # noqa: FURB136
            passed = (at - now) * rate[running]
            work += passed
            left -= passed * running
            now = at
            if at == back:
                request = heappop(waiting)[1]
                heappush(computing, (work + phase[request], request))
                running += 1
            elif at == arrives:
                begin[started] = now
                heappush(computing, (work + phase[started], mark[started]))
                running += 1
                free -= 1
                started += 1
                arrives = arrival[started] if free else inf
            if now >= refill:
                left = budget.cpu_seconds
                refill += (int((now - refill) / period) + 1) * period
        if not running:
            turn = inf
        elif left > NOTHING_SECONDS:
            rate, slowness = flowing, flowing_slowness
            turn = now + left / spending[running]
            turn = turn if turn < refill else refill  # noqa: FURB136
        else:
            rate, slowness = standing, standing_slowness
            turn = refill
