"""Lists in pages: keyset by the id of the last row, announced by a Link header (RFC 8288)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import request

from ..domain import NotFound
from .problem import Problem

Limit = Annotated[int, msgspec.Meta(ge=1, le=500)]
Identifier = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Row = TypeVar("Row")
STORE_PAGE = 500
TOTAL = "Total-Count"


def page(
    fetch: Callable[[int, str | None], Sequence[Row]],
    wanted: Callable[[Row], bool],
    identify: Callable[[Row], str],
    limit: int,
    after: str | None,
) -> tuple[list[Row], Mapping[str, str]]:
    """Return up to `limit` rows that are `wanted`, and the Link header if there are more.

    `fetch(limit, after)` reads the store, newest first. Raises Problem 400 for an unknown `after`.
    """
    found: list[Row] = []
    cursor = after
    while len(found) <= limit:
        rows = _fetched(fetch, cursor)
        found += [row for row in rows if wanted(row)]
        if len(rows) < STORE_PAGE:
            break
        cursor = identify(rows[-1])
    return found[:limit], next_page(identify(found[limit - 1]) if len(found) > limit else None)


def _fetched(fetch: Callable[[int, str | None], Sequence[Row]], cursor: str | None) -> Sequence[Row]:
    try:
        return fetch(STORE_PAGE, cursor)
    except NotFound as error:
        raise Problem(400, "invalid_field", f"after is {cursor!r}, which is no id of this list") from error


def next_page(last_id: str | None) -> Mapping[str, str]:
    """Return the Link header to what follows `last_id`; none for None."""
    return {} if last_id is None else _next("after", last_id)


def next_offset(offset: int) -> Mapping[str, str]:
    """Return the Link header to what stands from `offset` on, for lists whose order is not that of their ids."""
    return _next("offset", str(offset))


def _next(name: str, value: str) -> Mapping[str, str]:
    query = [(k, v) for k, v in request.args.items(multi=True) if k != name] + [(name, value)]
    return {"Link": f'<{request.path}?{urlencode(query)}>; rel="next"'}
