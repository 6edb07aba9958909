"""Previews as processes: one at a time for a state directory, known to every process of the server by their files.

The lock is held by the computing process itself: one that died holds nothing, and leaves no outcome.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ...domain import Conflict, NotFound
from .asked import Asked, Course, Order, Outcome

MODULE = "plugin_optimizer.web.preview"
FOLDER, LOCK = "previews", "lock"
ASKED, COURSE, FIRST, OUTCOME = "asked.json", "course.json", "first.json", "outcome.json"
CANCEL, LOG = "cancel", "log"
DIED = "preview_died"
KEPT = 10  # of those that are over
ENDING_SECONDS = 2.0  # so long a process that has told its outcome may take to be gone
PRIVATE = 0o700


class Busy(Conflict):
    """Another preview is being computed. `preview_id` names it."""

    def __init__(self, preview_id: str) -> None:
        super().__init__("a preview is being computed; wait for it, or cancel it first", "preview_running")
        self.preview_id = preview_id


@dataclass(frozen=True, slots=True)
class Standing:
    """How a preview stands: `state` is running, done, failed or cancelled.

    `course` is how far it came, None before it has begun. While it is running, `first` is the answer by few looks, once it is there.
    """

    asked: Asked
    state: str
    course: Course | None
    outcome: Outcome | None
    first: Mapping[str, Any] | None = None

    @property
    def progress(self) -> float:
        """Return the share that is done, 0…1; of one that told its outcome all of it."""
        told = self.outcome is not None and self.outcome.code != DIED
        return 1.0 if told else self.course.share if self.course else 0.0


@dataclass(frozen=True, slots=True)
class Previews:
    """The previews of a state directory."""

    directory: Path

    @classmethod
    def of(cls, state_dir: Path) -> "Previews":
        return cls(state_dir / FOLDER)

    def start(self, order: Order) -> None:
        """Begin to compute. `order.directory` is `self.directory` / its id. Raises Busy."""
        self.directory.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        lock = os.open(self.directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take(lock, order.asked.id)
            self._forget_old()
            folder = Path(order.directory)
            folder.mkdir(mode=PRIVATE)
            (folder / ASKED).write_bytes(msgspec.json.encode(order.asked))
            _spawn(order, folder, lock)
        finally:
            os.close(lock)  # the process has its own

    def read(self, preview_id: str) -> Standing:
        """Return how a preview stands. Raises NotFound."""
        folder = self._folder(preview_id)
        asked = msgspec.json.decode((folder / ASKED).read_bytes(), type=Asked)
        running = self.running() == preview_id  # asked for first: an outcome is written before the lock is left
        if (folder / OUTCOME).exists():
            outcome = msgspec.json.decode((folder / OUTCOME).read_bytes(), type=Outcome)
            return Standing(asked, outcome.state, _course(folder), outcome)
        if running:
            return Standing(asked, "running", _course(folder), None, _first(folder))
        return Standing(asked, "failed", _course(folder), Outcome(state="failed", finished_at=0, code=DIED))

    def list(self) -> Sequence[Standing]:
        """Return those that are known, newest first."""
        return [self.read(name) for name in sorted(self._names(), reverse=True)]

    def cancel(self, preview_id: str) -> None:
        """Ask the process to stop; it looks at each step. Does nothing where it is over. Raises NotFound."""
        (self._folder(preview_id) / CANCEL).touch()

    def running(self) -> str | None:
        """Return the id of the one that is being computed."""
        try:
            lock = os.open(self.directory / LOCK, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _named_in(lock)
            return holder if holder and not self._is_over(holder) else None
        finally:
            os.close(lock)
        return None

    def _take(self, lock: int, preview_id: str) -> None:
        """Take the lock; one that has told its outcome is about to let it go."""
        end = time.monotonic() + ENDING_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = _named_in(lock)
                if not self._is_over(holder) or time.monotonic() > end:
                    raise Busy(holder) from None
                time.sleep(ENDING_SECONDS / 100)
        os.ftruncate(lock, 0)
        os.pwrite(lock, preview_id.encode(), 0)

    def _is_over(self, preview_id: str) -> bool:
        return (self.directory / preview_id / OUTCOME).exists()

    def _folder(self, preview_id: str) -> Path:
        if preview_id not in self._names():
            raise NotFound(f"no preview is called {preview_id[:80]!r}; the last {KEPT} are kept")
        return self.directory / preview_id

    def _names(self) -> Iterator[str]:
        if self.directory.is_dir():
            yield from (path.parent.name for path in self.directory.glob(f"*/{ASKED}"))

    def _forget_old(self) -> None:
        for name in sorted(self._names(), reverse=True)[KEPT - 1 :]:
            shutil.rmtree(self.directory / name, ignore_errors=True)


def _spawn(order: Order, folder: Path, lock: int) -> None:
    """Start the process, which inherits the lock, and let a thread wait for its end so that nothing is left behind."""
    root = Path(__file__).parents[3]
    path = os.pathsep.join(p for p in (str(root), os.environ.get("PYTHONPATH", "")) if p)
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    words = msgspec.json.encode(order)
    threading.Thread(target=process.communicate, args=(words,), daemon=True, name="preview").start()


def _named_in(lock: int) -> str:
    return os.pread(lock, 100, 0).decode()


def _course(folder: Path) -> Course | None:
    try:
        return msgspec.json.decode((folder / COURSE).read_bytes(), type=Course)
    except FileNotFoundError:
        return None


def _first(folder: Path) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = msgspec.json.decode((folder / FIRST).read_bytes())
    except FileNotFoundError:
        return None
    return found
