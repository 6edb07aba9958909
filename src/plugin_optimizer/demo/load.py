"""A bounded open-loop load: Poisson arrivals that wait for nobody, each timed from when it was due.

Open loop: a slow service gets as many requests as a fast one, as from customers who do not know each other.
Timing from the scheduled time counts what a late generator would otherwise hide ("coordinated omission",
Gil Tene, How NOT to Measure Latency, 2013).
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .tally import Tally
from .traffic import TARGETS

ANSWER_SECONDS = 30.0
REPORT_SECONDS = 5.0
READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Stream:
    """The requests for one service: `requests_per_second` on average, `in_flight_limit` at once."""

    service: str
    host: str
    port: int
    requests_per_second: float
    in_flight_limit: int = 400


@dataclass(frozen=True, slots=True)
class Plan:
    """All streams, and when to stop: after `duration_seconds` or `request_limit` requests per service."""

    streams: tuple[Stream, ...]
    duration_seconds: float = 7200.0
    request_limit: int = 500_000
    seed: int = 1

    @classmethod
    def read(cls, path: Path) -> "Plan":
        document: dict[str, Any] = json.loads(path.read_text())
        return cls(tuple(Stream(**stream) for stream in document.pop("streams")), **document)


@dataclass(slots=True)
class Generator:
    """Sends one plan. `clock` is monotonic, in seconds."""

    plan: Plan
    clock: Callable[[], float] = time.monotonic
    tallies: dict[str, Tally] = field(default_factory=dict)

    async def run(self, report: Callable[[Mapping[str, Tally]], None]) -> None:
        """Send everything, calling `report` each REPORT_SECONDS and at the end."""
        self.tallies = {stream.service: Tally() for stream in self.plan.streams}
        reporter = asyncio.create_task(self._report(report))
        try:
            await asyncio.gather(*(self._stream(stream) for stream in self.plan.streams))
        finally:
            reporter.cancel()
            report(self.tallies)

    async def _report(self, report: Callable[[Mapping[str, Tally]], None]) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            report(self.tallies)

    async def _stream(self, stream: Stream) -> None:
        chance = random.Random(f"{self.plan.seed}/{stream.service}")  # noqa: S311 # arrivals, no secrets
        tally, tasks = self.tallies[stream.service], set[asyncio.Task[None]]()
        due = self.clock()
        end = due + self.plan.duration_seconds
        for _ in range(self.plan.request_limit):
            due += chance.expovariate(stream.requests_per_second)
            if due >= end:
                break
            await asyncio.sleep(max(0.0, due - self.clock()))
            request = TARGETS[stream.service](chance)
            if len(tasks) >= stream.in_flight_limit:
                tally.dropped += 1
                continue
            task = asyncio.create_task(self._send(stream, request, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks, timeout=ANSWER_SECONDS)

    async def _send(self, stream: Stream, request: tuple[str, str], due: float) -> None:
        tally = self.tallies[stream.service]
        tally.in_flight += 1
        status = 0
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status = await exchange(stream.host, stream.port, *request)
        except (OSError, ValueError, TimeoutError):
            pass  # status 0: no answer; the load goes on
        finally:
            tally.in_flight -= 1
            now = self.clock()
            tally.add(now, now - due, status)


async def exchange(host: str, port: int, method: str, target: str) -> int:
    """Send one request on its own connection, read the whole answer, return its status.

    Raises OSError where nobody answers, ValueError where it is not HTTP.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(
            f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        head = await reader.readline()
        while await reader.read(READ_BYTES):
            pass
        return int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/") else 0
    finally:
        writer.close()


def write_report(path: Path, tallies: Mapping[str, Tally]) -> None:
    """Replace the report: a reader sees the old one or the new one, never half of one."""
    now = time.monotonic()
    document = {"at": time.time(), "services": {name: tally.summary(now) for name, tally in tallies.items()}}
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(document, indent=1))
    draft.replace(path)


def main(arguments: list[str]) -> None:
    """Run with `PLAN REPORT`, two files."""
    plan, report = (Path(argument) for argument in arguments)
    asyncio.run(Generator(Plan.read(plan)).run(lambda tallies: write_report(report, tallies)))


if __name__ == "__main__":
    main(sys.argv[1:])
