"""A stretch of time as it is asked for: `from` and `to`, the last half hour where neither is given."""

from typing import Annotated

import msgspec

from .moment import unix
from .problem import Problem
from .route import Call

DEFAULT_SECONDS = 1800.0
SPAN_LIMIT_SECONDS = 400 * 86_400.0
Moment = Annotated[str, msgspec.Meta(max_length=40)]


def span(call: Call, begin: str | None, end: str | None) -> tuple[float, float]:
    """Return both ends in Unix seconds. Raises Problem 400 for an unreadable, empty or too long one."""
    last = unix(end, "to") if end is not None else call.now
    first = unix(begin, "from") if begin is not None else last - DEFAULT_SECONDS
    if not 0 < last - first <= SPAN_LIMIT_SECONDS:
        raise Problem(400, "invalid_time", "from must lie before to, by at most 400 days")
    return first, last
