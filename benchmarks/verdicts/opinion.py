"""What a judge came to about one change."""

from dataclasses import dataclass
from enum import StrEnum


class Claim(StrEnum):
    WORSE = "worse"
    SAME = "same"  # for judges that only look for harm: it passed
    BETTER = "better"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Opinion:
    """`kept` says what became of the change, `seconds` when, since it took effect; `told` why."""

    claim: Claim
    kept: bool
    seconds: float
    told: str = ""
