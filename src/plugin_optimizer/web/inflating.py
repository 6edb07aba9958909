"""Reading what a sender posts, compressed or not: never more of it than is allowed, whatever it says of its size."""

import zlib

from flask import Request

from ..monitor.reported.limits import MetricsIn
from .problem import Problem

CHUNK_BYTES = 65_536
GZIP_WINDOW = 31  # gzip's header and checksum are expected


def read_sent(request: Request, limits: MetricsIn) -> bytes:
    """Return the body, decompressed. Raises Problem 400, 413 or 415."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower() or "identity"
    if encoding not in {"identity", "gzip"}:
        raise Problem(
            415, "unsupported_encoding", f"Content-Encoding is {encoding[:40]!r}; expected gzip or none, once"
        )
    if (request.content_length or 0) > limits.body_bytes:
        raise _too_large(limits.body_bytes, "as it is sent")
    raw = bytearray()
    while piece := request.stream.read(CHUNK_BYTES):
        raw += piece
        if len(raw) > limits.body_bytes:
            raise _too_large(limits.body_bytes, "as it is sent")
    return inflated(bytes(raw), limits) if encoding == "gzip" else bytes(raw)


def inflated(raw: bytes, limits: MetricsIn) -> bytes:
    """Return what was compressed by gzip, once. Raises Problem: 413 beyond size or ratio, 400 for what is no whole gzip."""
    # What might as well have been sent uncompressed does no harm, however well it was compressed.
    most = min(limits.inflated_bytes, max(limits.body_bytes, limits.inflation_ratio * len(raw)))
    inflating = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = inflating.decompress(raw, most + 1)
    except zlib.error as error:
        raise Problem(400, "malformed_gzip", f"the body is no gzip stream ({error})") from error
    if len(body) > most:
        if most < limits.inflated_bytes:
            ratio = f"it decompresses to more than {limits.inflation_ratio} times its size"
            raise Problem(413, "inflation_too_large", f"{ratio}; send it uncompressed, or in several requests")
        raise _too_large(limits.inflated_bytes, "decompressed")
    if not inflating.eof or inflating.unused_data:
        raise Problem(
            400, "malformed_gzip", "the body is not one whole gzip stream: it is cut off, or something follows"
        )
    return body


def _too_large(most: int, how: str) -> Problem:
    return Problem(413, "content_too_large", f"the body may have {most} bytes {how}; send it in several requests")
