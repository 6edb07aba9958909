"""What the judge is given to look at."""

from dataclasses import dataclass

from ..contracts import Observation
from ..domain import Pool


@dataclass(frozen=True, slots=True)
class Sight:
    """What the judge may see of one execution: before the change, since it, and since it settled.

    Where the plugin is not `readable` now its pools are unknown: guards may speak, verdicts have to wait.
    """

    before: Observation
    since: Observation
    after: Observation
    pools: tuple[Pool, Pool] | None
    readable: bool = True
