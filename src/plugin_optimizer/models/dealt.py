"""Requests dealt out to processes that each have a queue of their own, while all of them share the cores.

That is `reuse_port`: the kernel chooses a process for each connection, and nobody else can take it up. The physics is that of
`sharing`, with a queue for each process; under a budget it is computed by a plainer loop, which takes three times as long.
"""

from collections import deque
from heapq import heappop, heappush
from math import inf

import numpy as np
from numpy.typing import NDArray

from ..domain import InvalidValue
from .line import Line
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
    if budget is None:
        line = Line.of(offsets, cpu, off_cpu)
        _share_cores(line, home, slots_each, cores)
        done: F64 = np.array(line.end) - offsets
        return done
    machine = _Machine(offsets.tolist(), (cpu / 2).tolist(), off_cpu.tolist(), home.tolist(), slots_each, cores, budget)
    while machine.left_to_finish:
        machine.step()
    sojourn: F64 = np.array(machine.end) - offsets
    return sojourn


def _share_cores(line: Line, home: I64, slots_each: int, cores: float) -> None:
    """Fill in `line.begin` and `line.end` as `sharing.share_cores` does, with `slots_each` in each process; nothing is skipped."""
    # One long function for the same reason as there. A request whose process is busy is not looked at again before it is begun.
    arrival, phase, off_cpu, mark = line.arrival, line.phase, line.off_cpu, line.mark
    begin, end, dealt, lines = line.begin, line.end, home.tolist(), _lines(home)
    count, most = len(begin), slots_each * len(lines)
    rate = [min(1.0, cores / max(1, running)) for running in range(most + 1)]
    slowness = [1.0 / each for each in rate]
    computing, waiting = [(inf, -1)], [(inf, -1)]
    free, begun = [slots_each] * len(lines), [0] * len(lines)
    running, arrived, now, work = 0, 0, 0.0, 0.0
    first, back, arrives = inf, inf, arrival[0]
    while arrived < count or running or back < inf:
        ends = now + (first - work) * slowness[running]
        if ends <= back and ends <= arrives:
            work, request = heappop(computing)
            now = ends
            if request >= 0:
                first = computing[0][0]
                running -= 1
                heappush(waiting, (now + off_cpu[request], request - count))
                back = waiting[0][0]
                continue
            end[request] = now
            process = dealt[request]
            following = lines[process][begun[process]]
            if following < arrived:
                begun[process] += 1
                begin[following] = now
                heappush(computing, (work + phase[following], mark[following]))
            else:
                running -= 1
                free[process] += 1
            first = computing[0][0]
        elif back <= arrives:
            work += (back - now) * rate[running]
            now = back
            request = heappop(waiting)[1]
            back = waiting[0][0]
            heappush(computing, (work + phase[request], request))
            first = computing[0][0]
            running += 1
        else:
            while not free[process := dealt[arrived]]:  # it waits, and is begun when its process has a slot free
                arrived += 1
                arrives = arrival[arrived]
                if arrives >= ends or arrives >= back:
                    break
            else:
                work += (arrives - now) * rate[running]
                now = begin[arrived] = arrives
                free[process] -= 1
                begun[process] += 1
                heappush(computing, (work + phase[arrived], mark[arrived]))
                first = computing[0][0]
                running += 1
                arrived += 1
                arrives = arrival[arrived]


def _lines(home: I64) -> list[list[int]]:
    """Return the requests of each process in order, ended by their number, which none of them has."""
    order = np.argsort(home, kind="stable")
    cuts = np.searchsorted(home[order], np.arange(1, int(home.max()) + 1))
    return [[*part.tolist(), len(home)] for part in np.split(order, cuts)]


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
