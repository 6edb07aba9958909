"""Which kind of request it was: method, route, and the attributes the application named, as one number."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl

Values = tuple[tuple[str, str], ...]

OTHER = "other"
_DISTINCT_AT_MOST = 32  # values per attribute; more would be identities, not kinds
_CONTEXTS_AT_MOST = 1_000
_VALUE_LENGTH = 64
_QUERY_LENGTH = 4_096
_63_BITS = (1 << 63) - 1


class Contexts:
    """Numbers combinations of attributes. The number is a digest: all processes agree on it. 0 is "too many"."""

    def __init__(self, attributes: tuple[str, ...], on_new: Callable[[int, Values], None]) -> None:
        self.known: dict[Values, int] = {}
        self._attributes = tuple((name, "HTTP_" + name.upper().replace("-", "_")) for name in attributes)
        self._seen: dict[str, set[str]] = {}
        self._on_new = on_new

    def of(self, environ: Mapping[str, Any]) -> int:
        values = self._values(environ)
        context = self.known.get(values)
        return self._add(values) if context is None else context

    def _values(self, environ: Mapping[str, Any]) -> Values:
        method = ("method", self._bounded("method", environ.get("REQUEST_METHOD", "")))
        common = (method, ("route", _route(environ)))
        if not self._attributes:
            return common
        query = _query(environ)
        named = ((name, query.get(name) or environ.get(header) or "") for name, header in self._attributes)
        return common + tuple((name, self._bounded(name, str(value)[:_VALUE_LENGTH])) for name, value in named)

    def _bounded(self, attribute: str, value: str) -> str:
        seen = self._seen.setdefault(attribute, set())
        if value in seen:
            return value
        if len(seen) >= _DISTINCT_AT_MOST:
            return OTHER
        seen.add(value)
        return value

    def _add(self, values: Values) -> int:
        if len(self.known) >= _CONTEXTS_AT_MOST:
            return 0
        digest = blake2b(repr(values).encode("utf-8", "replace"), digest_size=8).digest()
        context = int.from_bytes(digest) & _63_BITS or 1
        self.known[values] = context
        self._on_new(context, values)
        return context


def _route(environ: Mapping[str, Any]) -> str:
    """Return the rule Flask matched; never the path itself, which may hold identities."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return str(getattr(rule, "rule", ""))


def _query(environ: Mapping[str, Any]) -> Mapping[str, str]:
    query = environ.get("QUERY_STRING", "")
    return dict(parse_qsl(query[:_QUERY_LENGTH])) if query else {}
