"""Loads what it needs with its first requests: each worker is slow at its start."""

import itertools
import time
from collections.abc import Callable, Iterable

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

FIRST_REQUESTS = 20
LOADING_SECONDS = 0.2
_served = itertools.count()


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    time.sleep(io_seconds + (LOADING_SECONDS if next(_served) < FIRST_REQUESTS else 0.0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"like this"]


app = instrument(serve, plugin="recommend")
