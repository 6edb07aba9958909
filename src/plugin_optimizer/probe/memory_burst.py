"""Which lines allocate what stays, for a few seconds: Python's own tracemalloc, begun and ended by us."""

import gc
import os
import sys
import tracemalloc
from collections.abc import Iterable

from .profile import MemoryEntry
from .stacks import PYTHON, package_of

TRACES_BYTES_AT_MOST = 128 << 20  # of tracemalloc itself; there the burst ends early
LINES_KEPT = 50


class AlreadyTracing(RuntimeError):
    """Somebody else traces allocations in this process: ending that would take his figures away."""


class MemoryBurst:
    """Traces allocations from its making to `end`. What is freed again in between counts nothing."""

    def __init__(self) -> None:
        """Raises AlreadyTracing."""
        if tracemalloc.is_tracing():
            raise AlreadyTracing
        _begin()
        self.peak_bytes = self.kept_bytes = 0
        self.full = False

    def look(self) -> None:
        """Take note of how much is traced, and whether that has become too much."""
        self.kept_bytes, self.peak_bytes = tracemalloc.get_traced_memory()
        self.full = tracemalloc.get_tracemalloc_memory() > TRACES_BYTES_AT_MOST

    def end(self) -> list[MemoryEntry]:
        """Return the lines whose allocations are still there, largest first, and trace no more.

        Cycles that nobody can reach are collected before, so that they count nothing. Takes a pause of the whole process: the longer,
        the more was allocated.
        """
        try:
            gc.collect()
            self.look()
            found = tracemalloc.take_snapshot().statistics("lineno")
        finally:
            _end()
        entries = (_entry(one.traceback[0].filename, one.traceback[0].lineno, one.size, one.count) for one in found)
        return _largest(entry for entry in entries if entry.place.rpartition(":")[0] != tracemalloc.__file__)


_ours = False


def _begin() -> None:
    global _ours  # noqa: PLW0603 - tracemalloc is one per process
    tracemalloc.start(1)
    _ours = True


def _end() -> None:
    """End what we began; also in a child that was forked meanwhile, where nobody would."""
    global _ours  # noqa: PLW0603 - as above
    if _ours:
        tracemalloc.stop()
    _ours = False


os.register_at_fork(after_in_child=_end)


def _entry(filename: str, line: int, size: int, count: int) -> MemoryEntry:
    module = _module_of(filename)
    return MemoryEntry(package_of(module) or PYTHON, f"{filename}:{line}", size, count)


def _module_of(filename: str) -> str:
    """Return the module a file holds, as far as its path tells: what follows the folder that packages are installed in."""
    for folder in ("/site-packages/", "/dist-packages/"):
        if folder in filename:
            return filename.partition(folder)[2].removesuffix(".py").replace("/", ".")
    return _modules().get(filename, filename.rpartition("/")[2].removesuffix(".py"))


def _modules() -> dict[str, str]:
    found = ((getattr(module, "__file__", None), name) for name, module in list(sys.modules.items()))
    return {file: name for file, name in found if file}


def _largest(entries: Iterable[MemoryEntry]) -> list[MemoryEntry]:
    """Keep the largest lines; what the others of each package hold is one entry."""
    ordered = sorted(entries, key=lambda entry: -entry.size_bytes)
    rest: dict[str, list[int]] = {}
    for entry in ordered[LINES_KEPT:]:
        counted = rest.setdefault(entry.package, [0, 0])
        counted[0] += entry.size_bytes
        counted[1] += entry.blocks
    return [*ordered[:LINES_KEPT], *(MemoryEntry(package, "", size, count) for package, (size, count) in rest.items())]
