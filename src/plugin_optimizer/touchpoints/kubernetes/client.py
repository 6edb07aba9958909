"""One request to the API server of a cluster, and what its answer means for a caller of a touchpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from ...domain import Gone, OptimizerError, Unobservable
from ...http_exchange import HttpAnswer, HttpRequest, Limits, exchange, printable
from .access import Access

MOST_ANSWER_BYTES = 16 * 1024 * 1024  # a list of some thousand pods
MANAGER = "plugin-optimizer"  # under this name the API server keeps which fields are ours
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
FORBIDDEN, NOT_FOUND, CONFLICT, INVALID = 403, 404, 409, 422
Document = Mapping[str, Any]


class Forbidden(Unobservable):
    """The cluster knows us and does not let us."""


class Moved(Unobservable):
    """The object changed after it was read (409): nothing happened."""


class Declined(OptimizerError):
    """The API server says that it does not take a change. Whether that is so shows the next look."""


class Absent(Gone):
    """There is no such object, or no such API in this cluster."""


@dataclass(frozen=True, slots=True)
class ClusterClient:
    """Speaks to one cluster as one identity."""

    access: Access
    seconds: float

    def get(self, path: str, **query: str) -> Document:
        """Raises Absent, Forbidden, Unobservable."""
        return self._read(self._send("GET", path, query))

    def create(self, path: str, document: Document) -> Document:
        """Post a question that is answered and not kept (a review). Raises as `get`."""
        return self._read(self._send("POST", path, {}, document))

    def patch(self, path: str, document: Document, kind: str) -> None:
        """Change an object; `document` carries its `resourceVersion`. Raises Moved (409), Declined (4xx), else as `get`."""
        query = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
        answer = self._send("PATCH", path, query, document, kind)
        if answer.status == CONFLICT:
            raise Moved(_said(answer))
        if answer.status in (FORBIDDEN, INVALID, 400):
            raise Declined(_said(answer))
        self._read(answer)

    def _send(
        self, method: str, path: str, query: Mapping[str, str], document: Document | None = None, kind: str = ""
    ) -> HttpAnswer:
        headers = {"Content-Type": kind or "application/json"} if document is not None else {}
        if token := self.access.bearer():
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self.access.server}{path}" + (f"?{urlencode(query)}" if query else "")
        body = msgspec.json.encode(document) if document is not None else None
        limits = Limits(self.seconds, MOST_ANSWER_BYTES)
        try:
            return exchange(HttpRequest(method, url, body, headers), limits, self.access.tls)
        except Gone as error:  # it is the API server that is gone: of the plugin nothing is known
            raise Unobservable(f"the API server does not answer: {error}") from error

    def _read(self, answer: HttpAnswer) -> Document:
        if answer.status == NOT_FOUND:
            raise Absent(_said(answer))
        if answer.status in (401, FORBIDDEN):
            raise Forbidden(_said(answer))
        if not 200 <= answer.status < 300:
            raise Unobservable(f"the API server answered {_said(answer)}")
        try:
            return msgspec.json.decode(answer.body, type=dict[str, Any])
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise Unobservable(f"the API server answered no JSON object: {error}") from error


def _said(answer: HttpAnswer) -> str:
    """Return the sentence of a Status object, else the beginning of what came."""
    try:
        message = msgspec.json.decode(answer.body, type=dict[str, Any]).get("message")
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        message = None
    return printable(f"{answer.status}: {message}") if message else answer.shown
