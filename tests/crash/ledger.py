"""The effect ledger: what reached the target, in order, written by the target itself and outliving every engine."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .case import BEFORE, append_line

LAG_SECONDS = 0.15  # from the order to the moment it shows


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `kind`: `turn` (an order that takes effect), `lost` (one that does not), `persist`, `foreign`,
    `applied` (the application runs with it), `died`, `missed`, `stop`. `at` is CLOCK_MONOTONIC.

    `fence` is the record the actor acted upon, `recorded` the one in the database at that very moment, `final` whether
    that was an end.
    """

    kind: str
    at: float
    seen: Any = None
    to: Any = None
    delta: int = 0
    fence: int = 0
    recorded: int = 0
    final: bool = False
    execution: str = ""
    plugin: str = ""
    knob: str = ""
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    path: Path

    def append(self, kind: str, **fields: object) -> None:
        append_line(self.path, {"kind": kind, "at": time.monotonic(), **fields})

    def entries(self) -> list[Entry]:
        """Return all lines, oldest first."""
        if not self.path.exists():
            return []
        return [Entry(**json.loads(line)) for line in self.path.read_text().splitlines()]

    def orders(self) -> list[Entry]:
        return [entry for entry in self.entries() if entry.kind in ("turn", "lost")]

    def value(self, at: float | None = None) -> int:
        """Return what runs at that moment (now): steps are relative, as signals are, and show after a lag.

        A target that died comes back as it is configured, and without the steps that were under way.
        """
        at = time.monotonic() if at is None else at
        value, entries = BEFORE, self.entries()
        died = max((entry.at for entry in entries if entry.kind == "died"), default=0.0)
        for entry in (entry for entry in entries if entry.at >= died or entry.kind == "applied"):
            if entry.kind in ("foreign", "applied"):
                value = entry.to
            elif entry.kind == "turn" and entry.at + LAG_SECONDS <= at:
                value += entry.delta
        return value

    def applied(self) -> list[int]:
        """Return every value that something real was given, in order."""
        return [entry.to for entry in self.entries() if entry.kind == "applied"]

    def persisted(self) -> Any:
        """Return what a restart would bring; None where nothing was made to last."""
        kept = [entry.to for entry in self.entries() if entry.kind == "persist"]
        return kept[-1] if kept else None
