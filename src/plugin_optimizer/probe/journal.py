"""What the numbers in the request ring stand for: contexts and errors, as lines of JSON in a bounded file."""

import contextlib
import json
import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from .contexts import Values
from .fingerprint import ErrorKind
from .places import write_atomically

JOURNAL_BYTES_AT_MOST = 1 << 20
_ERRORS_KEPT = 100  # when the file is rewritten; contexts are kept all
_PENDING_AT_MOST = 2_000
_MESSAGE_LENGTH = 500
_FORMATTED_PER_MINUTE = 3  # of each fingerprint; formatting costs a hundred times as much as counting
_MINUTE_SECONDS = 60.0
_FINGERPRINTS_COUNTED = 1_000


class Journal:
    """Collects lines from request threads and hands them to the one background thread that writes files."""

    def __init__(self) -> None:
        self._contexts: list[bytes] = []
        self._errors: deque[bytes] = deque(maxlen=_ERRORS_KEPT)
        self._pending: deque[bytes] = deque(maxlen=_PENDING_AT_MOST)
        self._formatted: dict[tuple[int, str], tuple[float, int]] = {}

    def after_fork(self) -> None:
        """Begin a file of our own: the parent's lines are written by the parent, but we need its contexts too."""
        self._pending.clear()
        self._pending.extend(self._contexts)

    def context(self, number: int, values: Values) -> None:
        line = _line({"kind": "context", "context": number, "values": values})
        self._contexts.append(line)
        self._pending.append(line)

    def error(self, kind: ErrorKind, error: BaseException, at: float, blueprint: str = "") -> None:
        """Note an error with its message, the first few of its kind (in each Blueprint) per minute."""
        known = (kind.fingerprint, blueprint)
        since, count = self._formatted.get(known, (at, 0))
        if at - since >= _MINUTE_SECONDS:
            since, count = at, 0
        if len(self._formatted) >= _FINGERPRINTS_COUNTED:
            self._formatted.clear()
        self._formatted[known] = (since, count + 1)
        if count < _FORMATTED_PER_MINUTE:
            line = _error_line(kind, error, at, blueprint)
            self._errors.append(line)
            self._pending.append(line)

    def write(self, path: Path) -> None:
        """Append what is pending; begin the file again from what matters when it has grown too long. Raises OSError."""
        lines = [self._pending.popleft() for _ in range(len(self._pending))]
        if lines and _size(path) + sum(map(len, lines)) > JOURNAL_BYTES_AT_MOST:
            write_atomically(path, b"".join((*self._contexts, *self._errors)))
        elif lines:
            _append(path, lines)


def _line(entry: dict[str, object]) -> bytes:
    return json.dumps(entry).encode() + b"\n"


def _error_line(kind: ErrorKind, error: BaseException, at: float, blueprint: str) -> bytes:
    message = "(its message cannot be shown)"
    with contextlib.suppress(Exception):
        message = str(error)[:_MESSAGE_LENGTH]
    return _line(
        {
            "kind": "error",
            "fingerprint": kind.fingerprint,
            "exception": kind.exception,
            "message": message,
            "frames": kind.frames,
            "at": at,
            **({"blueprint": blueprint} if blueprint else {}),
        }
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _append(path: Path, lines: Sequence[bytes]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.writelines(lines)
