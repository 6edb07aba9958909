"""A ring of fixed-size records in a file: one process writes, any other reads, neither waits for the other.

The file is written with `pwrite` by a background thread, not through a memory map: a full disk or a truncated file
is then an error we can swallow instead of a SIGBUS that kills the application, and dirty-page write-back can
never stall a request.

Layout, little-endian: a header of 64 bytes, then `capacity` records. Record number n (from 1) stands in slot
(n - 1) mod capacity. `begun` is raised before records are overwritten, `done` after: what a reader copied
is whole if its number is at most `done` (read before) and above `begun` - capacity (read after).
"""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from .places import ProcessIdentity

MAGIC = b"PLUGRNG1"
HEADER = struct.Struct("<8sIIQQQQ")  # magic, record bytes, capacity, pid, start ticks, begun, done
HEADER_BYTES = 64
_COUNTER = struct.Struct("<Q")
_BEGUN_AT, _DONE_AT = 32, 40
_LARGEST_CAPACITY = 1 << 22

# arrival (Unix seconds), queue wait, wall, cpu, run delay (seconds, NaN unknown), status, reserved,
# error fingerprint, context id (63 bits each), reserved, number of the record
REQUEST = struct.Struct("<d4f2i4Q")
REQUEST_CAPACITY = 8_192
KEY = struct.Struct("<q")  # hash() of a cache key
KEY_CAPACITY = 65_536


class RingCorrupt(ValueError):
    """The file is no ring of this kind, or was cut off."""


@dataclass(frozen=True, slots=True)
class RingSlice:
    """Whole records `first`, `first` + 1, … as bytes; `lost` were overwritten before they could be read."""

    first: int
    count: int
    records: bytes
    lost: int

    @property
    def last(self) -> int:
        return self.first + self.count - 1


class RingWriter:
    """Writes one ring; used by one thread at a time. Raises OSError when the file cannot be written."""

    def __init__(self, path: Path, record_bytes: int, capacity: int, writer: ProcessIdentity, written: int = 0) -> None:
        self.written = written
        self._record_bytes = record_bytes
        self._capacity = capacity
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        header = HEADER.pack(MAGIC, record_bytes, capacity, writer.pid, writer.start_ticks, written, written)
        os.ftruncate(self._descriptor, HEADER_BYTES + record_bytes * capacity)
        os.pwrite(self._descriptor, header, 0)

    @property
    def unlinked(self) -> bool:
        """Return whether somebody deleted the file under us."""
        return os.fstat(self._descriptor).st_nlink == 0

    def write(self, records: bytes) -> None:
        """Append whole records; of more than the ring holds only the last ones are kept."""
        count = len(records) // self._record_bytes
        skipped = max(0, count - self._capacity)
        begin, end = self.written + skipped, self.written + count
        os.pwrite(self._descriptor, _COUNTER.pack(end), _BEGUN_AT)
        kept = memoryview(records)[skipped * self._record_bytes :]
        slot = begin % self._capacity
        until_end = (self._capacity - slot) * self._record_bytes
        self._put(kept[:until_end], slot)
        self._put(kept[until_end:], 0)
        os.pwrite(self._descriptor, _COUNTER.pack(end), _DONE_AT)
        self.written = end

    def close(self) -> None:
        os.close(self._descriptor)

    def _put(self, records: memoryview, slot: int) -> None:
        if not records:
            return
        written = os.pwrite(self._descriptor, records, HEADER_BYTES + slot * self._record_bytes)
        if written != len(records):
            raise OSError("a ring was written in part; the disk may be full")


def read_ring(path: Path, record_bytes: int, after: int = 0) -> RingSlice:
    """Return the whole records with a number above `after`, oldest first.

    Where the ring holds fewer records than `after`, it is a new one and read from its beginning.
    Raises RingCorrupt, OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        capacity, done = _header(descriptor, record_bytes)
        after = after if after <= done else 0
        begin = max(after, done - capacity)
        copied = _copy(descriptor, record_bytes, capacity, begin, done)
        begun = _COUNTER.unpack(_exactly(descriptor, _COUNTER.size, _BEGUN_AT))[0]
    finally:
        os.close(descriptor)
    whole = min(max(begin, begun - capacity), done)
    return RingSlice(whole + 1, done - whole, copied[(whole - begin) * record_bytes :], whole - after)


def _header(descriptor: int, record_bytes: int) -> tuple[int, int]:
    magic, found_bytes, capacity, _, _, _, done = HEADER.unpack(_exactly(descriptor, HEADER.size, 0))
    if magic != MAGIC or found_bytes != record_bytes or not 0 < capacity <= _LARGEST_CAPACITY:
        raise RingCorrupt(f"not a ring of records of {record_bytes} bytes")
    if os.fstat(descriptor).st_size != HEADER_BYTES + record_bytes * capacity:
        raise RingCorrupt("the ring was cut off")
    return capacity, done


def _copy(descriptor: int, record_bytes: int, capacity: int, begin: int, done: int) -> bytes:
    slot = begin % capacity
    first = min(done - begin, capacity - slot)
    offset = HEADER_BYTES + slot * record_bytes
    return _exactly(descriptor, first * record_bytes, offset) + _exactly(
        descriptor, (done - begin - first) * record_bytes, HEADER_BYTES
    )


def _exactly(descriptor: int, size: int, offset: int) -> bytes:
    content = os.pread(descriptor, size, offset)
    if len(content) != size:
        raise RingCorrupt("the ring was cut off")
    return content
