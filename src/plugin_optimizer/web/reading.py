"""Reading a request: strict query strings and bodies, within limits."""

from typing import Any, TypeVar

import msgspec
from flask import Request
from werkzeug.datastructures import MultiDict

from .problem import Problem
from .route import Nothing, Strict

BODY_LIMIT_BYTES = 256 * 1024
QUERY_LIMIT_BYTES = 4096
PARAMETER_LIMIT = 50
NUMBER_LIMIT = 10**15  # what a JSON reader keeps exactly, with room to spare
DEPTH_LIMIT = 32

Kind = TypeVar("Kind", bound=Strict)


def read_query(request: Request, kind: type[Kind]) -> Kind:
    """Return the query string as `kind`; raise Problem 400 for unknown, repeated or unfit parameters."""
    if len(request.query_string) > QUERY_LIMIT_BYTES:
        raise Problem(414, "uri_too_long", f"the query string may have {QUERY_LIMIT_BYTES} bytes")
    known = {f.encode_name for f in msgspec.structs.fields(kind)} | {"lang"}
    for name in request.args:
        if name not in known:
            expected = ", ".join(sorted(known))
            raise Problem(400, "unknown_parameter", f"{name[:80]!r} is not a parameter here; known are {expected}")
    return msgspec.convert(_plain(request.args, kind), kind, strict=False)


def read_body(request: Request, kind: type[Kind] | None) -> Kind | None:
    """Return the body as `kind`; raise Problem 400, 413 or 415. An empty body stands for no fields."""
    raw = _capped(request)
    if not raw.strip():
        return msgspec.convert({}, kind) if kind is not None else None
    if request.mimetype != "application/json":
        raise Problem(415, "unsupported_media_type", "send the body as application/json")
    document = msgspec.json.decode(raw)
    refuse_monsters(document)
    if not isinstance(document, dict):
        raise Problem(400, "invalid_field", "the body must be a JSON object")
    wanted: type[Strict] = kind or Nothing
    return msgspec.convert(document, wanted)  # type: ignore[return-value]


def refuse_monsters(value: Any, depth: int = 0) -> None:
    """Raise Problem 400 where a document nests too deep or holds a number too large to be kept exactly."""
    if depth > DEPTH_LIMIT:
        raise Problem(400, "malformed_json", f"the body nests deeper than {DEPTH_LIMIT} levels")
    if isinstance(value, float | int) and not abs(value) <= NUMBER_LIMIT:  # also true of NaN
        raise Problem(400, "number_out_of_range", f"numbers must lie within ±{NUMBER_LIMIT:.0e}")
    if isinstance(value, str) and "\x00" in value:
        raise Problem(400, "invalid_field", "texts may not hold the NUL character")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        refuse_monsters(item, depth + 1)


def _plain(arguments: MultiDict[str, str], kind: type[Strict]) -> dict[str, object]:
    many = {f.encode_name for f in msgspec.structs.fields(kind) if "tuple" in str(f.type)}
    plain: dict[str, object] = {}
    for name in arguments:
        values = arguments.getlist(name)
        if name == "lang":
            continue
        if len(values) > (PARAMETER_LIMIT if name in many else 1):
            raise Problem(400, "repeated_parameter", f"{name!r} is given too often")
        refuse_monsters(values)
        plain[name] = values if name in many else values[0]
    return plain


def _capped(request: Request) -> bytes:
    too_large = Problem(413, "content_too_large", f"the body may have {BODY_LIMIT_BYTES} bytes")
    if (request.content_length or 0) > BODY_LIMIT_BYTES:
        raise too_large
    raw: bytes = request.stream.read(BODY_LIMIT_BYTES + 1)
    if len(raw) > BODY_LIMIT_BYTES:
        raise too_large
    return raw
