"""Whether the loop turns, told from the stores alone: any process of the host can say so."""

from dataclasses import dataclass

from ..domain import Cycle
from .system import SystemLike

MISSED_TURNS = 3
SLACK_SECONDS = 10.0  # a turn may be late on a busy machine


@dataclass(frozen=True, slots=True)
class Liveness:
    """`age_seconds` is the time since the last turn, None if there never was one."""

    cycle: Cycle | None
    age_seconds: float | None
    active: bool


def liveness(system: SystemLike, now: float) -> Liveness:
    """Return whether somebody runs the turns now. The loop counts as dead after three missed turns."""
    cycle = system.state.latest_cycle()
    if cycle is None:
        return Liveness(None, None, system.runner.active)
    age = max(0.0, now - cycle.at)
    patience = MISSED_TURNS * system.config.engine.interval_seconds + SLACK_SECONDS
    return Liveness(cycle, age, age <= patience)
