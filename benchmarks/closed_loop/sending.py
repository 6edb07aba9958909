"""Sends the requests of one service in an open loop, each timed from when it was due, and keeps what came of it."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from plugin_optimizer.demo.load import exchange

from .arrivals import Floats
from .pool import HOST, Pool

MOST_IN_FLIGHT = 1500
RECENT = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """`due` in seconds since the start, `seconds` until the answer; status 0: none came within the patience."""

    due: float
    seconds: float
    status: int

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= 500


@dataclass(slots=True)
class Sender:
    """The load of one service. `in_flight` and `recent` (Unix time, seconds) are what peers decide by."""

    pool: Pool
    times: Floats
    targets: list[str]
    answers: list[Answer] = field(default_factory=list)
    in_flight: int = 0
    recent: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=RECENT))

    async def run(self, began: float) -> None:
        """Send everything; `began` is a monotonic time."""
        tasks = set[asyncio.Task[None]]()
        for due, target in zip(self.times.tolist(), self.targets, strict=True):
            await asyncio.sleep(max(0.0, began + due - time.monotonic()))
            if len(tasks) >= MOST_IN_FLIGHT:
                self.answers.append(Answer(due, self.pool.service.load.patience_seconds, 0))
                continue
            task = asyncio.create_task(self._ask(began, due, target))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks, timeout=self.pool.service.load.patience_seconds)

    async def _ask(self, began: float, due: float, target: str) -> None:
        """Ask, and again where nobody answered in time and clients of this kind try again."""
        load, status = self.pool.service.load, 0
        self.in_flight += 1
        try:
            for _ in range(1 + load.retries):
                try:
                    async with asyncio.timeout(load.patience_seconds):
                        status = await exchange(HOST, self.pool.port, "GET", target)
                    break
                except (OSError, ValueError, TimeoutError):
                    continue
        finally:
            self.in_flight -= 1
        seconds = time.monotonic() - began - due
        self.answers.append(Answer(due, seconds, status))
        self.recent.append((time.monotonic(), seconds))
