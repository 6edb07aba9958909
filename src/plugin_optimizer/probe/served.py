"""Which requests the threads of this process serve, and what those that ended took of their thread's CPU."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

_KEPT_AT_MOST = 20_000  # of requests that ended since somebody last asked


class Serving(Protocol):
    """A request under way in a thread; `cpu` is what the CPU clock of that thread showed when it began, in seconds."""

    cpu: float

    def part(self) -> str:
        """Return the name of the Blueprint that serves it; '' if there is none, or none is known yet."""
        ...


class Ended(NamedTuple):
    """A request that ended, from `begin` to `end` by the CPU clock of its thread, in seconds."""

    thread: int
    part: str
    begin: float
    end: float


@dataclass(eq=False, slots=True)
class Listener:
    """Hears of each request that ends while it is listening. What it does not take in time is lost, oldest first."""

    _heard: "deque[Ended]"

    def hear(self, ended: Ended) -> None:
        self._heard.append(ended)

    def take(self) -> dict[int, list[Ended]]:
        """Return what ended since the last call, by thread, in the order in which it ended."""
        found: dict[int, list[Ended]] = {}
        heard = self._heard
        for _ in range(len(heard)):
            ended = heard.popleft()
            found.setdefault(ended.thread, []).append(ended)
        return found


class ServedRequests:
    """Written by the threads that serve, read by a sampler. While nobody listens, a request that ends costs a look at a tuple."""

    def __init__(self) -> None:
        self.under_way: dict[int, Serving] = {}  # by thread
        self.listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    @contextmanager
    def heard(self) -> Iterator[Listener]:
        """Listen as long as the block lasts."""
        listener = Listener(deque(maxlen=_KEPT_AT_MOST))
        with self._lock:
            self.listeners = (*self.listeners, listener)
        try:
            yield listener
        finally:
            with self._lock:
                self.listeners = tuple(other for other in self.listeners if other is not listener)

    def begin(self, thread: int, request: Serving) -> None:
        """Take up a request. One of the same thread that was never closed has ended by now: its server closes late, or not at all."""
        if self.listeners and (unclosed := self.under_way.get(thread)) is not None:
            self.ended(thread, unclosed.part(), unclosed.cpu, request.cpu - unclosed.cpu)
        self.under_way[thread] = request

    def leave(self, thread: int, request: Serving) -> bool:
        """Return whether the thread was still serving it, and not yet another one."""
        if self.under_way.get(thread) is not request:
            return False
        self.under_way.pop(thread, None)
        return True

    def ended(self, thread: int, part: str, begin: float, seconds: float) -> None:
        """Tell the listeners of a request that took so many seconds of its thread's CPU."""
        for listener in self.listeners:
            listener.hear(Ended(thread, part, begin, begin + seconds))
