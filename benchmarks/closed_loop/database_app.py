"""Waits for one of the CONNECTIONS connections that the database allows all workers of a run together, then for its answer."""

import fcntl
import itertools
import os
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from plugin_optimizer.probe import instrument

from .work import asked

CONNECTIONS = [Path(os.environ["ROOM"]) / f"connection-{number}" for number in range(int(os.environ["CONNECTIONS"]))]


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    with ExitStack() as stack:
        take([stack.enter_context(path.open("w")) for path in CONNECTIONS])
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
