"""What the kernel knows of the calling thread: how long it waited for a core."""

import os
import threading

_NANOSECONDS = 1e-9
_NAN = float("nan")
_FRESH_SECONDS = 1.0
_NEGLIGIBLE_SECONDS = 0.000_2
_COUNTS_SECONDS = 0.001
_COUNTS_SHARE = 0.05  # of the time a request did not compute
_EXACT_REQUESTS = 100


class _Schedstat:
    """The calling thread's `/proc/thread-self/schedstat`, kept open (opening it each time costs 15 times as much)."""

    __slots__ = ("descriptor",)

    def __init__(self) -> None:
        try:
            self.descriptor = os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self.descriptor = -1

    def __del__(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)


class _Local(threading.local):
    """What one thread last read: `seconds` of run delay `at` (Unix time), and how many requests to measure exactly."""

    def __init__(self) -> None:
        self.schedstat = _Schedstat()
        self.seconds = 0.0
        self.at = 0.0
        self.exactly = 0


_local = _Local()


def begin_run_delay(now: float) -> None:
    """Note where a request begins on this thread, at `now` (Unix seconds).

    Looking costs two system calls a request. While nobody waits for a core, a reading of the last second will do:
    what was added since is no more than what the next look finds in all.
    """
    local = _local
    if local.exactly > 0 or not 0.0 <= now - local.at < _FRESH_SECONDS:
        local.exactly -= local.exactly > 0
        local.seconds, local.at = run_delay_seconds(), now


def end_run_delay(off_cpu_seconds: float) -> float:
    """Return how long the request that ends now waited for a core; NaN where nobody counts.

    It cannot be longer than `off_cpu_seconds`, the time in which it did not compute: where that is next to nothing,
    nobody looks. Where the wait counts, the next requests of this thread are measured from their very beginning;
    this one may contain waits between requests.
    """
    local = _local
    if off_cpu_seconds < _NEGLIGIBLE_SECONDS:
        return local.seconds * 0.0
    now = run_delay_seconds()
    waited, local.seconds = now - local.seconds, now
    if waited > max(_COUNTS_SECONDS, _COUNTS_SHARE * off_cpu_seconds):
        local.exactly = _EXACT_REQUESTS
    return min(waited, off_cpu_seconds) if waited == waited else _NAN


def run_delay_seconds() -> float:
    """Return how long this thread has been runnable without a core since it began; NaN where nobody counts."""
    descriptor = _local.schedstat.descriptor
    if descriptor < 0:
        return _NAN
    try:
        running, waiting, _ = os.pread(descriptor, 96, 0).split()
    except (OSError, ValueError):
        return _NAN
    return int(waiting) * _NANOSECONDS if running != b"0" else _NAN


def _after_fork_in_child() -> None:
    global _local  # noqa: PLW0603 - open files of the parent's thread would go on showing the parent's
    _local = _Local()


os.register_at_fork(after_in_child=_after_fork_in_child)
