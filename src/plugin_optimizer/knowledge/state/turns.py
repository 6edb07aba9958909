"""Turns of the threads of one process: whoever has waited longest is next."""

import threading
from collections import deque


class Turns:
    """A lock that is handed over rather than let go, so that nobody who comes later takes it before those who wait.

    `threading.Lock` goes to whoever asks first after the release: mostly to the one that has just released it.
    """

    __slots__ = ("_guard", "_taken", "_waiting")

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, seconds: float) -> bool:
        """Wait for one's turn for at most so long; say whether it came."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            place = threading.Lock()
            place.acquire()
            self._waiting.append(place)
        try:
            came = place.acquire(timeout=max(seconds, 0.0))
        except BaseException:
            if not self._withdrawn(place):
                self.release()
            raise
        return came or not self._withdrawn(place)

    def release(self) -> None:
        """Let the next one have its turn."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    def _withdrawn(self, place: threading.Lock) -> bool:
        """Give the place up; False where the turn came in the meantime."""
        with self._guard:
            if place not in self._waiting:
                return False
            self._waiting.remove(place)
            return True
