"""Errors as `application/problem+json` (RFC 9457), mapped from the domain's errors in one place."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import msgspec
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from .. import domain

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
FIELD = re.compile(r"`\$\.(\w+)")  # as msgspec names the place of what does not fit
# The conflicts that HTTP has a better word for than 409.
CONFLICTS = {"expired": 410, "revision_required": 428, "key_reused": 422}


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is not what was asked for. `code` is stable, `detail` says what would have been right."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, object] = field(default_factory=dict)  # beside the standard ones

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"


# The first class that fits decides; subclasses stand before their bases.
_DOMAIN: tuple[tuple[type[Exception], int, str], ...] = (
    (domain.NotFound, 404, "not_found"),
    (domain.Stale, 412, "stale"),
    (domain.Conflict, 409, "conflict"),
    (domain.Refused, 409, "refused"),
    (domain.Gone, 409, "plugin_gone"),
    (domain.Unobservable, 503, "unobservable"),
    (domain.InvalidValue, 400, "invalid_value"),
    (domain.ConfigError, 400, "invalid_setting"),
    (domain.OptimizerError, 500, "internal"),
    (msgspec.ValidationError, 400, "invalid_field"),
    (msgspec.DecodeError, 400, "malformed_json"),
    (RecursionError, 400, "malformed_json"),
)


def problem_from(error: Exception) -> Problem:
    """Return what to answer to an error; what nobody expected is logged and answered without its text."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _from_http(error)
    if isinstance(error, OperationalError | domain.Unavailable):
        log.error("the state could not be reached: %s", error)
        detail = "the database did not answer in time; whether a change came through is not known: send the same again"
        return Problem(503, "state_unavailable", detail, {"Retry-After": "2"})
    for kind, status, code in _DOMAIN:
        if isinstance(error, kind):
            return _from_domain(error, status, code)
    log.error("an unexpected error", exc_info=error)
    return Problem(500, "internal", "the server failed; its log says why")


def document(problem: Problem, instance: str) -> dict[str, object]:
    """Return the members of the problem document."""
    return {
        "type": f"urn:plugin-optimizer:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": instance,
        "code": problem.code,
        **problem.members,
    }


def _from_domain(error: Exception, status: int, code: str) -> Problem:
    """Return the problem; a conflict names its own code."""
    if isinstance(error, domain.Conflict):
        code = error.code
        status = CONFLICTS.get(code, status)
    members = _field_of(error) if isinstance(error, msgspec.ValidationError) else {}
    return Problem(status, code, str(error) or HTTPStatus(status).phrase, members=members)


def _field_of(error: msgspec.ValidationError) -> Mapping[str, object]:
    """Return the field that an error is about, so that a form can show it there."""
    found = FIELD.search(str(error))
    if found is None:
        return {}
    return {"errors": [{"field": found[1], "plugin_id": None, "code": "invalid_field", "text": str(error)}]}


def _from_http(error: HTTPException) -> Problem:
    status = error.code or 500
    code = HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    return Problem(status, code, error.description or HTTPStatus(status).phrase)
