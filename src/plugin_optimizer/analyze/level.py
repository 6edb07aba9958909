"""Beyond everything ever seen."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..domain import Finding, Fleet, Policies, Unusualness, Window
from ..models.slo_effect import unusual_findings


@dataclass(frozen=True, slots=True)
class LevelDetector:
    """Finds series beyond everything that they ever were.

    The score is the margin of a record (`models.anomaly.records`), from the third day of a series on. Fails where growth is
    healthy: each new height is a record, by little; a change of settings a moment ago mutes it.
    """

    name: str = "level"

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        yield from unusual_findings(fleet, window, policies, Unusualness.LEVEL)
