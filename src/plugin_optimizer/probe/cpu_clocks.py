"""How much CPU each thread of this process uses: the kernel's clock of that thread, read by another one."""

import os
import threading
import time
from collections.abc import Iterable

# The clock of one thread is named ~thread_id << 3 | CPUCLOCK_PERTHREAD_MASK (4) | CPUCLOCK_SCHED (2), as pthread_getcpuclockid(3)
# of glibc computes it. Made from the thread's number, and not from its handle, it may outlive the thread: the kernel says EINVAL.
_OF_ONE_THREAD = 6
_NOTHING = (0.0, 0.0)
_ASKED_AGAIN_LOOKS = 100  # a thread that Python did not start may have told its number by then


class ThreadClocks:
    """Tells what threads used since the last look. One that sleeps, or waits for a lock or a core, used nothing."""

    def __init__(self) -> None:
        self._clocks: dict[int, int] = {}  # by the identity of the thread, which a later thread may get again
        self._read: dict[int, float] = {}
        self._strangers: set[int] = set()
        self._looks = 0

    def look(self, idents: Iterable[int]) -> list[tuple[int, float, float]]:
        """Return (thread, its clock at the last look, its clock now), in seconds, of those that used any CPU since.

        A thread that began since then counts with its whole life; at the first look none does. What a thread used between its
        last look and its end is lost, and so is what threads use that Python's `threading` never heard of.
        """
        self._looks += 1
        if self._looks % _ASKED_AGAIN_LOOKS == 0:
            self._forget(set(idents := list(idents)))
        found = []
        for ident in idents:
            before, now = self._stretch(ident)
            if now > before:
                found.append((ident, before, now))
        return found

    def _stretch(self, ident: int) -> tuple[float, float]:
        clock = self._clocks.get(ident)
        if clock is not None:
            try:
                now = time.clock_gettime(clock)
            except OSError:
                return self._meet(ident)  # it ended, and another thread is called the same
            before, self._read[ident] = self._read[ident], now
            return before, now
        return self._meet(ident)

    def _meet(self, ident: int) -> tuple[float, float]:
        if ident in self._strangers:
            return _NOTHING
        number = _thread_number(ident)
        if number is None:
            self._strangers.add(ident)
            self._clocks.pop(ident, None)
            return _NOTHING
        try:
            clock = ~number << 3 | _OF_ONE_THREAD
            self._read[ident] = time.clock_gettime(clock)
        except OSError:
            self._clocks.pop(ident, None)
            return _NOTHING
        self._clocks[ident] = clock
        return (0.0, self._read[ident]) if self._looks > 1 else _NOTHING

    def _forget(self, alive: set[int]) -> None:
        self._strangers.clear()
        for ident in self._clocks.keys() - alive:
            del self._clocks[ident], self._read[ident]


def _thread_number(ident: int) -> int | None:
    """Return the kernel's number of a thread. After a fork `threading` keeps the parent's for the one that is left."""
    if ident == threading.main_thread().ident:
        return os.getpid()
    return next((thread.native_id for thread in threading.enumerate() if thread.ident == ident), None)
