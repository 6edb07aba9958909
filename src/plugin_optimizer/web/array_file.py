"""Answers that are sent as they are read, as files to be kept."""

from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

from .encoding import encode


def array(views: Iterable[object]) -> Iterator[bytes]:
    """Yield a JSON array, element by element."""
    separator = b"["
    for view in views:
        yield separator + encode(view)
        separator = b",\n"
    yield b"]\n" if separator != b"[" else b"[]\n"


def as_file(content: Iterable[bytes], media: str, name: str) -> Response:
    """Return what is saved under that name."""
    response = Response(stream_with_context(iter(content)), mimetype=media)  # links need the request
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
