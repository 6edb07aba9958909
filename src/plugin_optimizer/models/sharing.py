"""Processor sharing in virtual time: the event loop of a server whose requests share its cores.

Virtual time is the CPU that a request running all the while has received so far. All that run receive the same, so
one that begins at virtual time v and needs w ends at v + w whatever comes and goes meanwhile: a heap of these ends
replaces counting down every request. Source: Parekh, Gallager, A generalized processor sharing approach (1993).
"""

from heapq import heappop, heappush, heapreplace
from math import inf

from .line import Line


def share_cores(line: Line, slots: int, cores: float) -> None:
    """Fill in `line.begin` and `line.end` for `slots` that share `cores`, each request on at most one of them.

    At equal times work that ends comes first, then I/O that ends, then arrivals. Three events per request: one
    that waits for a slot is looked at only when a slot comes free.
    """
    # One long function: a call per event would take longer than all that happens in it.
    arrival, phase, off_cpu, mark = line.arrival, line.phase, line.off_cpu, line.mark
    begin, end, resume = line.begin, line.end, line.resume
    count = len(begin)
    rate = [min(1.0, cores / max(1, running)) for running in range(slots + 1)]
    slowness = [1.0 / each for each in rate]
    computing, waiting = [(inf, -1)], [(inf, -1)]  # (virtual time the phase ends, mark), (time the I/O ends, mark)
    running, free, started, now, work = 0, slots, resume[0], 0.0, 0.0
    arrives = arrival[started]
    while started < count or free < slots:
        ends = now + (computing[0][0] - work) * slowness[running]
        back = waiting[0][0]
        if ends <= back and ends <= arrives:
            work, request = computing[0]
            now = ends
            if request >= 0:
                heappop(computing)
                running -= 1
                heappush(waiting, (now + off_cpu[request], request - count))
                continue
            end[request] = now
            if not free and arrival[started] <= now:
                begin[started] = now
                heapreplace(computing, (work + phase[started], mark[started]))
                started += 1
                continue
            heappop(computing)
            running -= 1
            free += 1
            if free == slots:
                started = resume[started]
            arrives = arrival[started]
        elif back <= arrives:
            work += (back - now) * rate[running]
            now = back
            request = heappop(waiting)[1]
            heappush(computing, (work + phase[request], request))
            running += 1
        else:
            work += (arrives - now) * rate[running]
            now = begin[started] = arrives
            heappush(computing, (work + phase[started], mark[started]))
            running += 1
            free -= 1
            started += 1
            arrives = arrival[started] if free else inf
