"""What happened in one run, in order, and the hash that two runs of one seed must share."""

import hashlib
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ledger:
    """Append-only. A violation is a broken promise: the letter of the invariant, and what was seen."""

    lines: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    effects: int = 0
    points: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def note(self, at: float, what: str) -> None:
        self.lines.append(f"{at:.3f} {what}")

    def count(self, what: str, amount: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + amount

    def violate(self, at: float, letter: str, what: str) -> None:
        self.note(at, f"VIOLATION ({letter}) {what}")
        self.violations.append(f"({letter}) {what}")

    def digest(self) -> str:
        """Return SHA-256 over every line (hex)."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()
