"""Which kind of request it was: method, route, Blueprint and the attributes the application named, as one number."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl

Values = tuple[tuple[str, str], ...]

OTHER = "other"
BLUEPRINT = "blueprint"
_DISTINCT_AT_MOST = 32  # values per attribute; more would be identities, not kinds
_CONTEXTS_AT_MOST = 1_000
_VALUE_LENGTH = 64
_QUERY_LENGTH = 4_096
_63_BITS = (1 << 63) - 1


class Contexts:
    """Numbers combinations of attributes. The number is a digest: all processes agree on it. 0 is "too many".

    Thread-safe under the GIL: two threads may number the same combination at once, and do it alike.
    """

    def __init__(self, attributes: tuple[str, ...], on_new: Callable[[int, Values], None]) -> None:
        self.known: dict[Values, int] = {}
        self._shortcuts: dict[tuple[str, ...], int] = {}
        self._names = ("method", "route", BLUEPRINT, *attributes)
        self.blueprints: set[str] = set()  # that requests were served by
        self._attributes = tuple((name, "HTTP_" + name.upper().replace("-", "_")) for name in attributes)
        self._seen: dict[str, set[str]] = {}
        self._on_new = on_new

    def of(self, environ: Mapping[str, Any], route: str, blueprint: str = "") -> int:
        """Return the number of this request's combination.

        `route` is the rule that matched and `blueprint` the name of the Blueprint it belongs to, '' if there is none.
        """
        method = environ.get("REQUEST_METHOD", "")
        raw = (method, route, blueprint)
        raw = (*raw, *self._named(environ)) if self._attributes else raw
        context = self._shortcuts.get(raw)
        return self._number(raw) if context is None else context

    def _named(self, environ: Mapping[str, Any]) -> list[str]:
        text = environ.get("QUERY_STRING", "")
        query = dict(parse_qsl(text[:_QUERY_LENGTH])) if text else {}
        found = (query.get(name) or environ.get(header) or "" for name, header in self._attributes)
        return [str(value)[:_VALUE_LENGTH] for value in found]

    def _number(self, raw: tuple[str, ...]) -> int:
        named = ((name, value) for name, value in zip(self._names, raw, strict=True) if value or name != BLUEPRINT)
        values = tuple((name, self._bounded(name, value)) for name, value in named)
        if raw[2]:
            self.blueprints.add(raw[2])
        context = self.known.get(values)
        if context is None:
            context = self._add(values)
        if len(self._shortcuts) < _CONTEXTS_AT_MOST:
            self._shortcuts[raw] = context
        return context

    def _bounded(self, attribute: str, value: str) -> str:
        if attribute in ("route", BLUEPRINT):  # the application's own words, not what clients send
            return value
        seen = self._seen.setdefault(attribute, set())
        if value not in seen:
            if len(seen) >= _DISTINCT_AT_MOST:
                return OTHER
            seen.add(value)
        return value

    def _add(self, values: Values) -> int:
        if len(self.known) >= _CONTEXTS_AT_MOST:
            return 0
        digest = blake2b(repr(values).encode("utf-8", "replace"), digest_size=8).digest()
        context = self.known[values] = int.from_bytes(digest) & _63_BITS or 1
        self._on_new(context, values)
        return context
