"""uWSGI's master FIFO: where one byte asks for one worker more (`+`) or less (`-`)."""

import contextlib
import os
import stat
from pathlib import Path

from ...domain import Refused
from ..gunicorn.process import Master
from ..process_tree import check_alive

MORE, FEWER = b"+", b"-"
STANDARD = range(3)  # its input may be somebody's FIFO, too


def fifo_of(master: Master) -> Path | None:
    """Return the FIFO that this very master reads from: one with a name among its open files. None where there is none,
    or where we may not look.
    """
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{master.pid}/fd").iterdir():
            path = _fifo(entry)
            if path is not None:
                return path
    return None


def write_fifo(master: Master, path: Path, byte: bytes) -> None:
    """Write one order. Raises Refused (nothing was written), Gone."""
    check_alive(master.identity)
    if fifo_of(master) != path:
        raise Refused(f"{path} is not read by uWSGI {master.pid} any more")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        raise Refused(f"{path} cannot be written to: {error.strerror}") from error
    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            raise Refused(f"{path} is no FIFO")
        os.write(descriptor, byte)
    except OSError as error:
        raise Refused(f"{path} did not take the order: {error.strerror}") from error
    finally:
        os.close(descriptor)


def _fifo(entry: Path) -> Path | None:
    """Return the name of an open file that is a FIFO with a name and only read, as long as that name leads to it."""
    try:
        if int(entry.name) in STANDARD or entry.lstat().st_mode & stat.S_IWUSR:  # proc(5): as it was opened
            return None
        target, opened = entry.readlink(), entry.stat()
        if not stat.S_ISFIFO(opened.st_mode) or not target.is_absolute():
            return None
        named = target.stat()
    except OSError:
        return None
    return target if (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino) else None
