"""Ends its whole service at FAULT_AT."""

import os
import signal
import time
from collections.abc import Callable, Iterable

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

FAULT_AT = float(os.environ["FAULT_AT"])


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    time.sleep(asked(environ)[0])
    if time.time() >= FAULT_AT:
        os.kill(os.getppid(), signal.SIGKILL)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"points"]


app = instrument(serve, plugin="loyalty")
