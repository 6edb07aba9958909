"""Reads what is asked from standard input, and writes what was found to standard output."""

import sys

import msgspec
import numpy as np

from ...models.drill import Segment, alike, segments
from .asked import Asked, Found, FoundAlike, FoundSegment


def main() -> None:
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    try:
        found = _found(asked)
    except ImportError as error:
        found = Found(missing=error.name or str(error))
    sys.stdout.buffer.write(msgspec.json.encode(found))


def _found(asked: Asked) -> Found:
    values = np.array([np.nan if value is None else value for value in asked.values], dtype=np.float64)
    cut = segments(values)
    first = _around_last_change(cut, asked.rows, len(values)) if asked.first is None else asked.first
    like = alike(values, first, asked.rows) if first is not None else []
    return Found(
        segments=tuple(FoundSegment(first=s.first, last=s.last, level=s.level, spread=s.spread) for s in cut),
        first=first,
        alike=tuple(FoundAlike(first=one.first, correlation=one.correlation) for one in like),
    )


def _around_last_change(cut: list[Segment], rows: int, count: int) -> int | None:
    """Return where a shape begins that holds the last change in its middle, as far as the series goes."""
    middle = cut[-1].first if len(cut) > 1 else count
    first = min(middle - rows // 2, count - rows)
    return first if first >= 0 else None


if __name__ == "__main__":
    main()
