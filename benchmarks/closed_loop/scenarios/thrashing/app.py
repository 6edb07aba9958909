"""Writes under one lock; each turn takes longer the more workers wait for it."""

import fcntl
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

WAITING = Path(os.environ["ROOM"]) / "waiting"
WAITING.mkdir(exist_ok=True)
LOCK = Path(os.environ["ROOM"]) / "trail.lock"


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    mine = WAITING / str(os.getpid())
    mine.touch()
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        time.sleep(io_seconds * max(1, len(list(WAITING.iterdir()))) ** 1.5)
    mine.unlink()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"written"]


app = instrument(serve, plugin="audit_trail")
