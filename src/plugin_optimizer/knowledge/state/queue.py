"""The queue before one database: threads of this process take turns, and whose turn it is waits among the processes."""

import contextlib
import time
from collections.abc import Iterator

from ...domain import Unavailable
from .line import Line
from .turns import Turns

LONGEST_SECONDS = 10.0


class Queue:
    """Lets one in at a time, whoever has waited longest. Thread-safe; survives a fork."""

    def __init__(self, line: Line | None) -> None:
        """`line` is where other processes wait, too; None where the database itself lets them queue."""
        self._line, self._turns = line, Turns()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn, and keep it for the block. Raises Unavailable where it takes too long."""
        end = time.monotonic() + LONGEST_SECONDS
        if not self._turns.acquire(LONGEST_SECONDS):
            raise Unavailable(f"others have been writing for {LONGEST_SECONDS:.0f} s; the database is too slow")
        line, turns = self._line, self._turns
        try:
            if line:
                line.wait(end)
            yield
        finally:
            if line:
                line.leave()
            turns.release()

    def after_fork(self) -> None:
        """Stand in the child as one who has just come: the parent's place is the parent's."""
        self._turns = Turns()
        if self._line:
            self._line.renew()

    def close(self) -> None:
        """Give up the line. Whoever comes later is let in as if there were no other process."""
        if self._line and self._turns.acquire(LONGEST_SECONDS):  # nobody of ours stands in it then
            self._line.close()
            self._turns.release()
