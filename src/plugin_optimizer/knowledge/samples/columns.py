"""Many samples as columns, and as the rows of the hot table.

A hot row is what one plugin measured at one time: n metric numbers (16 bit), then n values (float64).
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
BYTES_PER_VALUE = 10
HotRow = tuple[int, float, bytes]  # plugin number, time, body


@dataclass(frozen=True, slots=True)
class Columns:
    """Samples in the order of their arrival; all arrays are [n]. Plugins and metrics stand as numbers."""

    plugin: I64
    metric: I64
    at: F64
    value: F64

    def __len__(self) -> int:
        return len(self.at)

    def where(self, mask: NDArray[np.bool_]) -> Self:
        if bool(mask.all()):
            return self
        return type(self)(self.plugin[mask], self.metric[mask], self.at[mask], self.value[mask])

    def between(self, begin: float, end: float) -> Self:
        """Return those of [begin, end]."""
        return self.where((self.at >= begin) & (self.at <= end))

    def by_time(self) -> Self:
        """Return them by time; of equal times the one that arrived last stays last."""
        if bool(np.all(self.at[1:] >= self.at[:-1])):
            return self
        order = np.argsort(self.at, kind="stable")
        return type(self)(self.plugin[order], self.metric[order], self.at[order], self.value[order])

    @classmethod
    def empty(cls) -> Self:
        none = np.empty(0, dtype=np.int64)
        return cls(none, none, np.empty(0), np.empty(0))

    @classmethod
    def join(cls, parts: "Sequence[Columns]") -> Self:
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


def body_of(values: Mapping[int, float]) -> bytes:
    """Return the body of a hot row from values by metric number."""
    return struct.pack(f"<{len(values)}H{len(values)}d", *values, *values.values())


def columns_of(rows: Iterable[HotRow]) -> Columns:
    """Return the samples of hot rows, in their order."""
    by_size: dict[int, list[tuple[int, HotRow]]] = {}
    for position, row in enumerate(rows):
        by_size.setdefault(len(row[2]), []).append((position, row))
    parts = [_same_size(size // BYTES_PER_VALUE, numbered) for size, numbered in by_size.items()]
    joined = Columns.join([part for part, _ in parts])
    if len(parts) < 2:
        return joined
    order = np.argsort(np.concatenate([positions for _, positions in parts]), kind="stable")
    return Columns(joined.plugin[order], joined.metric[order], joined.at[order], joined.value[order])


def _same_size(count: int, numbered: Sequence[tuple[int, HotRow]]) -> tuple[Columns, I64]:
    """Unpack rows of `count` values each, all at once; return them with the position of their row."""
    raw = np.frombuffer(b"".join(row[2] for _, row in numbered), dtype=np.uint8).reshape(len(numbered), -1)
    metric = np.ascontiguousarray(raw[:, : 2 * count]).view("<u2").reshape(-1).astype(np.int64)
    value = np.ascontiguousarray(raw[:, 2 * count :]).view("<f8").reshape(-1)
    plugin = np.repeat(np.array([row[0] for _, row in numbered], dtype=np.int64), count)
    at = np.repeat(np.array([row[1] for _, row in numbered], dtype=np.float64), count)
    position = np.repeat(np.array([position for position, _ in numbered], dtype=np.int64), count)
    return Columns(plugin, metric, at, value), position
