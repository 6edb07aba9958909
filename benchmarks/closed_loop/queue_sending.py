"""Sends the tasks of one service in an open loop, and reads from what the tasks wrote down how long each waited."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

from .queue_pool import QueuePool
from .sending import Answer, Sender

READ_SECONDS = 0.25


@dataclass(slots=True)
class QueueSender(Sender):
    """The load of one queue. An answer's `seconds` are those from when the task was due to when it began."""

    begun: set[int] = field(default_factory=set)
    sent: int = 0
    began_unix: float = 0.0

    async def run(self, began: float) -> None:
        """Send everything; tasks that have not begun at the end count with what they waited until then."""
        self.began_unix = time.time() - (time.monotonic() - began)
        reading = asyncio.create_task(self._read_on())
        try:
            for number, (due, target) in enumerate(zip(self.times.tolist(), self.targets, strict=True)):
                await asyncio.sleep(max(0.0, began + due - time.monotonic()))
                await asyncio.to_thread(self._send, number, target)
                self.sent += 1
            await asyncio.sleep(self.pool.service.load.patience_seconds)
        finally:
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading
        self._read()
        now = time.time() - self.began_unix
        for number in range(self.sent):
            if number not in self.begun:
                due = float(self.times[number])
                self.answers.append(Answer(due, now - due, 200))

    def _send(self, number: int, target: str) -> None:
        assert isinstance(self.pool, QueuePool)
        io_seconds, cpu_seconds = (float(word) for word in target.split())
        self.pool.client.send_task("work", (number, io_seconds, cpu_seconds))

    async def _read_on(self) -> None:
        while True:
            await asyncio.sleep(READ_SECONDS)
            await asyncio.to_thread(self._read)

    def _read(self) -> None:
        """Take in the tasks that ended since the last look. A second run of a task is a failed one."""
        assert isinstance(self.pool, QueuePool)
        lines = self.pool.done.read_text().splitlines() if self.pool.done.exists() else []
        for line in lines[len(self.answers) :]:
            number, began, _ = line.split()
            due, at = float(self.times[int(number)]), float(began) - self.began_unix
            twice = int(number) in self.begun
            self.begun.add(int(number))
            self.answers.append(Answer(due, max(0.0, at - due), 500 if twice else 200))
            self.recent.append((time.monotonic(), max(0.0, at - due)))
        self.in_flight = self.sent - len(self.begun)
