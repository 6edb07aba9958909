"""Suddenly far from what was expected."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..domain import Finding, Fleet, Policies, Unusualness, Window
from ..models.slo_effect import unusual_findings


@dataclass(frozen=True, slots=True)
class DeviationDetector:
    """Finds values far beyond how far their series ever strays from what was expected of this hour.

    The score is the deviation over a bar that each series sets for itself (`models.anomaly.advance`), from the hundredth
    minute on. Fails where such jumps are part of the trade: the bar rises with each, and then one is missed.
    """

    name: str = "deviation"

    def detect(self, window: Window, fleet: Fleet, policies: Policies) -> Iterator[Finding]:
        yield from unusual_findings(fleet, window, policies, Unusualness.DEVIATION)
