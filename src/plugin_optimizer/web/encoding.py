"""JSON as we send it: UTF-8, NaN as null, and headers that keep an answer from being misused."""

from collections.abc import Mapping

import msgspec
from flask import Response, request

from .compression import compressed
from .problem import MEDIA_TYPE, Problem, document
from .route import Answer

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
API_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Accept-Language, Authorization, Cookie",
}


def encode(value: object) -> bytes:
    """Return JSON. NaN and infinities become null; numpy numbers become plain ones."""
    return msgspec.json.encode(value, enc_hook=_plain)


def response_from(answer: Answer | Response) -> Response:
    if isinstance(answer, Response):
        return guarded(answer)
    response = Response(encode(answer.value), answer.status, mimetype="application/json")
    response.headers.update(answer.headers)
    return compressed(guarded(response))


def problem_response(problem: Problem, seed_errors: bool) -> Response:
    """Return the problem document; `seed_errors` adds the `success` and `message` that the seed's callers read."""
    members = document(problem, request.path)
    if seed_errors:
        members |= {"success": False, "message": problem.detail}
    response = Response(encode(members), problem.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    return guarded(response)


def guarded(response: Response) -> Response:
    for name, value in {**SECURITY_HEADERS, **API_HEADERS}.items():
        response.headers.setdefault(name, value)
    return response


def _plain(value: object) -> object:
    item = getattr(value, "item", None)
    if callable(item):
        return item()
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")
