"""A suggestion that somebody does not want to see again until it has become worse, or a time has passed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .finding import Severity
from .message import Message
from .metric import Metric

SEVERITIES = (Severity.INFO, Severity.WARNING, Severity.CRITICAL)


@dataclass(frozen=True, slots=True)
class SeenFigure:
    """A figure that tells how bad it is: `name` is the kind of the finding, or `prediction`.

    `rises`: a higher value is worse.
    """

    name: str
    metric: Metric
    value: float
    rises: bool


@dataclass(frozen=True, slots=True)
class Snooze:
    """Somebody's word to wait `until` then (Unix seconds), or until a figure is worse by the share `worse_by`.

    `figures` and `severity` are what they saw. `worse_by` is 0.25 for "a quarter worse": times 1.25 where more is worse,
    divided by 1.25 where less is.
    """

    at: float
    by: str
    reason: str
    until: float
    worse_by: float
    severity: Severity | None
    figures: tuple[SeenFigure, ...]

    def worse(self, severity: Severity | None, figures: Iterable[SeenFigure]) -> Message | None:
        """Return what has become so much worse that it is to be shown again, None where nothing has."""
        if severity is not None and _rank(severity) > _rank(self.severity):
            return Message("woken_severity", {"severity": severity.value})
        present = {(figure.name, figure.metric): figure.value for figure in figures}
        for seen in self.figures:
            value = present.get((seen.name, seen.metric))
            if value is not None and worsening(seen, value) >= self.worse_by:
                return Message("woken_worse", {"metric": seen.metric.value, "before": seen.value, "value": value})
        return None

    def over(self, at: float) -> bool:
        return at >= self.until


def worsening(seen: SeenFigure, value: float) -> float:
    """Return by which share it is worse than it was seen; negative where it is better.

    | seen | now | worse is | share |
    |------|-----|----------|-------|
    | 2.0  | 2.5 | higher   | 0.25  |
    | 0.5  | 0.4 | lower    | 0.25  |
    | 0    | 0.1 | higher   | ∞     |
    | 0    | 0   | either   | 0     |
    """
    worse, better = (value, seen.value) if seen.rises else (seen.value, value)
    if better > 0:
        return worse / better - 1
    return math.inf if worse > better else 0.0


def _rank(severity: Severity | None) -> int:
    return -1 if severity is None else SEVERITIES.index(severity)
