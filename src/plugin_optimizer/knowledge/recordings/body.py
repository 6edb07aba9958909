"""Requests as small blobs, bit for bit: the columns of a trace by the codec of the samples."""

from typing import Any

import numpy as np

from ...domain import RequestTrace
from ..samples import codec

WHOLE_NUMBERS = ("status", "error", "context", "pid")


def packed(trace: RequestTrace) -> bytes:
    """Return the requests of a trace (at least one) as a blob."""
    columns = [getattr(trace, name) for name in RequestTrace.__slots__]
    return codec.encode(*(np.ascontiguousarray(column).view(np.float64) for column in columns))


def unpacked(body: bytes) -> RequestTrace:
    """Return the requests of a blob, by arrival."""
    columns: dict[str, Any] = dict(zip(RequestTrace.__slots__, codec.decode(body), strict=True))
    return RequestTrace(**columns | {name: columns[name].view(np.int64) for name in WHOLE_NUMBERS})
