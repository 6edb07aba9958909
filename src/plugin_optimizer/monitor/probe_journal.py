"""Reads what the numbers in a probe's records stand for: contexts and errors, from the journals it writes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..domain import Attributes, ErrorGroup

_BYTES_AT_MOST = 4 << 20  # several times what a probe writes
_CONTEXTS_AT_MOST = 5_000
_ERRORS_AT_MOST = 1_000
_NUMBERS = 1 << 63


@dataclass(slots=True)
class ProbeJournal:
    """What the journals of one plugin's processes have said so far. `skipped` counts lines that say nothing."""

    contexts: dict[int, Attributes] = field(default_factory=dict)
    errors: dict[int, ErrorGroup] = field(default_factory=dict)
    skipped: int = 0
    raised_in: dict[int, set[str]] = field(default_factory=dict)  # Blueprints, by the error's fingerprint
    _read: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def take(self, path: Path) -> None:
        """Read what was added to a journal since the last time, or all of it if it was begun anew.

        Raises OSError if it cannot be read.
        """
        with path.open("rb") as file:
            found = path.stat()
            inode, offset = self._read.get(path, (0, 0))
            file.seek(offset if inode == found.st_ino and offset <= found.st_size else 0)
            content = file.read(_BYTES_AT_MOST)
            whole = content.rfind(b"\n") + 1  # the last line may be half-written
            self._read[path] = (found.st_ino, file.tell() - len(content) + whole)
        for line in content[:whole].splitlines():
            self._take_line(line)

    def forget(self, path: Path) -> None:
        self._read.pop(path, None)

    def saw(self, fingerprint: int, at: float) -> None:
        """Note that an error of this kind was recorded at `at`; journals hold the first few of a minute only."""
        known = self.errors.get(fingerprint)
        if known is not None and at > known.last_seen:
            self.errors[fingerprint] = replace(known, last_seen=at)

    def _take_line(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            if entry["kind"] == "context":
                self._take_context(entry)
            elif entry["kind"] == "error":
                self._take_error(entry)
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            self.skipped += 1

    def _take_context(self, entry: dict[str, Any]) -> None:
        context = _number(entry["context"])
        if len(self.contexts) < _CONTEXTS_AT_MOST:
            self.contexts[context] = Attributes(context, tuple(_pairs(entry["values"])))

    def _take_error(self, entry: dict[str, Any]) -> None:
        fingerprint, at = _number(entry["fingerprint"]), float(entry["at"])
        group = ErrorGroup(
            fingerprint=fingerprint,
            exception=str(entry["exception"])[:200],
            message=str(entry["message"])[:500],
            frames=tuple(str(frame)[:300] for frame in entry["frames"]),
            first_seen=at,
            last_seen=at,
        )
        if "blueprint" in entry:
            self.raised_in.setdefault(fingerprint, set()).add(str(entry["blueprint"])[:200])
        known = self.errors.get(fingerprint)
        if known is not None:
            newer = group if at >= known.last_seen else known
            first, last = min(known.first_seen, at), max(known.last_seen, at)
            group = replace(newer, first_seen=first, last_seen=last)
        self.errors[fingerprint] = group
        if len(self.errors) > _ERRORS_AT_MOST:
            oldest = min(self.errors, key=lambda number: self.errors[number].last_seen)
            del self.errors[oldest]
            self.raised_in.pop(oldest, None)


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _NUMBERS:
        raise ValueError(f"expected a number of 63 bits, not {value!r}")
    return value


def _pairs(values: Any) -> Iterator[tuple[str, str]]:
    for name, value in values:
        yield str(name), str(value)
