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
    sojourn = []
    for at, seconds in zip((arrival - origin).tolist(), service.tolist(), strict=True):
        end = (at if at > free[0] else free[0]) + seconds  # noqa: FURB136 - max() costs a quarter more here
        heapreplace(free, end)
        sojourn.append(end - at)
    return np.array(sojourn)


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
