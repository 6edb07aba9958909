"""Reads from a database through a pool of connections whose size can be turned."""

import os
import threading
from collections.abc import Callable, Iterable

from benchmarks.closed_loop.work import asked, work
from plugin_optimizer.probe import instrument, tunable


class Connections:
    """Lets `size` requests in at once; who waits is let in by whoever leaves, or by a larger size."""

    def __init__(self, size: int) -> None:
        self._changed, self._in_use, self._size = threading.Condition(), 0, size

    def resize(self, size: int) -> None:
        with self._changed:
            self._size = size
            self._changed.notify_all()

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._in_use < self._size)
            self._in_use += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._in_use -= 1
            self._changed.notify()


_size = int(os.environ["CONNECTIONS"])
_connections = Connections(_size)
_knob = tunable(
    "database.connections",
    _size,
    minimum=1,
    maximum=16,
    unit="connections",
    kind="performance",
    on_change=_connections.resize,
)


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    with _connections:
        work(*asked(environ))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"read"]


_connections.resize(_knob.value)  # what was set while this process was not there
app = instrument(serve, plugin=os.environ["SERVICE"])
