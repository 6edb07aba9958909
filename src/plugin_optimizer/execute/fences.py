"""The highest fence that was acted on, for each plugin: on disk, so that it outlives every process that acts."""

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..domain import Refused, Unobservable, Value, parse_plugin_id
from .holders import holder_of
from .orders import Fence

LOCK_SECONDS = 5.0
LONGEST_BYTES = 4096
READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
LOCKING = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class Held(Unobservable):
    """Somebody else is in the middle of an effect, or was stopped in it. Nothing was done by us."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The fence acted on last; `kept` is the (knob, value) that was made to last with it, if any was."""

    fence: Fence = field(default_factory=Fence)
    kept: tuple[str, Value] | None = None


class Cell(Protocol):
    """One plugin's mark, held: nobody else acts on the plugin meanwhile."""

    def read(self) -> Mark: ...
    def write(self, mark: Mark) -> None:
        """Make it durable, and only then return. Raises Refused where it cannot be."""
        ...


class Fences(Protocol):
    def holding(self, plugin_id: str) -> AbstractContextManager[Cell]:
        """Hold a plugin's mark alone. Raises Held if somebody else holds it for too long."""
        ...


@dataclass(slots=True)
class FencesInMemory:
    """For one process, and no longer than it lives: tests, and whoever turns nothing that outlives it."""

    marks: dict[str, Mark] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @contextlib.contextmanager
    def holding(self, plugin_id: str) -> Iterator[Cell]:
        with self.lock:
            yield _Remembered(self.marks, plugin_id)


@dataclass(frozen=True, slots=True)
class _Remembered:
    marks: dict[str, Mark]
    plugin_id: str

    def read(self) -> Mark:
        return self.marks.get(self.plugin_id, Mark())

    def write(self, mark: Mark) -> None:
        self.marks[self.plugin_id] = mark


@dataclass(frozen=True, slots=True)
class FenceFiles:
    """A small file for each plugin, replaced at once and synced, under a lock that the kernel releases at death.

    A process that is stopped while it holds the lock keeps everybody else from acting on that plugin: whether
    its effect is still to come cannot be known. It is waited for once; then others only look whether it has gone, so
    that it does not hold up what is done to other plugins.
    """

    directory: Path
    lock_seconds: float = LOCK_SECONDS
    in_vain: set[str] = field(default_factory=set, repr=False, compare=False)  # plugins that were waited for

    @contextlib.contextmanager
    def holding(self, plugin_id: str) -> Iterator[Cell]:
        name = parse_plugin_id(plugin_id)
        with contextlib.ExitStack() as held:
            try:
                self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
                descriptor = os.open(self.directory / f"{name}.lock", LOCKING, 0o600)
            except OSError as error:
                raise Refused(f"no fence can be kept in {self.directory}: {error.strerror}") from error
            held.callback(os.close, descriptor)
            self._lock(descriptor, name)
            os.utime(descriptor)  # since when, for whoever waits
            yield _FenceFile(self.directory / f"{name}.json")

    def _lock(self, descriptor: int, name: str) -> None:
        deadline = time.monotonic() + (0.0 if name in self.in_vain else self.lock_seconds)
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if time.monotonic() > deadline:
                    self.in_vain.add(name)
                    holder = holder_of(self.directory / f"{name}.lock")
                    who = f": {holder}" if holder is not None else ""
                    raise Held(f"somebody else is acting on {name}, or was stopped while acting{who}") from error
                time.sleep(0.01)
            else:
                self.in_vain.discard(name)
                return


@dataclass(frozen=True, slots=True)
class _FenceFile:
    path: Path

    def read(self) -> Mark:
        """Return the mark; the lowest before the first. Raises Refused for a file that is not one of ours."""
        try:
            descriptor = os.open(self.path, READING)
        except FileNotFoundError:
            return Mark()
        except OSError as error:
            raise Refused(f"the fence {self.path} cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(LONGEST_BYTES)
        try:
            found = json.loads(content)
            kept = found["kept"]
            return Mark(_fence(found["fence"]), None if kept is None else (str(kept[0]), kept[1]))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise Refused(
                f"the fence {self.path} is damaged; nothing is turned until a person has looked and removed it"
            ) from error

    def write(self, mark: Mark) -> None:
        fence = mark.fence
        content = json.dumps({"fence": [fence.execution, fence.lease, fence.number], "kept": mark.kept})
        coming = self.path.with_suffix(".new")
        try:
            descriptor = os.open(coming, WRITING, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content.encode())
                file.flush()
                os.fsync(descriptor)
            coming.replace(self.path)
            _sync(self.path.parent)
        except OSError as error:
            raise Refused(f"nothing was turned: the fence {self.path} cannot be written ({error.strerror})") from error


def standing_mark(directory: Path, plugin_id: str) -> Mark:
    """Return the mark of a plugin without holding it: to look at only. Raises Refused for a file that is not one of ours."""
    return _FenceFile(directory / f"{parse_plugin_id(plugin_id)}.json").read()


def _fence(numbers: object) -> Fence:
    if not isinstance(numbers, list) or len(numbers) != 3 or not all(type(number) is int for number in numbers):
        raise TypeError(f"three numbers were expected, not {numbers!r}")
    return Fence(*numbers)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
