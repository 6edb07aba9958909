"""What is wrong with a plugin, with the evidence for it."""

from dataclasses import dataclass, field
from enum import StrEnum

from .message import Message
from .metric import Metric


class FindingKind(StrEnum):
    THRESHOLD = "threshold"
    SATURATION = "saturation"
    WASTE = "waste"
    LEAK = "leak"
    CACHE = "cache"
    ERROR = "error"
    INACTIVE = "inactive"
    RESTARTING = "restarting"
    LEVEL = "level"
    DEVIATION = "deviation"
    SHIFT = "shift"
    VARIANCE = "variance"
    BURN = "burn"
    BREACH = "breach"


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (or could be cheaper), since when, and how surely.

    `score` lies in 0…1 and rises with certainty; `value` and `limit` are in the metric's unit.
    """

    plugin_id: str
    metric: Metric
    kind: FindingKind
    severity: Severity
    score: float
    since: float
    value: float
    limit: float
    evidence: tuple[Message, ...] = field(default=())
