"""Answers made smaller on their way, where whoever asks can read gzip."""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Response, request

from .mount import text_at

TEXTS = frozenset({".css", ".html", ".js", ".json", ".svg", ".txt"})
LEAST_BYTES = 1000  # below it the saving is less than a packet, and an answer that holds a secret stays out of it
FILE_LEVEL, ANSWER_LEVEL = (
    9,
    4,
)  # a file is compressed once; an answer each time, where higher levels cost more than they save


def wants_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0


@lru_cache(maxsize=512)
def gzipped_file(file: Path, modified_ns: int, mount: str) -> bytes:  # noqa: ARG001 - a rebuilt file is compressed anew
    """Return a text file below a mount in gzip's form; the same bytes each time."""
    return gzip.compress(text_at(file, mount).encode(), FILE_LEVEL, mtime=0)


def compressed(response: Response) -> Response:
    """Compress a whole answer in place; streams and small answers stay as they are."""
    response.vary.add("Accept-Encoding")
    if not response.is_sequence or not wants_gzip() or "Content-Encoding" in response.headers:
        return response
    body = response.get_data()
    if len(body) >= LEAST_BYTES:
        response.set_data(gzip.compress(body, ANSWER_LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
