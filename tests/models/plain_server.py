"""The same server, written as one would explain it: every running request's remaining work is counted down.

Slow and plain on purpose: the reference that the event loops of the product are compared with.
"""

from collections import deque
from dataclasses import dataclass, field
from math import inf

from plugin_optimizer.models.server import Budget

NOTHING = 1e-9  # as in the product: less work, or less budget, is none


@dataclass
class Request:
    arrival: float
    phases: list[tuple[str, float]]  # what it still has to do: ("cpu" or "off", seconds), the first one under way
    begin: float = inf
    end: float = inf
    home: int = 0  # the process that has to serve it

    @property
    def computes(self) -> bool:
        return bool(self.phases) and self.phases[0][0] == "cpu"


@dataclass
class PlainServer:
    slots: int
    cores: float
    budget: Budget | None = None
    now: float = 0.0
    inside: list[Request] = field(default_factory=list)

    def serve(self, requests: list[Request]) -> None:
        lines: dict[int, deque[Request]] = {}
        for request in requests:
            lines.setdefault(request.home, deque()).append(request)
        left = self.budget.cpu_seconds if self.budget else inf
        refill = self.budget.first_refill_seconds if self.budget else inf
        while any(lines.values()) or self.inside:
            computing = [r for r in self.inside if r.computes]
            speed = min(1.0, self.cores / len(computing)) if computing and left > NOTHING else 0.0
            step = min(
                [r.phases[0][1] / (speed or 1e-300) for r in computing]
                + [r.phases[0][1] for r in self.inside if not r.computes]
                + [request.arrival - self.now for request in self._next(lines)]
                + ([left / (speed * len(computing))] if speed else [])
                + [refill - self.now],
            )
            step = max(0.0, step)
            self.now += step
            left -= step * speed * len(computing)
            for request in self.inside:
                what, seconds = request.phases[0]
                request.phases[0] = (what, seconds - step * (speed if what == "cpu" else 1.0))
            if self.budget and self.now >= refill - 1e-12:
                left, refill = self.budget.cpu_seconds, refill + self.budget.period_seconds
            self._finish(lines)

    def _finish(self, lines: dict[int, deque[Request]]) -> None:
        """Let everything happen that is due now, work that ends before requests that come."""
        moved = True
        while moved:
            moved = False
            for request in list(self.inside):
                if request.phases[0][1] <= NOTHING:
                    request.phases.pop(0)
                    moved = True
                    if not request.phases:
                        request.end = self.now
                        self.inside.remove(request)
            for request in self._next(lines):
                if request.arrival <= self.now + 1e-12:
                    lines[request.home].popleft()
                    request.begin = self.now
                    self.inside.append(request)
                    moved = True

    def _next(self, lines: dict[int, deque[Request]]) -> list[Request]:
        """Return the first in line of each process that has a slot free."""
        return [
            line[0] for home, line in lines.items() if line and sum(i.home == home for i in self.inside) < self.slots
        ]


def serve_plainly(
    arrival: list[float],
    cpu: list[float],
    off_cpu: list[float],
    slots: int,
    cores: float,
    budget: Budget | None = None,
    free_at: tuple[float, ...] = (),
    home: list[int] | None = None,
) -> tuple[list[float], list[float]]:
    """Return (wait, sojourn) of each request. Times count from the first arrival; `slots` are those of each process."""
    taken = sorted(at for at in free_at if at > 0)[-slots:]
    ghosts = [Request(0.0, [("off", at)]) for at in taken]
    requests = [
        Request(at, [("cpu", work / 2), ("off", idle), ("cpu", work / 2)])
        for at, work, idle in zip(arrival, cpu, off_cpu, strict=True)
    ]
    for request, process in zip(requests, home or [], strict=False):
        request.home = process
    PlainServer(slots, cores, budget).serve(ghosts + requests)
    return [r.begin - r.arrival for r in requests], [r.end - r.arrival for r in requests]
