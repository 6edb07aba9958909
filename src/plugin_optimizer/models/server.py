"""What recorded requests would have felt where CPU is scarce: slots, processor sharing, I/O and a CPU budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import inf

import numpy as np
from numpy.typing import NDArray

from ..domain import InvalidValue
from .fifo import starting_slots

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Budget:
    """A CPU bandwidth limit (CFS quota): so many CPU seconds per period; `first_refill` counts from the first arrival."""

    cpu_seconds: float
    period_seconds: float = 0.1
    first_refill_seconds: float = 0.1


@dataclass(frozen=True, slots=True)
class ServerRun:
    """Per request: how long it waited for a slot, and how long it stayed in all. Both [n], seconds."""

    wait: F64
    sojourn: F64


def replay_server(
    arrival: F64,
    cpu: F64,
    off_cpu: F64,
    slots: int,
    cores: float,
    *,
    budget: Budget | None = None,
    free_at: Sequence[float] = (),
) -> ServerRun:
    """Run the requests through `slots` that share `cores`, each request using at most one core.

    A request is half of its `cpu`, then `off_cpu` (I/O), then the other half; the waiting line is FIFO.
    `arrival` is ascending; `free_at` as in `replay_fifo`. Raises InvalidValue for less than one slot or no core.
    Source: processor sharing in virtual time (Parekh, Gallager, A generalized processor sharing approach, 1993).
    """
    if slots < 1 or not cores > 0:
        raise InvalidValue(f"a server has at least 1 slot and some share of a core, not {slots} and {cores:g}")
    if not len(arrival):
        return ServerRun(np.empty(0), np.empty(0))
    origin = float(arrival[0])
    machine = _Machine((arrival - origin).tolist(), (cpu / 2).tolist(), off_cpu.tolist(), cores, budget)
    machine.take_slots(slots, [at - origin for at in free_at])
    while machine.left_to_finish:
        machine.step()
    offsets = arrival - origin
    return ServerRun(np.array(machine.begin) - offsets, np.array(machine.end) - offsets)


class _Machine:
    """The event loop. `work` is the CPU each running request has received so far (virtual time)."""

    __slots__ = (
        "arrival", "arrived", "begin", "budget", "cores", "end", "free", "half", "left", "left_to_finish", "now",
        "off_cpu", "refill", "running", "started", "waiting", "work",
    )  # fmt: skip

    def __init__(
        self, arrival: list[float], half: list[float], off_cpu: list[float], cores: float, budget: Budget | None
    ) -> None:
        count = len(arrival)
        self.arrival, self.half, self.off_cpu = arrival, half, off_cpu
        self.cores, self.budget = cores, budget
        self.left = budget.cpu_seconds if budget else inf
        self.refill = budget.first_refill_seconds if budget else inf
        self.now = self.work = 0.0
        self.running: list[tuple[float, int, bool]] = []  # (virtual time its phase ends, request, is it the last phase)
        self.waiting: list[tuple[float, int]] = []  # (time its I/O ends, request); requests >= count hold a slot only
        self.free = self.arrived = self.started = 0
        self.begin, self.end = [0.0] * count, [0.0] * count
        self.left_to_finish = count

    def take_slots(self, slots: int, free_at: Sequence[float]) -> None:
        """Give the machine its slots; those that are still taken come free by ghosts that wait on I/O."""
        times = starting_slots(slots, free_at)
        self.free = sum(at == 0.0 for at in times)
        self.waiting = [(at, len(self.arrival) + i) for i, at in enumerate(times) if at > 0.0]
        heapify(self.waiting)

    def step(self) -> None:
        """Go to the next event and let it happen. At equal times work that ends comes first, arrivals last."""
        count = len(self.running)
        rate = min(1.0, self.cores / count) if count and self.left > 0.0 else 0.0
        phase_end = self._phase_end(rate)
        waited = self.waiting[0][0] if self.waiting else inf
        arrives = self.arrival[self.arrived] if self.arrived < len(self.arrival) else inf
        spent = self.now + self.left / (rate * count) if rate and self.budget else inf
        refill = self.refill if count else inf
        at = min(phase_end, waited, arrives, spent, refill)
        self._flow(at, rate, count)
        if at == phase_end:
            self._end_phase()
        elif at == waited:
            self._end_waiting()
        elif at in (refill, spent):
            self._end_budget(at == refill)
        else:
            self.arrived += 1
        self._start()

    def _phase_end(self, rate: float) -> float:
        if not self.running:
            return inf
        missing = self.running[0][0] - self.work
        if missing <= 0.0:
            return self.now
        return self.now + missing / rate if rate else inf

    def _flow(self, at: float, rate: float, count: int) -> None:
        done = (at - self.now) * rate
        self.work += done
        self.now = at
        if self.budget is None:
            return
        self.left = max(0.0, self.left - done * count)
        if not count and at >= self.refill:
            missed = int((at - self.refill) / self.budget.period_seconds) + 1
            self.refill += missed * self.budget.period_seconds
            self.left = self.budget.cpu_seconds

    def _end_budget(self, refilled: bool) -> None:
        assert self.budget is not None
        self.left = self.budget.cpu_seconds if refilled else 0.0
        if refilled:
            self.refill += self.budget.period_seconds

    def _end_phase(self) -> None:
        work, request, last = heappop(self.running)
        self.work = max(self.work, work)
        if not last:
            heappush(self.waiting, (self.now + self.off_cpu[request], request))
            return
        self.end[request] = self.now
        self.left_to_finish -= 1
        self.free += 1

    def _end_waiting(self) -> None:
        _, request = heappop(self.waiting)
        if request >= len(self.arrival):
            self.free += 1
        else:
            heappush(self.running, (self.work + self.half[request], request, True))

    def _start(self) -> None:
        while self.free and self.started < self.arrived:
            request = self.started
            self.begin[request] = self.now
            heappush(self.running, (self.work + self.half[request], request, False))
            self.started += 1
            self.free -= 1
