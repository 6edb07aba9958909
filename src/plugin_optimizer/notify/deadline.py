"""An end for whoever answers one byte at a time: the timeout of a socket begins anew with each of them."""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Deadline:
    """Shuts the connection down after so many seconds. `passed` tells whether it did.

    Which connection that is, is asked then: TLS puts another in the place of the plain one.
    """

    def __init__(self, connection: Callable[[], socket.socket | None], seconds: float) -> None:
        self.passed = False
        self._connection = connection
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.passed = True
        connection = self._connection()
        with contextlib.suppress(OSError):
            if connection is not None:
                connection.shutdown(socket.SHUT_RDWR)
