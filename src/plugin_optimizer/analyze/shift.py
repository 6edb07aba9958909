"""The level has changed, and stays so."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..domain import Finding, Fleet, Policies, Unusualness, Window
from ..models.slo_effect import unusual_findings


@dataclass(frozen=True, slots=True)
class ShiftDetector:
    """Finds lasting changes of a level, with the moment they began.

    The score is the evidence of a two-sided CUSUM (`models.anomaly.shifts`), from the fourth day on. Fails for slow drifts,
    which the mean of a day follows.
    """

    name: str = "shift"

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        yield from unusual_findings(fleet, window, policies, Unusualness.SHIFT)
