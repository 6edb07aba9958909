"""The emergency stop: a flag file that needs no database and hardly any disk, latched until somebody takes it away."""

import contextlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from ..domain import OptimizerError

STOP_FILE = "estop"
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

    def set(self, actor: str, reason: str, at: float) -> Stop:
        """Stop, and return the stop in force: the first one's words stay, a second one changes nothing.

        The file is made empty first: that alone stops. Its words follow where the disk has room for them.
        Raises StopFailed where not even that could be done.
        """
        wanted = Stop(actor, reason[:LONGEST_REASON], at)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, FLAGS, 0o600)
        except OSError as error:
            if self.is_set():
                return self.read() or wanted
            raise StopFailed(
                f"the emergency stop is NOT set: {self.path} cannot be made ({error.strerror}); "
                "end the server's process instead, or make that file by other means"
            ) from error
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            if os.fstat(descriptor).st_size == 0:
                _write(descriptor, json.dumps(asdict(wanted), ensure_ascii=False).encode())
            file.flush()
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
        return True


def _write(descriptor: int, body: bytes) -> None:
    """Write all of it or, where the disk is full, nothing."""
    try:
        if os.write(descriptor, body) != len(body):
            os.ftruncate(descriptor, 0)
        os.fsync(descriptor)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)


def _sync(directory: Path) -> None:
    """Make the directory's entry durable where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
