"""How long a request lay before a worker took it: the figure no server's own statistics contain."""

import contextlib
import socket
import struct
from collections.abc import Mapping
from typing import Any

_NAN = float("nan")
_LONGEST_SECONDS = 600.0  # beyond this it is another clock or another connection, not a wait
_SKEW_SECONDS = 1.0  # a proxy's clock may be this much ahead
_LAST_DATA_RECEIVED = struct.Struct("=52xI")  # struct tcp_info: 8 bytes, then 11 words before tcpi_last_data_recv
_MILLISECONDS = 1e-3
_UNITS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3), (1e8, 1.0))  # a time of this century in ns, µs, ms, s


def queue_wait_seconds(environ: Mapping[str, Any], now: float) -> float:
    """Return the wait of a request whose handling begins at `now` (Unix seconds); NaN where it cannot be known.

    A proxy's `X-Request-Start` counts first, since only it saw the client; else the age of the last data
    on the TCP connection, in steps of the kernel's tick (about 4 ms). Unix sockets have no such age.
    """
    header = environ.get("HTTP_X_REQUEST_START")
    if header:
        wait = _since(header, now)
        if wait == wait:
            return wait
    connection = environ.get("gunicorn.socket")
    return _NAN if connection is None else _idle_seconds(connection)


def _since(header: str, now: float) -> float:
    with contextlib.suppress(ValueError):
        stamp = float(header.strip().removeprefix("t="))
        unit = next((unit for least, unit in _UNITS if stamp >= least), 0.0)
        wait = now - stamp * unit
        if -_SKEW_SECONDS <= wait <= _LONGEST_SECONDS:
            return max(0.0, wait)
    return _NAN


def _idle_seconds(connection: socket.socket) -> float:
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_RECEIVED.size)
        wait = _LAST_DATA_RECEIVED.unpack(info)[0] * _MILLISECONDS
    except (OSError, AttributeError, struct.error):
        return _NAN
    return wait if wait <= _LONGEST_SECONDS else _NAN
