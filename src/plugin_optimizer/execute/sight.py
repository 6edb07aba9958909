"""What the judge is given to look at."""

from dataclasses import dataclass

from ..contracts import Observation
from ..domain import Pool


@dataclass(frozen=True, slots=True)
class Sight:
    """What the judge may see of one execution: before the change, since it, and since it settled."""

    before: Observation
    since: Observation
    after: Observation
    pools: tuple[Pool, Pool] | None
