"""Where probe and engine meet on disk, and who may stand there. Standard library only."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "PLUGIN_OPTIMIZER_HOME"
PLUGIN_VARIABLE = "PLUGIN_OPTIMIZER_PLUGIN"

_PLUGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")  # the rule of domain/plugin.py, which this layer may not import
_PROCESS = re.compile(r"(\d{1,10})-(\d{1,20})")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_START_TICKS, _STATE = 19, 0  # fields 22 and 3 of /proc/PID/stat, counted from behind the command's name


class ChannelRefused(PermissionError):
    """The directory is somebody else's, or open to others: nothing is read from it or written to it."""


@dataclass(frozen=True, slots=True, order=True)
class ProcessIdentity:
    """A process that cannot be mistaken for a later one with the same pid.

    `start_ticks` is field 22 of `/proc/PID/stat` (clock ticks since boot).
    """

    pid: int
    start_ticks: int

    def __str__(self) -> str:
        return f"{self.pid}-{self.start_ticks}"

    @property
    def alive(self) -> bool:
        return started_ticks(self.pid) == self.start_ticks

    @property
    def start_time(self) -> float:
        """Return the start in Unix seconds; NaN where the kernel does not tell when it booted."""
        return _boot_time() + self.start_ticks / os.sysconf("SC_CLK_TCK")

    @classmethod
    def own(cls) -> "ProcessIdentity":
        pid = os.getpid()
        return cls(pid, started_ticks(pid) or 0)


def home() -> Path:
    """Return the directory of the channel: `$PLUGIN_OPTIMIZER_HOME`, else below the user's own state directory."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named)
    try:
        return Path.home() / ".local" / "state" / "plugin-optimizer"
    except RuntimeError as error:
        raise ChannelRefused(f"no home directory; set {HOME_VARIABLE}") from error


def plugin_name(text: str) -> str:
    """Turn any name into a plugin identifier; `plugin` when no letter or digit is left."""
    cleaned = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")[:63]
    return cleaned or "plugin"


def plugin_directory(root: Path, plugin: str) -> Path:
    """Return where a plugin's files stand. Raises ValueError for what is not a plugin identifier."""
    if not _PLUGIN.fullmatch(plugin):
        raise ValueError(f"{plugin[:80]!r} is not a plugin id; expected 1 to 63 of a-z, 0-9, '.', '_', '-'")
    return root / "plugins" / plugin


def process_directory(root: Path, plugin: str) -> Path:
    return plugin_directory(root, plugin) / "processes"


def check_home(root: Path) -> bool:
    """Return whether the home exists; raise ChannelRefused if it is another user's or open to others."""
    try:
        found = root.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    if found.st_uid != os.geteuid():
        raise ChannelRefused(f"{root} belongs to user {found.st_uid}; it has to belong to user {os.geteuid()}")
    if found.st_mode & _OTHERS_MAY_WRITE and not found.st_mode & stat.S_ISVTX:
        raise ChannelRefused(f"{root} may be written by others; use chmod 700")
    return True


def make_private(root: Path, directory: Path) -> None:
    """Create `directory` and what leads to it from `root`, readable by the owner only. Raises OSError."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_home(root)
    missing = [path for path in (directory, *directory.parents) if path.is_relative_to(root) and not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file at once for every reader; not flushed to disk. Raises OSError."""
    temporary = path.with_name(path.name + ".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)


def plugins(root: Path) -> list[str]:
    """Return the plugins that ever used this home, sorted. Raises ChannelRefused."""
    if not check_home(root):
        return []
    return sorted(entry.name for entry in _listed(root / "plugins") if _PLUGIN.fullmatch(entry.name))


def recorded_processes(root: Path, plugin: str) -> list[ProcessIdentity]:
    """Return every process that left files, dead ones too, sorted by pid. Raises ChannelRefused."""
    if not check_home(root):
        return []
    names = (entry.name.partition(".")[0] for entry in _listed(process_directory(root, plugin)))
    matches = (_PROCESS.fullmatch(name) for name in names)
    return sorted({ProcessIdentity(int(match[1]), int(match[2])) for match in matches if match})


def processes(root: Path, plugin: str) -> list[ProcessIdentity]:
    """Return the live processes of a plugin that a probe runs in, sorted by pid. Raises ChannelRefused."""
    return [process for process in recorded_processes(root, plugin) if process.alive]


def started_ticks(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
        return None if fields[_STATE] in (b"Z", b"X") else int(fields[_START_TICKS])
    except (OSError, IndexError, ValueError):
        return None


def _listed(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return


def _boot_time() -> float:
    try:
        lines = Path("/proc/stat").read_text().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("btime ")))
    except (OSError, StopIteration, ValueError):
        return float("nan")
