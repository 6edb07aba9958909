"""Writes each request under one lock that all workers share."""

import fcntl
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

LOCK = Path(os.environ["ROOM"]) / "ledger.lock"


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        time.sleep(io_seconds)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"written"]


app = instrument(serve, plugin="ledger")
