"""Replacing somebody's file so that nobody ever sees half of it, and nothing but its content changes."""

import contextlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..domain import Refused


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file as it was read: `path` has no links in its last part, `found` is what the kernel said of it."""

    path: Path
    content: bytes
    found: os.stat_result


def read_replaceable(path: Path) -> FileContent:
    """Read a file that we may replace. Raises Refused for every file that is better left alone.

    Such are: a link out of its directory (to somebody else's place), a file with further names (they would keep
    the old content), a file that neither we nor root own, one that others may write, a directory we cannot write.
    """
    try:
        real = path.resolve(strict=True)
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            _check(path, real, found)
            return FileContent(real, file.read(), found)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error


def _check(path: Path, real: Path, found: os.stat_result) -> None:
    if path.is_symlink() and real.parent != path.parent.resolve():
        raise Refused(f"{path} is a link to {real}, outside its directory; change that file by hand")
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise Refused(f"{real} has to be a regular file with one name")
    if found.st_uid not in (0, os.geteuid()):
        raise Refused(f"{real} belongs to user {found.st_uid}; only our own files and root's are rewritten")
    if found.st_mode & stat.S_IWOTH:
        raise Refused(f"{real} may be written by everybody; take that right away first (chmod o-w)")
    if not os.access(real.parent, os.W_OK | os.X_OK) or not os.access(real, os.W_OK):
        raise Refused(f"user {os.geteuid()} may not write {real}")


def replace_content(old: FileContent, content: bytes) -> None:
    """Put `content` in the place of `old`, durably, with the same mode, owner and attributes.

    Raises Refused if the file changed since it was read, or if it cannot be written; then it is as it was.
    """
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{old.path.name}.", dir=old.path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()  # a later write would set the time of modification anew
            _take_after(file.fileno(), old)
            os.fsync(file.fileno())
        _check_unchanged(old)
        temporary.replace(old.path)
        _sync_directory(old.path.parent)
    except OSError as error:
        raise Refused(f"{old.path} cannot be replaced: {error.strerror}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _take_after(descriptor: int, old: FileContent) -> None:
    """Give the new file the old one's owner, mode and attributes, and a modification time of another second.

    Python takes a cached config (`__pycache__`) for current while size and whole second of its source are the same:
    `workers = 1` rewritten to `workers = 4` within one second would not be seen by a reload.
    """
    os.fchown(descriptor, old.found.st_uid, old.found.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.found.st_mode))
    for name in os.listxattr(old.path):
        with contextlib.suppress(OSError):  # attributes of the security kind may be the kernel's alone
            os.setxattr(descriptor, name, os.getxattr(old.path, name))
    now = os.fstat(descriptor)
    if int(now.st_mtime) == int(old.found.st_mtime):
        os.utime(descriptor, ns=(now.st_atime_ns, now.st_mtime_ns + 10**9))


def _check_unchanged(old: FileContent) -> None:
    now = old.path.lstat()
    seen = (old.found.st_dev, old.found.st_ino, old.found.st_mtime_ns, old.found.st_size)
    if (now.st_dev, now.st_ino, now.st_mtime_ns, now.st_size) != seen:
        raise Refused(f"{old.path} was changed by somebody else at this moment; try again")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
