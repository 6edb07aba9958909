"""Never forgets a request: some 40 KB of each stay in the worker."""

import os
import time
from collections.abc import Callable, Iterable

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

KEPT_LIMIT = 20_000  # the leak is real; it ends before it harms the machine
_kept: list[bytes] = []


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    time.sleep(io_seconds)
    if len(_kept) < KEPT_LIMIT:
        _kept.append(os.urandom(64) * 640)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"reserved"]


app = instrument(serve, plugin="reservations")
