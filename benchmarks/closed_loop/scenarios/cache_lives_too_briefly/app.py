"""Keeps sessions for as long after their last use as a setting says; who comes later is looked up anew, which takes a while."""

import os
import time
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

from plugin_optimizer.probe import instrument, tunable

LOOK_UP_SECONDS = 0.3
_kept: dict[str, float] = {}  # by session: when it was last used
_ttl_seconds = tunable(
    "sessions.ttl_seconds",
    float(os.environ["TTL_SECONDS"]),
    minimum=1.0,
    maximum=120.0,
    unit="seconds",
    kind="performance",
)


def serve(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    session = parse_qs(str(environ.get("QUERY_STRING", "")))["key"][0]
    if time.monotonic() - _kept.get(session, -float("inf")) >= _ttl_seconds.value:
        time.sleep(LOOK_UP_SECONDS)
    _kept[session] = time.monotonic()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"welcome back"]


app = instrument(serve, plugin=os.environ["SERVICE"])
