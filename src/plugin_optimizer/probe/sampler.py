"""Looks at the stacks of all threads a hundred times a second, and counts the CPU each used since the last look to who is at work."""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from threading import get_ident

from .cpu_clocks import ThreadClocks
from .cpu_counts import Counts
from .profile import CpuEntry
from .served import Ended, Listener, ServedRequests
from .stacks import StackReader, Work

HERTZ = 100.0
SHARE_AT_MOST = 0.01  # of a core: where looking costs more, it looks less often
_SMOOTHING = 0.05
_QUIET_SECONDS = 0.000_05  # where the whole process used less since the last look, no thread is asked


class Sampler:
    """One thread that looks, from `start` to `stop`, at the threads that serve `requests`, and at all others.

    Time is weighed by the clocks of the threads, so that waiting counts nothing. A thread that computes holds the interpreter;
    we see it when it gives way: up to 5 ms late, and at its own call rather than within what it calls in C. Where one request
    ended and another began between two looks, each Blueprint gets what its request took by the clock of the thread, exactly;
    functions share in that by how often looks found them there.
    """

    def __init__(self, requests: ServedRequests) -> None:
        self.looks = 0
        self.own_seconds = 0.0
        self._requests = requests
        self._counts = Counts()
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
        counts, self._counts = self._counts, Counts()
        return counts.entries()

    def _run(self) -> None:
        with self._requests.heard() as ended:
            self._look_on(ended)

    def _look_on(self, ended: Listener) -> None:
        clocks, reader, pause, usual = ThreadClocks(), StackReader(), 1.0 / HERTZ, 0.0
        began = before = time.thread_time()
        used_by_process = time.process_time()
        while not self._ended.is_set():
            now = time.process_time()
            own = time.thread_time()
            cost, before = own - before, own
            if not self.looks or now - used_by_process - cost > _QUIET_SECONDS:
                self._look(clocks, reader, ended.take())
            self.looks += 1
            used_by_process = now
            usual += _SMOOTHING * (cost - usual)
            self.own_seconds = own - began
            time.sleep(max(pause, usual / SHARE_AT_MOST - usual))

    def _look(self, clocks: ThreadClocks, reader: StackReader, ended: Mapping[int, Sequence[Ended]]) -> None:
        frames = sys._current_frames()  # noqa: SLF001 - documented, and the only way
        frames.pop(get_ident(), None)
        for ident, before, now in clocks.look(frames):
            self._divide(ident, before, now, ended.get(ident, ()), reader.read(frames[ident]))

    def _divide(self, thread: int, before: float, now: float, ended: Sequence[Ended], work: Work) -> None:
        """Give what a thread used between two looks to the requests that it served, in turn."""
        counts, rest, divided = self._counts, now - before, before
        for request in ended:
            used = min(now, request.end) - max(divided, request.begin)
            if used > 0.0:
                counts.used(request.part, used)
                rest, divided = rest - used, request.end
        serving, part = self._requests.under_way.get(thread) if work.request else None, ""
        if serving is not None:
            used, part = max(0.0, min(rest, now - max(divided, serving.cpu))), serving.part()
            counts.used(part, used)
            rest -= used
        counts.used("", rest)
        counts.seen(part, work, now - before)
