"""What the simulated engines see, and how they judge it: by the response time that the queue really has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import (
    Comparison,
    Execution,
    Goal,
    Knob,
    Message,
    Metric,
    Outcome,
    Policy,
    Pool,
    Verdict,
    Window,
)
from plugin_optimizer.execute.sight import Sight

from .plant import response_time

if TYPE_CHECKING:
    from .world import World

MOST_SLOW = 50.0  # service times
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


@dataclass(frozen=True, slots=True)
class Referee:
    """Lets values take turns in every second change that could not be judged, in blocks so short that trouble meets them."""

    world: World

    def plan(
        self, execution: Execution, sight: Sight, knob: Knob | None, policy: Policy
    ) -> Comparison | Message | None:
        if knob is None or execution.fence % 2:
            return None
        self.world.ledger.count("comparisons begun")
        return Comparison(execution.fence, 6, 3.0, 0.5)

    def broken(self, execution: Execution, sight: Sight, now: float) -> Message | None:
        service = self.world.plant.services[execution.change.plugin_id]
        return Message("guard_slow", {}) if response_time(service.workers, service.offered) > MOST_SLOW else None

    def judge(self, execution: Execution, sight: Sight) -> Verdict:
        self.world.ledger.count("compared")
        change, service = execution.change, self.world.plant.services[execution.change.plugin_id]
        before, after = (response_time(int(value), service.offered) for value in (change.before, change.after))
        return Verdict(_compared(before, after), change.goal.metric, 1.0, 0.4, 0.6, 2.0, 1.0, 8, 500, "queue")


def _compared(before: float, after: float) -> Outcome:
    if after < before * 0.95:
        return Outcome.BETTER
    return Outcome.WORSE if after > before * 1.05 else Outcome.SAME


def sight(execution: Execution, now: float) -> Sight:
    seen = Observation(Window((execution.change.plugin_id,), now - TIMES, 5.0, SEEN))
    return Sight(seen, seen, seen, None)
