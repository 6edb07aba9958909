"""What was in the system when a stretch of requests begins: slots taken and people waiting, read off the requests.

The requests that hold the slots at that moment arrived earlier and are not in the stretch; those that come next
tell when they ended, because somebody who waits begins the moment a slot comes free.
"""

from collections.abc import Sequence
from heapq import heappush, heapreplace

import numpy as np

from ..domain import RequestTrace

WAITED_SECONDS = 0.008  # two ticks of the clock that measures queue waits
MOST_CALM = 20  # requests in a row that did not wait: what stood at the beginning is gone


def taken_at_start(trace: RequestTrace, slots: int) -> tuple[float, ...]:
    """Return when the slots came free that were taken before the trace begins (Unix seconds, ascending).

    Walks the requests in the order they began, until all slots were seen or nobody has waited for a while. One that
    begins when a slot of the trace itself has come free takes that; any other takes a slot not seen so far, which
    came free at that moment if the request had waited for it, and else when somebody last waited for a slot (with it
    free nobody would have). A slot that does not serve meanwhile counts as taken that long: a worker still starting.
    """
    waits = np.nan_to_num(trace.queue_wait, nan=0.0)
    ends: list[float] = []
    taken: list[float] = []
    waited_until, calm = -np.inf, 0
    for at, wait, wall in zip(trace.arrival.tolist(), waits.tolist(), trace.wall.tolist(), strict=True):
        begin, waited = at + wait, wait > WAITED_SECONDS
        calm = 0 if waited else calm + 1
        if len(taken) == slots or calm > MOST_CALM:
            break
        known = bool(ends) and ends[0] <= begin + WAITED_SECONDS
        # Waits that no slot's coming free explains are delays of the listener, and say nothing of the slots.
        if waited and (not known or begin - ends[0] <= WAITED_SECONDS):
            waited_until = begin
        if known:
            heapreplace(ends, begin + wall)
        else:
            heappush(ends, begin + wall)
            taken.append(waited_until)
    taken += [waited_until] * (slots - len(taken))
    return tuple(sorted(free for free in taken if np.isfinite(free)))


def shared_out(free_at: Sequence[float], begin: float, served_by: int, slots: int) -> tuple[float, ...]:
    """Return when each of `slots` comes free if they have the work to do that kept `served_by` slots busy.

    `free_at` is what `taken_at_start` found from `begin` on. The line that waits is work anybody can take up: it is
    shared equally. Requests in service stay where they are, one to a slot; where there are fewer slots than that,
    the rest of their work is shared as well. The sum of work is the same.
    """
    left = sorted(max(0.0, at - begin) for at in free_at)
    if slots == served_by or not left:
        return tuple(begin + seconds for seconds in left)
    line = left[0] if len(left) == served_by else 0.0
    rests = [seconds - line for seconds in left]
    shared = line * served_by / slots
    if slots < len(rests):
        rests = [sum(rests) / slots] * slots
    each = [shared + seconds for seconds in rests] + [shared] * (slots - len(rests))
    return tuple(sorted(begin + seconds for seconds in each if seconds > 0))
