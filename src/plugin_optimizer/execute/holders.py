"""Who holds a plugin's fence, and since when: the kernel says who, the lock's file when it was taken."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HELD_SECONDS = 15.0  # an order waits 5 s for the lock and is given within moments
LOCKS = Path("/proc/locks")
STOPPED_STATES = frozenset("Tt")


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that may be in the middle of an effect. `pid` is 0 where the kernel does not show it to us."""

    plugin_id: str
    pid: int
    since: float
    stopped: bool

    def __str__(self) -> str:
        who = f"process {self.pid}" if self.pid else "a process that cannot be seen from here"
        how = ", and is stopped (SIGSTOP)" if self.stopped else ""
        return f"{who} has held it since {datetime.fromtimestamp(self.since, UTC):%Y-%m-%d %H:%M:%S} UTC{how}"


def holder_of(lock: Path) -> Holder | None:
    """Return who holds the file locked; None where nobody does, or that cannot be told."""
    try:
        found, lines = lock.stat(), LOCKS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:  # proc(5): `1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF`; one who waits has `->`
        words = line.split()
        if len(words) >= 6 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(found.st_ino):
            pid = max(int(words[4]), 0)
            return Holder(lock.stem, pid, found.st_mtime, _stopped(pid))
    return None


def held_long(directory: Path, now: float) -> Iterator[Holder]:
    """Yield who has held a fence for longer than an order takes. Empty where we may not look."""
    try:
        locks = sorted(directory.glob("*.lock"))
    except OSError:
        return
    for lock in locks:
        holder = holder_of(lock)
        if holder is not None and now - holder.since > HELD_SECONDS:
            yield holder


def _stopped(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in STOPPED_STATES
