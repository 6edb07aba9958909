"""Requests dealt out to processes that each have a queue of their own, while all of them share the cores.

That is `reuse_port`: the kernel chooses a process for each connection, and nobody else can take it up. Slower than
`sharing` and `quota`, whose one queue needs no look at arrivals while all slots are taken; the physics is the same.
"""

from collections import deque
from heapq import heappop, heappush
from math import inf

import numpy as np
from numpy.typing import NDArray

from ..domain import InvalidValue
from .quota import NOTHING_SECONDS, Budget

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def replay_dealt(
    arrival: F64, cpu: F64, off_cpu: F64, home: I64, slots_each: int, cores: float, *, budget: Budget | None = None
) -> F64:
    """Return the sojourn of each request in the process `home` (0…) that got it: [n], seconds.

    Otherwise as `replay_server`. Raises InvalidValue for less than one slot or no core.
    """
    if slots_each < 1 or not cores > 0:
        raise InvalidValue(f"a process has at least 1 slot and some share of a core, not {slots_each} and {cores:g}")
    if not len(arrival):
        return np.empty(0)
    offsets = arrival - arrival[0]
    machine = _Machine(offsets.tolist(), (cpu / 2).tolist(), off_cpu.tolist(), home.tolist(), slots_each, cores, budget)
    while machine.left_to_finish:
        machine.step()
    sojourn: F64 = np.array(machine.end) - offsets
    return sojourn


class _Machine:
    """`work` is the CPU each running request has received so far (virtual time, see `sharing`)."""

    __slots__ = (
        "arrival", "arrived", "budget", "cores", "end", "free", "half", "home", "left", "left_to_finish", "lines", "now",
        "off_cpu", "refill", "running", "waiting", "work",
    )  # fmt: skip

    def __init__(
        self,
        arrival: list[float],
        half: list[float],
        off_cpu: list[float],
        home: list[int],
        slots_each: int,
        cores: float,
        budget: Budget | None,
    ) -> None:
        processes = max(home) + 1
        self.arrival, self.half, self.off_cpu, self.home = [*arrival, inf], half, off_cpu, home
        self.cores, self.budget = cores, budget
        self.left = budget.cpu_seconds if budget else inf
        self.refill = budget.first_refill_seconds if budget else inf
        self.now = self.work = 0.0
        self.running: list[tuple[float, int, bool]] = []  # (virtual time its phase ends, request, is it the last phase)
        self.waiting: list[tuple[float, int]] = []  # (time its I/O ends, request)
        self.lines: list[deque[int]] = [deque() for _ in range(processes)]
        self.free = [slots_each] * processes
        self.arrived, self.left_to_finish, self.end = 0, len(arrival), [0.0] * len(arrival)

    def step(self) -> None:
        """Go to the next event and let it happen. At equal times work that ends comes first, arrivals last."""
        count = len(self.running)
        rate = min(1.0, self.cores / count) if count and self.left > NOTHING_SECONDS else 0.0
        phase_end = self._phase_end(rate)
        waited = self.waiting[0][0] if self.waiting else inf
        arrives = self.arrival[self.arrived]
        spent = self.now + self.left / (rate * count) if rate else inf
        at = min(phase_end, waited, arrives, spent, self.refill if count else inf)
        self._flow(at, rate, count)
        if at == phase_end:
            self._end_phase()
        elif at == waited:
            self._begin_phase(heappop(self.waiting)[1], last=True)
        elif at == arrives:
            self._arrive()

    def _phase_end(self, rate: float) -> float:
        if not self.running:
            return inf
        missing = self.running[0][0] - self.work
        if missing <= NOTHING_SECONDS:
            return self.now
        return self.now + missing / rate if rate else inf

    def _flow(self, at: float, rate: float, count: int) -> None:
        done = (at - self.now) * rate
        self.work += done
        self.left -= done * count
        self.now = at
        if self.budget is not None and at >= self.refill:
            periods = int((at - self.refill) / self.budget.period_seconds) + 1
            self.refill += periods * self.budget.period_seconds
            self.left = self.budget.cpu_seconds

    def _begin_phase(self, request: int, *, last: bool) -> None:
        heappush(self.running, (self.work + self.half[request], request, last))

    def _end_phase(self) -> None:
        self.work, request, last = heappop(self.running)
        if not last:
            heappush(self.waiting, (self.now + self.off_cpu[request], request))
            return
        self.end[request] = self.now
        self.left_to_finish -= 1
        line = self.lines[self.home[request]]
        if line:
            self._begin_phase(line.popleft(), last=False)
        else:
            self.free[self.home[request]] += 1

    def _arrive(self) -> None:
        request, process = self.arrived, self.home[self.arrived]
        self.arrived += 1
        if self.free[process]:
            self.free[process] -= 1
            self._begin_phase(request, last=False)
        else:
            self.lines[process].append(request)
