"""Two services on a database that serves two at a time."""

import fcntl
import itertools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

CONNECTIONS = [Path(os.environ["ROOM"]) / f"connection-{number}" for number in range(2)]


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("w")) for path in CONNECTIONS]
        take(files)
        time.sleep(io_seconds)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"read"]


def take(files: Sequence[IO[str]]) -> None:
    """Try one connection after the other until one is free."""
    for file in itertools.cycle(files):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.002)
            continue
        return


app = instrument(serve, plugin=os.environ["SERVICE"])
