"""Takes one of the three connections that the database allows, waiting for it."""

import fcntl
import itertools
import os
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

CONNECTIONS = [Path(os.environ["ROOM"]) / f"connection-{number}" for number in range(3)]


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    with ExitStack() as stack:
        take(stack)
        time.sleep(io_seconds)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"read"]


def take(stack: ExitStack) -> None:
    """Try one connection after the other until one is free."""
    files = [stack.enter_context(path.open("w")) for path in CONNECTIONS]
    for file in itertools.cycle(files):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.002)
            continue
        return


app = instrument(serve, plugin="crm")
