"""Asks a partner that takes half a second more since FAULT_AT."""

import os
import time
from collections.abc import Callable, Iterable

from benchmarks.closed_loop.work import asked
from plugin_optimizer.probe import instrument

FAULT_AT = float(os.environ["FAULT_AT"])


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    io_seconds, _ = asked(environ)
    time.sleep(io_seconds + (0.5 if time.time() >= FAULT_AT else 0.0))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"insured"]


app = instrument(serve, plugin="insurance")
