"""What was wrong together, from its onset to its end: kept beyond the turn in which it was found."""

from dataclasses import dataclass

from .finding import Finding, Severity
from .fleet import SettingChange

RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


@dataclass(frozen=True, slots=True)
class RecordedIncident:
    """`findings` by the time they began, each as bad as it ever was; the first of them moved first. Never empty.

    `changes` is what was turned in its plugins in the ten minutes before the onset, `seen_at` when it was last there,
    `ended_at` the same once it is over, None while it is not (Unix seconds).
    """

    id: str
    findings: tuple[Finding, ...]
    changes: tuple[SettingChange, ...]
    seen_at: float
    ended_at: float | None = None

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def since(self) -> float:
        return self.findings[0].since

    @property
    def severity(self) -> Severity:
        """Return the worst it ever was."""
        return max((f.severity for f in self.findings), key=RANKS.__getitem__)

    @property
    def plugin_ids(self) -> tuple[str, ...]:
        """Return the plugins in the order in which they were struck."""
        return tuple(dict.fromkeys(f.plugin_id for f in self.findings))
