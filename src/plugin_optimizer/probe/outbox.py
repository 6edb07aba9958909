"""The files of one process of one plugin, as its background thread writes them."""

import re
from array import array
from collections.abc import Sequence
from pathlib import Path

from .journal import Journal
from .places import ProcessIdentity, make_private, process_directory, write_atomically
from .report import Report, encode
from .ring import KEY, KEY_CAPACITY, REQUEST, REQUEST_CAPACITY, RingWriter

# arrival, queue wait, wall, cpu, run delay, status, error, context
RequestRecord = tuple[float, float, float, float, float, int, int, int]


class Outbox:
    """Creates each file when there is something to put into it. Every method raises OSError where it cannot."""

    def __init__(self, root: Path, plugin: str, process: ProcessIdentity, previous: "Outbox | None" = None) -> None:
        directory = process_directory(root, plugin)
        make_private(root, directory)
        self.process = process
        self._stem = str(directory / str(process))
        self._rings: dict[str, RingWriter] = {}
        # numbers go on where a deleted file ended, so that a reader takes nothing twice
        self._numbers = {} if previous is None else previous._written()  # noqa: SLF001 - our own past
        if previous is not None:
            previous.close()

    @property
    def lost(self) -> bool:
        """Return whether somebody deleted our files while we were writing them."""
        return any(ring.unlinked for ring in self._rings.values())

    def requests(self, records: Sequence[RequestRecord]) -> None:
        if not records:
            return
        ring = self._ring("ring", REQUEST.size, REQUEST_CAPACITY)
        numbered = enumerate(records, ring.written + 1)
        ring.write(
            b"".join(REQUEST.pack(*record[:6], 0, *record[6:], 0, number) for number, record in numbered),
        )

    def keys(self, cache: str, hashes: "array[int]") -> None:
        if hashes:
            self._ring(f"cache-{file_name(cache)}.ring", KEY.size, KEY_CAPACITY).write(hashes.tobytes())

    def journal(self, journal: Journal) -> None:
        journal.write(Path(self._stem + ".log.jsonl"))

    def report(self, report: Report) -> None:
        write_atomically(Path(self._stem + ".report.json"), encode(report))

    def close(self) -> None:
        for ring in self._rings.values():
            ring.close()
        self._rings.clear()

    def _ring(self, suffix: str, record_bytes: int, capacity: int) -> RingWriter:
        ring = self._rings.get(suffix)
        if ring is None:
            path = Path(f"{self._stem}.{suffix}")
            ring = RingWriter(path, record_bytes, capacity, self.process, self._numbers.get(suffix, 0))
            self._rings[suffix] = ring
        return ring

    def _written(self) -> dict[str, int]:
        return {**self._numbers, **{suffix: ring.written for suffix, ring in self._rings.items()}}


def file_name(cache: str) -> str:
    """Return the part of a file's name that stands for a cache."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", cache)[:64]
