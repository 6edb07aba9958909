"""Runs measurements in processes of their own, and ends those that take too long together with all they started."""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .modules import Module
from .promise import Measured
from .seed import VARIABLE

LOOK_SECONDS = 0.2
TELL_SECONDS = 30.0
END_SECONDS = 15.0
LAST_LINES = 80


@dataclass(slots=True)
class Job:
    """One measurement. Leads a process group, so that nothing it started outlives it."""

    module: Module
    deep: bool
    seed: int
    directory: Path
    began: float = 0.0
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def limit_seconds(self) -> float:
        return self.module.limits_seconds[int(self.deep)]

    @property
    def result(self) -> Path:
        return self.directory / f"{self.module.name}.json"

    @property
    def log(self) -> Path:
        return self.directory / f"{self.module.name}.log"

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.reliability", "--measure", self.module.name, "--into", str(self.result)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, *(["--deep"] if self.deep else [])],
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, VARIABLE: str(self.seed)},
            )  # fmt: skip
        self.began = time.monotonic()

    def rows(self) -> list[Measured] | None:
        """Return what was measured once it is over; None before."""
        assert self.process is not None, "it was started"
        status = self.process.poll()
        if status is None and time.monotonic() - self.began > self.limit_seconds:
            self.end()
            return [self._failed(f"not over after {self.limit_seconds:.0f} s")]
        if status is None:
            return None
        self.end()  # what it left behind
        if status != 0 or not self.result.exists():
            return [self._failed(f"it ended with {status}")]
        rows = [Measured(**row) for row in json.loads(self.result.read_text())]
        return rows or [self._failed("it measured nothing")]

    def end(self) -> None:
        """Let it take down what it started in sessions of their own, then end what is left."""
        assert self.process is not None, "it was started"
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self, lines: int | None = None) -> str:
        text = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in (text if lines is None else text[-lines:]))

    def _failed(self, why: str) -> Measured:
        return Measured(self.module.name, "the measurement itself", why, "comes to its end", held=False)


def finished(jobs: Sequence[Job], at_once: int, say: Callable[[str], None]) -> Iterator[tuple[Job, list[Measured]]]:
    """Run the jobs, some at a time; yield each with its rows when it is over, and tell how it goes."""
    waiting, running, told = list(jobs), list[Job](), time.monotonic()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(waiting.pop(0))
                running[-1].start()
                say(f"begun: {running[-1].module.name}")
            for job in list(running):
                rows = job.rows()
                if rows is not None:
                    running.remove(job)
                    say(_told(job, rows))
                    yield job, rows
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                say(
                    "\n".join(
                        f"{job.module.name} for {told - job.began:.0f} s {job.said(1).strip()}" for job in running
                    )
                )
            time.sleep(LOOK_SECONDS)
    finally:
        for job in running:
            job.end()


def _told(job: Job, rows: Sequence[Measured]) -> str:
    held = sum(row.held for row in rows)
    lines = None if held == len(rows) else LAST_LINES
    head = f"over:  {job.module.name}, {held} of {len(rows)} held, {time.monotonic() - job.began:.0f} s"
    return f"{head}\n{job.said(lines)}".rstrip()


def measure_here(name: str, deep: bool, into: Path) -> None:
    """Measure in this process and write the rows as JSON. SIGTERM unwinds it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    module = importlib.import_module(f"tests.reliability.{name}")
    rows = [asdict(row) for row in module.measure(deep)]
    into.write_text(json.dumps(rows, default=str))
