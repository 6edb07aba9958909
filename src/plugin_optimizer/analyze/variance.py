"""Values stray farther than they used to."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..domain import Finding, Fleet, Policies, Unusualness, Window
from ..models.slo_effect import unusual_findings


@dataclass(frozen=True, slots=True)
class VarianceDetector:
    """Finds series that have become restless around the same level, with the moment it began.

    The score is the evidence of a CUSUM over the logarithm of squared deviations (`models.anomaly.shifts`), from the fourth
    day on. Fails just after a shift of the level, which makes deviations large for a while.
    """

    name: str = "variance"

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        yield from unusual_findings(fleet, window, policies, Unusualness.VARIANCE)
