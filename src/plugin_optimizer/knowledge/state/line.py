"""A line in which the writers of several processes wait for one SQLite file: first come, first served.

SQLite has none: who finds the file locked sleeps and tries again, longer each time, and one that never pauses takes it
anew meanwhile. Here each byte of a file beside the database is a seat, taken by locking it: the first one is the
writer's, the others are those of who waits, in order. Only who sits right behind a seat may move up to it, and who
comes sits down behind the last one: so nobody is overtaken, and trying again every now and then costs nobody its place.

The locks are those of open files (`F_OFD_SETLK`): the kernel lets them go when the process ends, however it ends, and
threads and stores of one process exclude each other as processes do. The line keeps an order and nothing else: one that
does not move (somebody in it was stopped) is passed by, and SQLite's own lock decides, as it does for everybody.
"""

import errno
import fcntl
import logging
import os
import struct
import time
from pathlib import Path

from ...domain import Unavailable
from ..sqlite import OWNER_ONLY

log = logging.getLogger(__name__)

SEATS = 32  # where more want to write, some stand at the door, where the order is that of chance
WRITING = 0
LOOK_AGAIN_SECONDS = 0.001  # of who is next; the one behind needs to look half as often, and so on
STILL_SECONDS = 3.0  # a write that takes longer is one of a process that was stopped, or of a disk that hangs
PASSED_BY_SECONDS = 10.0  # until a line that did not move is tried again
_FLOCK = struct.Struct("hhqqi")  # struct flock: type, whence, start, length, pid (0, as fcntl(2) wants it for these)
_TAKEN_BY_OTHERS = (errno.EAGAIN, errno.EACCES)


class Line:
    """One place in the line at a time: the threads of a process take turns before they come here."""

    __slots__ = ("_file", "_passed_by_until", "_path", "_seated")

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`; where that cannot be, say so in the log, and let everybody pass."""
        self._path = path
        self._seated = False
        self._passed_by_until = -1.0
        self._file = _opened(path)

    def wait(self, until: float) -> None:
        """Return when the writer's seat is ours, or the line does not move and must be passed by.

        `until` is a time of the monotonic clock; raises Unavailable where the line moves and it is over all the same.
        """
        if self._file is None or (self._passed_by_until > 0.0 and time.monotonic() < self._passed_by_until):
            return
        self._seated = True  # from the first try on: whatever ends it must let go what it may have taken
        try:
            seat = self._sit_down(self._file)
            if seat != WRITING:
                self._move_up(self._file, seat, until)
        except OSError as error:
            self.close()
            _say_that_nobody_queues(self._path, error)

    def leave(self) -> None:
        """Give the seat to the next one; nothing happens where there is none of ours."""
        if self._seated and self._file is not None:
            self._seated = False
            _free(self._file, WRITING, SEATS)

    def renew(self) -> None:
        """Take no part in the parent's place: after a fork, its locks are those of the child's copy, too."""
        inherited, self._seated = self._file, False
        if inherited is not None:
            os.close(inherited)  # lets no lock go as long as the parent has it open
            self._file = _opened(self._path)

    def close(self) -> None:
        """Let everybody pass from now on."""
        inherited, self._file, self._seated = self._file, None, False
        if inherited is not None:
            os.close(inherited)

    def _sit_down(self, file: int) -> int:
        """Take the seat behind the last one that is taken; SEATS where there is none, and we stand at the door."""
        for seat in range(SEATS):
            if _taken(file, seat, SEATS - seat):
                _free(file, seat + 1, SEATS - seat - 1)
                return seat
        return SEATS

    def _move_up(self, file: int, seat: int, until: float) -> None:
        moved_at = time.monotonic()
        while seat != WRITING:
            before = seat
            seat = self._nearer(file, seat)
            now = time.monotonic()
            if seat != before:
                moved_at = now
            elif now - moved_at > STILL_SECONDS:
                self._pass_by(now)
                return
            elif now > until:
                raise Unavailable("others have been writing all the time; the database is too slow")
            else:
                time.sleep(LOOK_AGAIN_SECONDS * seat)

    def _nearer(self, file: int, seat: int) -> int:
        """Return the seat we have got to, which may be the same."""
        if seat == SEATS:
            return self._sit_down(file)
        if not _taken(file, seat - 1, 1):
            return seat
        _free(file, seat, 1)
        return seat - 1

    def _pass_by(self, now: float) -> None:
        self.leave()
        self._passed_by_until = now + PASSED_BY_SECONDS
        log.warning("no writer of %s moved for %.0f s; is one of them stopped?", self._path, STILL_SECONDS)


def _opened(path: Path) -> int | None:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
    except OSError as error:
        _say_that_nobody_queues(path, error)
        return None
    try:
        if _taken(file, WRITING, SEATS):  # tells whether this system and this file system know such locks
            _free(file, WRITING, SEATS)
    except (OSError, AttributeError) as error:
        os.close(file)
        _say_that_nobody_queues(path, error)
        return None
    return file


def _say_that_nobody_queues(path: Path, error: Exception) -> None:
    log.warning("writers of several processes do not queue: %s cannot be locked (%s)", path, error)


def _taken(file: int, seat: int, seats: int) -> bool:
    """Lock so many seats from `seat` on, all or none; say whether that was done."""
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, seat, seats, 0))
    except OSError as error:
        if error.errno in _TAKEN_BY_OTHERS:
            return False
        raise
    return True


def _free(file: int, seat: int, seats: int) -> None:
    if seats:  # none would mean: to the end of the file
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_UNLCK, os.SEEK_SET, seat, seats, 0))
