"""What an earlier change of a knob taught: the memory of experiments."""

from dataclasses import dataclass

from .change import Value
from .metric import Metric
from .verdict import Outcome


@dataclass(frozen=True, slots=True)
class Trial:
    """One change of a knob that took effect and ended: judged, kept or undone.

    `effect` is the verdict's ratio after / without the change with `[low, high]`, NaN where nobody could say;
    `outcome` is None where it was never judged. `harmful`: judged worse, or a guard tripped. `refused`: a person took
    it back. `steady_since`: since when the value that it left behind has run. `load_per_second`: requests served
    meanwhile, NaN where that is not known.
    """

    knob: str
    before: Value
    after: Value
    metric: Metric
    ended_at: float
    steady_since: float
    kept: bool
    outcome: Outcome | None = None
    effect: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    harmful: bool = False
    refused: bool = False
    load_per_second: float = float("nan")
