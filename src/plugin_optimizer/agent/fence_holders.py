"""Who holds a plugin's fence for long, from wherever the fences are kept."""

from collections.abc import Iterable
from pathlib import Path

from ..domain import OptimizerError
from ..execute.holders import Holder, held_long
from .client import AgentClient
from .messages import Held

WITHIN_SECONDS = 3.0  # a page waits for the answer


def fence_holders(agent: AgentClient | None, directory: Path, now: float) -> Iterable[Holder]:
    """Return who has held a fence for longer than an order takes; `agent` keeps the fences where there is one.

    Empty where it does not answer in time: that it does not is told by its `trouble`.
    """
    if agent is None:
        return held_long(directory, now)
    try:
        return agent.ask(Held(now), list[Holder], WITHIN_SECONDS)
    except OptimizerError:
        return ()
