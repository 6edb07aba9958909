"""Fails for some keys since FAULT_AT."""

import os
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

from plugin_optimizer.probe import instrument

FAULT_AT = float(os.environ["FAULT_AT"])
CARTONS = {"3": 0}


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    query = parse_qs(str(environ.get("QUERY_STRING", "")))
    time.sleep(float(query["io"][0]))
    key = query["key"][0]
    pieces = 100 // (CARTONS.get(key, 10) if time.time() >= FAULT_AT else 10)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(pieces).encode()]


app = instrument(serve, plugin="stock")
