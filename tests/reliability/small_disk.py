"""A file system of a few hundred kilobytes that can really be full. Needs the right to mount (root)."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 4096


class NotPermitted(Exception):
    """No file system may be mounted here."""


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """Mounted at `path`, which holds the fillers beside what is tested."""

    path: Path

    def fill(self, leave_bytes: int = 0) -> None:
        """Take all room but `leave_bytes` (rounded down to whole blocks)."""
        filler = self.path / "filler"
        with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
            while file.write(bytes(BLOCK_BYTES)):
                pass
        with filler.open("ab") as file:
            file.truncate(max(0, file.tell() - leave_bytes // BLOCK_BYTES * BLOCK_BYTES))

    def fill_inodes(self) -> None:
        """Take all room for new names."""
        with contextlib.suppress(OSError):
            for number in range(1_000_000):
                (self.path / f"filler-{number}").touch(exist_ok=False)

    def free(self) -> None:
        for filler in self.path.glob("filler*"):
            filler.unlink()


@contextlib.contextmanager
def small_disk(path: Path, size_bytes: int, inodes: int = 100) -> Iterator[SmallDisk]:
    """Mount a tmpfs at the new directory `path`. Raises NotPermitted."""
    path.mkdir()
    options = f"size={size_bytes},nr_inodes={inodes},mode=0700"
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotPermitted("a file system of our own cannot be mounted here; run as root") from error
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
