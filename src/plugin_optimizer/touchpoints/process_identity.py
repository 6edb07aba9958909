"""Who a process is, and how to signal that one and no other.

A pid is a number that the kernel gives to the next one who needs it; a signal to a bare pid has killed an
innocent process on the first try. So an identity is read, a pidfd is opened, the identity is read again, and
only then the signal goes through the pidfd.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from ..domain import Gone, Refused, Unobservable

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
DEAD_STATES = frozenset("ZXx")
KERNEL_THREAD = 0x0020_0000  # PF_KTHREAD, include/linux/sched.h


@dataclass(frozen=True, slots=True)
class ProcessStat:
    """What `/proc/PID/stat` says (proc(5)). `cpu_seconds` holds the reaped children's too."""

    pid: int
    parent_pid: int
    state: str
    start_ticks: int
    cpu_seconds: float
    flags: int = 0

    @property
    def kernel_thread(self) -> bool:
        return bool(self.flags & KERNEL_THREAD)

    @property
    def alive(self) -> bool:
        return self.state not in DEAD_STATES

    @property
    def start_seconds(self) -> float:
        """Return when it started, in Unix seconds, to the clock tick."""
        booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        return round(booted + self.start_ticks / TICKS_PER_SECOND, 2)

    @property
    def age_seconds(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME) - self.start_ticks / TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """What a process has to be, still, when it is signalled. Two of the same pid differ in `start_ticks`.

    `executable` is (device, inode) of what runs, None where we may not look (another user's process). `boot_id` names
    the start of the host: ticks are counted from it.
    """

    pid: int
    start_ticks: int
    user_id: int
    executable: tuple[int, int] | None
    command: tuple[str, ...]
    boot_id: str = ""


def read_stat(pid: int) -> ProcessStat:
    """Raise Gone if there is no such process, Unobservable if it cannot be read."""
    content = read_process_file(pid, "stat")
    fields = content.rpartition(b")")[2].split()  # the name in parentheses may hold anything, spaces included
    try:
        own_and_reaped_ticks = sum(int(number) for number in fields[11:15])
        seconds = own_and_reaped_ticks / TICKS_PER_SECOND
        return ProcessStat(pid, int(fields[1]), fields[0].decode(), int(fields[19]), seconds, int(fields[6]))
    except (IndexError, ValueError) as error:
        raise Unobservable(f"/proc/{pid}/stat has not the form that proc(5) describes") from error


def read_process_file(pid: int, name: str) -> bytes:
    """Return the bytes of `/proc/PID/name`. Raises Gone, Unobservable."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError) as error:
        raise Gone(f"process {pid} does not exist any more") from error
    except OSError as error:
        raise Unobservable(f"/proc/{pid}/{name} cannot be read: {error.strerror}") from error


def read_command(pid: int) -> tuple[str, ...]:
    """Return the command line; empty for a zombie and for a thread of the kernel. Raises Gone, Unobservable."""
    content = read_process_file(pid, "cmdline")
    return tuple(os.fsdecode(part) for part in content.rstrip(b"\0").split(b"\0")) if content.strip(b"\0") else ()


def identify(pid: int) -> ProcessIdentity:
    """Raise Gone if there is no such process or it is a zombie, Unobservable if it cannot be read."""
    stat = read_stat(pid)
    if not stat.alive:
        raise Gone(f"process {pid} has ended")
    return ProcessIdentity(pid, stat.start_ticks, _user_id(pid), _executable(pid), read_command(pid), read_boot_id())


def read_boot_id() -> str:
    """Return the name of this start of the host; empty where the kernel hides it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def catches(pid: int, number: signal.Signals) -> bool:
    """Tell whether a process has a handler for a signal; without one TTIN and TTOU stop it. Raises Gone.

    `SigCgt` is a hexadecimal mask, bit s-1 stands for signal s: proc(5).
    """
    return bool(int(_status_field(pid, "SigCgt"), 16) >> (number - 1) & 1)


def send_signal(identity: ProcessIdentity, number: signal.Signals) -> None:
    """Signal exactly the process that was identified.

    Raises Gone (it ended, its pid may be somebody else's now), Refused (it is ours or the kernel's, it became something
    else, it does not catch the signal, or we lack permission). Nothing was sent in any of these cases.
    """
    if identity.pid <= 1 or identity.pid in _untouchable():
        raise Refused(f"process {identity.pid} is our own, a parent of ours or the first one; it is never signalled")
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError as error:
        raise Gone(f"process {identity.pid} does not exist any more") from error
    try:
        _check_identity(identity)
        if not catches(identity.pid, number):
            raise Refused(f"process {identity.pid} has no handler for {number.name}, which would stop it")
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError as error:
        raise Gone(f"process {identity.pid} ended before it could be signalled") from error
    except PermissionError as error:
        raise Refused(f"user {os.geteuid()} may not signal process {identity.pid} of {identity.user_id}") from error
    finally:
        os.close(handle)


def _check_identity(expected: ProcessIdentity) -> None:
    found = identify(expected.pid)
    if (found.start_ticks, found.boot_id) != (expected.start_ticks, expected.boot_id):
        raise Gone(f"process {expected.pid} ended; its pid belongs to a later one")
    if read_stat(expected.pid).kernel_thread:
        raise Refused(f"process {expected.pid} is a thread of the kernel; it is never signalled")
    if found != expected:
        raise Refused(f"process {expected.pid} is not what it was: {found} instead of {expected}")


def _untouchable() -> frozenset[int]:
    found, pid = {0, 1, os.getpid()}, os.getppid()
    while pid not in found:
        found.add(pid)
        with contextlib.suppress(Unobservable):
            pid = read_stat(pid).parent_pid
    return frozenset(found)


def _user_id(pid: int) -> int:
    return int(_status_field(pid, "Uid").split()[0])


def _status_field(pid: int, name: str) -> str:
    prefix = f"{name}:"
    for line in read_process_file(pid, "status").decode(errors="replace").splitlines():
        if line.startswith(prefix):
            return line.removeprefix(prefix).strip()
    raise Unobservable(f"/proc/{pid}/status has no line {name}")


def _executable(pid: int) -> tuple[int, int] | None:
    try:
        found = Path(f"/proc/{pid}/exe").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
