"""Whether a change helped, with the statistics behind it."""

from dataclasses import dataclass, field
from enum import StrEnum

from .message import Message
from .metric import Metric


class Outcome(StrEnum):
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement over a change.

    `effect` is the ratio after / what would have been without the change (0.8 = 20 % less), with its
    confidence interval `[low, high]`; `before` and `after` are the plain figures people ask for (p95 or
    the goal's metric). `method` names the judge: `paired_replay`, `windows`, `queue_replay`, `presence`, `switchback` (then
    `windows` counts pairs) or `guard`.
    """

    outcome: Outcome
    metric: Metric
    effect: float
    low: float
    high: float
    before: float
    after: float
    windows: int
    requests: int
    method: str
    reasons: tuple[Message, ...] = field(default=())
