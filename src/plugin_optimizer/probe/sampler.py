"""Looks at the stacks of all threads a hundred times a second, and counts the CPU each used since the last look to who is at work."""

import sys
import threading
import time
from collections.abc import Callable
from threading import get_ident

from .cpu_clocks import ThreadClocks
from .profile import CpuEntry
from .stacks import StackReader, Work

HERTZ = 100.0
SHARE_AT_MOST = 0.01  # of a core: where looking costs more, it looks less often
_SMOOTHING = 0.05
_ENTRIES_AT_MOST = 5_000
_QUIET_SECONDS = 0.000_05  # where the whole process used less since the last look, no thread is asked
_OTHER = Work("other", "", "", request=False)

_Key = tuple[str, Work]


class Sampler:
    """One thread that looks, from `start` to `stop`. `serving` tells the Blueprint of the request that a thread serves, or ''.

    Time is weighed by the clocks of the threads, so that waiting counts nothing. A thread that computes holds the interpreter;
    we see it when it gives way: up to 5 ms late, and at its own call rather than within what it calls in C.
    """

    def __init__(self, serving: Callable[[int], str]) -> None:
        self.looks = 0
        self.own_seconds = 0.0
        self._serving = serving
        self._counts: dict[_Key, list[float]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="plugin-optimizer-sampler", daemon=True)

    def start(self) -> None:
        """Raises RuntimeError where no thread can be had."""
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(1.0)

    def drain(self) -> list[CpuEntry]:
        """Return what was counted since the last call, most CPU first."""
        counts, self._counts = self._counts, {}
        found = [
            CpuEntry(blueprint, work.hook, work.package, work.function, seconds, int(looks))
            for (blueprint, work), (seconds, looks) in list(counts.items())
        ]
        return sorted(found, key=lambda entry: -entry.cpu_seconds)

    def _run(self) -> None:
        clocks, reader, pause, usual = ThreadClocks(), StackReader(), 1.0 / HERTZ, 0.0
        began = before = time.thread_time()
        used_by_process = time.process_time()
        while not self._ended.is_set():
            now = time.process_time()
            own = time.thread_time()
            cost, before = own - before, own
            if not self.looks or now - used_by_process - cost > _QUIET_SECONDS:
                self._look(clocks, reader)
            self.looks += 1
            used_by_process = now
            usual += _SMOOTHING * (cost - usual)
            self.own_seconds = own - began
            time.sleep(max(pause, usual / SHARE_AT_MOST - usual))

    def _look(self, clocks: ThreadClocks, reader: StackReader) -> None:
        frames = sys._current_frames()  # noqa: SLF001 - documented, and the only way
        frames.pop(get_ident(), None)
        counts = self._counts
        for ident, seconds in clocks.look(frames):
            work = reader.read(frames[ident])
            blueprint = self._serving(ident) if work.request else ""
            self._count(counts, (blueprint, work), seconds)

    @staticmethod
    def _count(counts: dict[_Key, list[float]], key: _Key, seconds: float) -> None:
        if key not in counts and len(counts) >= _ENTRIES_AT_MOST:
            key = (key[0], _OTHER)
        counted = counts.setdefault(key, [0.0, 0.0])
        counted[0] += seconds
        counted[1] += 1.0
