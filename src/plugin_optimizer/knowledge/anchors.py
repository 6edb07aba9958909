"""Where the head of the audit has been, kept outside the database: what is cut off or set back there shows here.

The directory `audit` of the state directory holds `anchors`, one JSON line for each head that was seen, and `key`.
Each line is signed together with the line before it:

    mac(n) = HMAC-SHA256(key, mac(n - 1) + canonical JSON of [number, digest, at])

The directory appears whole, by one rename, so that a crash never leaves a half of it.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ..domain import Conflict
from .values import canonical

DIRECTORY, LINES, KEY = "audit", "anchors", "key"
READING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW


class Anchor(NamedTuple):
    """The audit had `number` entries at `at`, the last one with `digest`."""

    number: int
    digest: str
    at: float


@dataclass(frozen=True, slots=True)
class Read:
    """How far the lines have been read: which file, how many bytes and lines, the last mac and anchor."""

    file: int = 0
    offset: int = 0
    lines: int = 0
    mac: str = ""
    last: Anchor | None = None


class Anchors:
    """The anchors of one state directory. Thread-safe; several processes may add to them.

    Whatever is wrong with them is raised as Conflict: `anchors_forged` (a line does not fit its signature),
    `anchors_missing` (the lines are gone and the key is there), `anchor_key_missing`.
    """

    def __init__(self, state_dir: Path) -> None:
        self.directory = state_dir / DIRECTORY
        self._guard = threading.Lock()
        self._read = Read()

    def last(self) -> Anchor | None:
        """Return the newest anchor; None where none was ever set. Reads only what is new."""
        return self._up_to_date().last

    def count(self) -> int:
        return self._up_to_date().lines

    def begin(self, anchor: Anchor) -> None:
        """Make key and first anchor; does nothing where there are some already."""
        self.directory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.directory.with_name(f".{DIRECTORY}.{secrets.token_hex(8)}")
        draft.mkdir(mode=0o700)
        try:
            key = secrets.token_bytes(32)
            _write_new(draft / KEY, key)
            _write_new(draft / LINES, _line(key, "", anchor))
            with contextlib.suppress(OSError):  # somebody else was first: theirs count
                draft.rename(self.directory)
            _sync(self.directory.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def add(self, anchor: Anchor) -> None:
        """Append an anchor, durable when this returns. Does nothing where one of that number or a higher one stands."""
        with self._guard, self._locked() as descriptor:
            self._read = read = self._read_on(descriptor)
            if read.last is not None and read.last.number >= anchor.number:
                return
            os.ftruncate(descriptor, read.offset)  # of a line that a crash cut off
            os.pwrite(descriptor, _line(self._key(), read.mac, anchor), read.offset)
            os.fsync(descriptor)

    def set_aside(self, at: float) -> Path | None:
        """Put the present anchors away as evidence, so that new ones can begin; return where to."""
        aside = self.directory.with_name(f"{DIRECTORY}.until-{at:.0f}-{secrets.token_hex(2)}")
        try:
            self.directory.rename(aside)
        except FileNotFoundError:
            return None
        _sync(self.directory.parent)
        return aside

    def _up_to_date(self) -> Read:
        with self._guard:
            if not self.directory.is_dir():
                self._read = Read()
                return self._read
            descriptor = self._open(READING)
            try:
                self._read = self._read_on(descriptor)
            finally:
                os.close(descriptor)
            return self._read

    def _read_on(self, descriptor: int) -> Read:
        """Read the whole lines behind what was read before; from the start where it is another or a shorter file."""
        status, read = os.fstat(descriptor), self._read
        if status.st_ino != read.file or status.st_size < read.offset:
            read = Read(file=status.st_ino)
        if status.st_size > read.offset:
            key = self._key()
            for line in _whole_lines(os.pread(descriptor, status.st_size - read.offset, read.offset)):
                mac, anchor = _checked(key, read.mac, line, read.lines + 1)
                read = Read(read.file, read.offset + len(line), read.lines + 1, mac, anchor)
        if read.last is None:
            raise Conflict(f"{self.directory / LINES} is empty, and was not", "anchors_missing")
        return read

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        descriptor = self._open(os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _open(self, flags: int) -> int:
        try:
            return os.open(self.directory / LINES, flags)
        except OSError as error:
            raise Conflict(
                f"{self.directory / LINES} cannot be opened ({error.strerror})", "anchors_missing"
            ) from error

    def _key(self) -> bytes:
        try:
            descriptor = os.open(self.directory / KEY, READING)
        except OSError as error:
            message = f"{self.directory / KEY} cannot be read ({error.strerror})"
            raise Conflict(message, "anchor_key_missing") from error
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


@lru_cache(maxsize=16)
def anchors_of(state_dir: Path) -> Anchors:
    """Return the anchors of a state directory: one object in a process, for it remembers what it has read."""
    return Anchors(state_dir)


os.register_at_fork(after_in_child=anchors_of.cache_clear)  # another thread may have held a lock at that moment


def _mac(key: bytes, before: str, anchor: Anchor) -> str:
    body = canonical([anchor.number, anchor.digest, float(anchor.at)])
    return hmac.new(key, (before + body).encode(), hashlib.sha256).hexdigest()


def _line(key: bytes, before: str, anchor: Anchor) -> bytes:
    members = {**anchor._asdict(), "mac": _mac(key, before, anchor)}
    return json.dumps(members).encode() + b"\n"


def _whole_lines(text: bytes) -> list[bytes]:
    """Return the lines that were written to their end."""
    return [line for line in text.splitlines(keepends=True) if line.endswith(b"\n")]


def _checked(key: bytes, before: str, line: bytes, number: int) -> tuple[str, Anchor]:
    try:
        found = json.loads(line)
        anchor = Anchor(int(found["number"]), str(found["digest"]), float(found["at"]))
        mac = str(found["mac"])
    except (ValueError, KeyError, TypeError):
        mac = ""
    if not mac or not hmac.compare_digest(mac, _mac(key, before, anchor)):
        raise Conflict(f"line {number} of the anchors does not fit its signature", "anchors_forged")
    return mac, anchor


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
