"""What is not as it used to be, as the memory of each series tells it."""

from dataclasses import dataclass
from enum import StrEnum

from .metric import Metric


class Unusualness(StrEnum):
    LEVEL = "level"  # beyond everything ever seen
    DEVIATION = "deviation"  # suddenly far from what was expected
    SHIFT = "shift"  # the level has changed, and stays so
    VARIANCE = "variance"  # values stray farther than they used to


@dataclass(frozen=True, slots=True)
class Unusual:
    """An episode that is still on. `score` 1 is where it is worth a word; values are in the metric's unit.

    `since` is its onset (Unix seconds); `low` and `high` bound what was expected when it began.
    """

    plugin_id: str
    metric: Metric
    kind: Unusualness
    score: float
    since: float
    value: float
    expected: float
    low: float
    high: float
    rising: bool
