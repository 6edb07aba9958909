"""What recorded requests would have felt with another number of slots, where CPU is not scarce."""

from collections.abc import Sequence
from heapq import heapify, heapreplace

import numpy as np
from numpy.typing import NDArray

from ..domain import InvalidValue

F64 = NDArray[np.float64]


def replay_fifo(arrival: F64, service: F64, slots: int, *, free_at: Sequence[float] = ()) -> F64:
    """Return the sojourn (wait + service) of each request behind one shared queue: [n], seconds.

    `arrival` is ascending, `service` the time each request holds its slot. `free_at` are the times at which
    slots that were taken before the first arrival become free; where there are more of them than `slots`,
    the slots that become free first are the ones taken away. Raises InvalidValue for less than one slot.
    Source: Kiefer, Wolfowitz, On the theory of queues with many servers (1955).
    """
    if slots < 1:
        raise InvalidValue(f"a server has at least 1 slot, not {slots}")
    if not len(arrival):
        return np.empty(0)
    origin = float(arrival[0])
    free = starting_slots(slots, [at - origin for at in free_at])
    offsets = arrival - origin
    begin = _begins_in_turn(offsets, service, free[0]) if slots == 1 else begins(offsets, service, free)
    return begin + service - offsets


def begins(arrival: F64, service: F64, free: list[float]) -> F64:
    """Return when each request gets a slot: [n]. `free` is a heap of the times the slots come free, and is used up."""
    begin = []
    for at, seconds in zip(arrival.tolist(), service.tolist(), strict=True):
        start = at if at > free[0] else free[0]  # noqa: FURB136 - max() costs a quarter more here
        heapreplace(free, start + seconds)
        begin.append(start)
    return np.array(begin)


def _begins_in_turn(arrival: F64, service: F64, free_at: float) -> F64:
    """Return the same for one slot, without a loop.

    The request that begins a busy stretch did not wait; each later one of it begins when all work since then is
    done, so its begin is the largest of these sums over all possible first requests. Source: Lindley, The theory
    of queues with a single server (1952), solved.
    """
    ready = arrival.copy()
    ready[0] = max(ready[0], free_at)
    work_before = np.cumsum(service) - service
    begin: F64 = np.maximum(work_before + np.maximum.accumulate(ready - work_before), ready)
    return begin


def replay_split(arrival: F64, service: F64, processes: int, slots_each: int, rng: np.random.Generator) -> F64:
    """Return the sojourns where the kernel deals connections to processes at random (`reuse_port`): [n].

    Each process has a queue of its own, so one may be swamped while another idles.
    """
    chosen = rng.integers(processes, size=len(arrival))
    sojourn = np.empty(len(arrival))
    for process in range(processes):
        own = chosen == process
        sojourn[own] = replay_fifo(arrival[own], service[own], slots_each)
    return sojourn


def starting_slots(slots: int, free_at: Sequence[float]) -> list[float]:
    """Return a heap of `slots` times: the latest of `free_at`, the rest free since ever (0)."""
    latest = sorted(max(0.0, at) for at in free_at)[-slots:]
    free = latest + [0.0] * (slots - len(latest))
    heapify(free)
    return free
