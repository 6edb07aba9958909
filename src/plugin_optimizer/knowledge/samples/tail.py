"""The last minutes in memory, so that a turn of the loop reads no disk."""

from collections import deque

from .columns import Columns

MOST_PARTS = 256


class Tail:
    """Samples of the last `seconds`, as they arrived. Everything since `complete_from` is in it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._parts: deque[tuple[float, Columns]] = deque()
        self.newest = float("-inf")
        self.complete_from = float("-inf")

    def add(self, columns: Columns) -> None:
        """Take in what arrived; let go of what is too old."""
        if len(columns) == 0:
            return
        last = float(columns.at.max())
        self._parts.append((last, columns))
        self.newest = max(self.newest, last)
        oldest = self.newest - self._seconds
        while self._parts[0][0] < oldest:
            self._parts.popleft()
            self.complete_from = max(self.complete_from, oldest)
        if len(self._parts) > MOST_PARTS:
            self._compact(oldest)

    def between(self, begin: float, end: float) -> Columns:
        """Return the samples of [begin, end], by time; `begin` must not lie before `complete_from`."""
        return Columns.join([part.between(begin, end) for last, part in self._parts if last >= begin]).by_time()

    def _compact(self, oldest: float) -> None:
        joined = Columns.join([part for _, part in self._parts])
        self._parts = deque([(self.newest, joined.where(joined.at >= oldest))])
        self.complete_from = max(self.complete_from, oldest)
