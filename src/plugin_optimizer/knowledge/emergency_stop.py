"""The emergency stop: a flag file that needs no database and no free disk, latched until somebody takes it away.

A file system without room may refuse even an empty file (no inodes, or no room for metadata). So a spare file is made
in good time, with room for the words: renaming it is the stop then.
"""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from ..domain import OptimizerError

STOP_FILE = "estop"
SPARE_SUFFIX = ".spare"
LONGEST_BYTES = 4096
FLAGS = os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
LONGEST_REASON = 500


class StopFailed(OptimizerError):
    """The flag could not be written or taken away; the message says what else stops the engine."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stopped, when (Unix seconds) and why; empty and 0 where the file holds nothing but its existence."""

    actor: str = ""
    reason: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class EmergencyStop:
    """The flag at `path`. Its existence is the stop, whoever made it and whatever it holds."""

    path: Path

    @classmethod
    def of(cls, state_dir: Path) -> Self:
        return cls(state_dir / STOP_FILE)

    def is_set(self) -> bool:
        """Tell whether nothing new may be done. Where that cannot be found out, nothing may."""
        try:
            os.lstat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True
        return True

    def read(self) -> Stop | None:
        """Return who stopped and why; None while the stop is not set."""
        if not self.is_set():
            return None
        try:
            with self.path.open("rb") as file:
                found = json.loads(file.read(LONGEST_BYTES))
            return Stop(str(found["actor"]), str(found["reason"]), float(found["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return Stop()

    def prepare(self) -> None:
        """Lay the spare file ready while there is room for it. Does nothing where it lies there, or cannot."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self._spare, FLAGS | os.O_EXCL, 0o600)
            try:
                _write(descriptor, b" " * LONGEST_BYTES)
            finally:
                os.close(descriptor)

    def set(self, actor: str, reason: str, at: float) -> Stop:
        """Stop, and return the stop in force: the first one's words stay, a second one changes nothing.

        The file is made empty first: that alone stops. Its words follow; where the disk has no room for them, or
        not even for the file, the spare one takes its place. Raises StopFailed where nothing of that could be done.
        """
        wanted = Stop(actor, reason[:LONGEST_REASON], at)
        body = json.dumps(asdict(wanted), ensure_ascii=False).encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            written = _create(self.path, body)
        except OSError as error:
            if not self.is_set() and not self._set_by_spare(body):
                raise StopFailed(
                    f"the emergency stop is NOT set: {self.path} cannot be made ({error.strerror}); "
                    "end the server's process instead, or make that file by other means"
                ) from error
        else:
            if not written:
                self._set_by_spare(body)
        _sync(self.path.parent)
        return self.read() or wanted

    def arm(self) -> bool:
        """Take the stop away; return whether there was one. Raises StopFailed."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StopFailed(
                f"the emergency stop stays set: {self.path} cannot be removed ({error.strerror})"
            ) from error
        _sync(self.path.parent)
        self.prepare()
        return True

    @property
    def _spare(self) -> Path:
        return self.path.with_name(self.path.name + SPARE_SUFFIX)

    def _set_by_spare(self, body: bytes) -> bool:
        """Put the spare file in the place of the flag, and the words into the room that it holds."""
        try:
            self._spare.replace(self.path)
        except OSError:
            return False
        with contextlib.suppress(OSError):
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.pwrite(descriptor, body, 0)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return True


def _create(path: Path, body: bytes) -> bool:
    """Make the flag and put the words in, unless it has some; tell whether it has some now. Raises OSError."""
    descriptor = os.open(path, FLAGS, 0o600)
    try:
        return os.fstat(descriptor).st_size > 0 or _write(descriptor, body)
    finally:
        os.close(descriptor)


def _write(descriptor: int, body: bytes) -> bool:
    """Write all of it or, where the disk is full, nothing; tell which."""
    try:
        if os.write(descriptor, body) == len(body):
            os.fsync(descriptor)
            return True
    except OSError:
        pass
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
    return False


def _sync(directory: Path) -> None:
    """Make the directory's entry durable where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
