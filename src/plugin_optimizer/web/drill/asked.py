"""What the process is asked, and what it answers: JSON over its standard input and output."""

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`values` by row, null is missing; the shape that is sought is `rows` long and begins at `first`, null: around the last change."""

    values: tuple[float | None, ...]
    rows: int
    first: int | None


class FoundSegment(msgspec.Struct, frozen=True, kw_only=True):
    first: int
    last: int
    level: float
    spread: float


class FoundAlike(msgspec.Struct, frozen=True, kw_only=True):
    first: int
    correlation: float


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`first`: where the shape that was sought begins, null where none fits. `missing`: a library that is not installed."""

    segments: tuple[FoundSegment, ...] = ()
    first: int | None = None
    alike: tuple[FoundAlike, ...] = ()
    missing: str | None = None
