"""What a request costs a worker outside the handler: to be accepted, parsed and answered."""

import numpy as np
from numpy.typing import NDArray

from ..domain import RequestTrace

F64 = NDArray[np.float64]

CERTAINLY_WAITING_SECONDS = 0.01  # the kernel tells waits in ticks of a few milliseconds


def gaps_between_queued(trace: RequestTrace) -> F64:
    """Return the seconds each worker let pass between two requests while the second was already waiting: [m].

    That time belongs to neither handler but keeps the worker busy all the same. A few milliseconds on a calm
    host; on a starved one it can exceed the work itself. Empty where nothing was ever queued, or where several
    threads share a process (their requests overlap).
    """
    order = np.lexsort((_start(trace), trace.pid))
    start, pid = _start(trace)[order], trace.pid[order]
    end, waited = start + trace.wall[order], np.nan_to_num(trace.queue_wait[order], nan=0.0)
    gap = start[1:] - end[:-1]
    queued = (pid[1:] == pid[:-1]) & (waited[1:] > gap + CERTAINLY_WAITING_SECONDS)
    if bool((gap[queued] < 0).mean() > 0.01) if queued.any() else False:
        return np.empty(0)
    found: F64 = np.maximum(gap[queued], 0.0)
    return found


def _start(trace: RequestTrace) -> F64:
    begun: F64 = trace.arrival + np.nan_to_num(trace.queue_wait, nan=0.0)
    return begun
