"""What the simulated engines see, and how they judge it: by the response time that the queue really has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Execution, Goal, Metric, Outcome, Pool, Verdict, Window
from plugin_optimizer.execute.sight import Sight

from .plant import response_time

if TYPE_CHECKING:
    from .world import World

TIMES = 5.0 * np.arange(36, dtype=np.float64)[::-1]
SEEN = {Metric.UP: np.ones((1, 36), dtype=np.float32), Metric.REQUESTS: np.full((1, 36), 50, dtype=np.float32)}


@dataclass(frozen=True, slots=True)
class Judge:
    """Stands for the verifier."""

    world: World

    def verify(
        self,
        change_goal: Goal,
        plugin_id: str,
        before: Observation,
        after: Observation,
        pools: tuple[Pool, Pool] | None,
    ) -> Verdict:
        """Judge once enough time has passed for a verdict."""
        service, steady = self.world.plant.services[plugin_id], self.world.steady
        began, ready = self.world.expected[plugin_id]
        outcome = Outcome.INCONCLUSIVE
        if steady >= ready:
            outcome = _compared(response_time(began, service.offered), response_time(service.workers, service.offered))
        return Verdict(outcome, change_goal.metric, steady, 0.4, 0.6, 2.0, 1.0, 8, 500, "queue")


def _compared(before: float, after: float) -> Outcome:
    if after < before * 0.95:
        return Outcome.BETTER
    return Outcome.WORSE if after > before * 1.05 else Outcome.SAME


def sight(execution: Execution, now: float) -> Sight:
    seen = Observation(Window((execution.change.plugin_id,), now - TIMES, 5.0, SEEN))
    return Sight(seen, seen, seen, None)
