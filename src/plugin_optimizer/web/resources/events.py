"""Server-Sent Events: a number whenever something changed; the page then reads what it shows.

A stream holds a thread of the server, so only half of them may be streams. There is nothing to replay: a client that
comes back is told the present version at once, whatever its Last-Event-ID says.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Response

from ..encoding import encode
from ..moment import iso
from ..problem import Problem
from ..route import Call, Role, Route
from ..system import SystemLike

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 600.0  # then the browser connects anew: nothing lives for ever
RETRY_MILLISECONDS = 3000


@dataclass(slots=True)
class Streams:
    """How many streams this process has open."""

    count: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, most: int) -> None:
        """Take a place; raise Problem 503 with Retry-After where all are taken."""
        with self._guard:
            if self.count >= most:
                raise Problem(
                    503, "too_many_streams", "too many event streams are open; poll instead", {"Retry-After": "15"}
                )
            self.count += 1

    def leave(self) -> None:
        with self._guard:
            self.count -= 1


STREAMS = Streams()


class Feed:
    """The body of one stream. Its place is given back when the server closes it, read or not."""

    def __init__(self, system: SystemLike) -> None:
        self._lines = _lines(system)
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._lines

    def close(self) -> None:
        if self._open:
            self._open = False
            STREAMS.leave()


def stream_events(call: Call) -> Response:
    STREAMS.enter(max(1, call.system.config.server.threads // 2))
    response = Response(mimetype="text/event-stream", headers={"X-Accel-Buffering": "no", "Cache-Control": "no-cache"})
    response.response = Feed(call.system)
    response.call_on_close(response.response.close)
    return response


def _lines(system: SystemLike) -> Iterator[bytes]:
    begun = spoken = time.monotonic()
    last = -1
    yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
    while (now := time.monotonic()) - begun < STREAM_SECONDS:
        version = system.state.version()
        if version != last:
            last, spoken = version, now
            yield _event(version)
        elif now - spoken >= HEARTBEAT_SECONDS:
            spoken = now
            yield b"event: alive\ndata: {}\n\n"
        time.sleep(LOOK_SECONDS)


def _event(version: int) -> bytes:
    body = encode({"version": version, "at": iso(time.time())})
    return b"id: %d\nevent: version\ndata: %s\n\n" % (version, body)


ROUTES = (Route("GET", "/events", Role.VIEWER, stream_events, "Follow changes", str, media="text/event-stream"),)
