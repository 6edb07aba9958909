"""What the judge is given to look at."""

from dataclasses import dataclass, replace

from ..contracts import Observation
from ..domain import Change, Pool


@dataclass(frozen=True, slots=True)
class Sight:
    """What the judge may see of one execution: before the change, since it, and since it settled.

    Where the plugin is not `readable` now its pools are unknown: guards may speak, verdicts have to wait. `pools` are there
    where the number of workers, or of their threads, was changed, `slots` (requests served at once before and after) wherever there is a pool.
    """

    before: Observation
    since: Observation
    after: Observation
    pools: tuple[Pool, Pool] | None
    readable: bool = True
    slots: tuple[int, int] | None = None


def arms(change: Change, pool: Pool) -> tuple[Pool, Pool] | None:
    """Return the pool under the old and the new number of workers or threads; None where another knob was turned."""
    if not isinstance(change.before, int) or not isinstance(change.after, int):
        return None
    if change.knob == "threads":
        return replace(pool, threads=change.before), replace(pool, threads=change.after)
    if change.knob == "workers":
        return replace(pool, workers=change.before), replace(pool, workers=change.after)
    return None
