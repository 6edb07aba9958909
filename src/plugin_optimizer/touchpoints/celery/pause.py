"""The record of a worker that was told to fetch no tasks: who has to tell it to go on, and which queues.

It is on disk before the first queue is cancelled and goes when the last one is back, so that whoever finds it later knows
what is owed. A worker that was started anew since fetches by itself: its record is void.
"""

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ...domain import Gone, Unobservable
from ...probe.places import make_private, started_ticks
from ..process_identity import ProcessIdentity, read_stat
from .control import WorkerControl

RETURN_SECONDS = 15.0
ASK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Pause:
    """`queues` of the worker at (`pid`, `start_ticks`) were cancelled by the process (`by_pid`, `by_ticks`).

    `gave_up` says why the shrink it was for did not happen; such a record owes nothing. `at` is Unix time.
    """

    node: str
    pid: int
    start_ticks: int
    queues: tuple[str, ...]
    by_pid: int
    by_ticks: int
    at: float
    gave_up: str = ""

    @property
    def orphaned(self) -> bool:
        """Tell whether nobody works on it any more."""
        return started_ticks(self.by_pid) != self.by_ticks


@dataclass(frozen=True, slots=True)
class PauseFile:
    """Where the record of one worker lies, below the directory where probes and engine meet."""

    home: Path
    node: str

    @property
    def path(self) -> Path:
        name = hashlib.blake2b(self.node.encode(), digest_size=12).hexdigest()
        return self.home / "celery" / f"{name}.json"

    def read(self) -> Pause | None:
        """Return the record, None where there is none. One that is not whole was never durable: nothing was cancelled yet."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            return Pause(**{**found, "queues": tuple(found["queues"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, pause: Pause) -> None:
        """Make the record durable. Raises OSError."""
        make_private(self.home, self.path.parent)
        temporary = self.path.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(pause), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def clear(self) -> None:
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def fetch_again(control: WorkerControl, pause: Pause, seconds: float = RETURN_SECONDS) -> bool:
    """Tell the worker to fetch from its queues again, until it says that it does; return whether all are back.

    True as well where that worker ended: the next one fetches by itself.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if not _lives(pause):
                return True
            missing = set(pause.queues) - set(control.queues())
            if not missing:
                return True
            for queue in missing:
                control.add_consumer(queue)
        except Unobservable:
            pass  # a busy worker or broker: ask again
        if time.monotonic() > deadline:
            return False
        time.sleep(ASK_AGAIN_SECONDS)


def pause_of(control: WorkerControl, worker: ProcessIdentity, queues: tuple[str, ...]) -> Pause:
    """Return a record of what this process is about to cancel."""
    own = os.getpid()
    return Pause(control.node, worker.pid, worker.start_ticks, queues, own, started_ticks(own) or 0, time.time())


def _lives(pause: Pause) -> bool:
    try:
        stat = read_stat(pause.pid)
    except Gone:
        return False
    return stat.alive and stat.start_ticks == pause.start_ticks
