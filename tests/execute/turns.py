"""Comparisons without any chance in them, for tests: requests of equal length under each of two values."""

from dataclasses import replace

import numpy as np

from plugin_optimizer.contracts import Observation
from plugin_optimizer.domain import Direction, Goal, Metric, Purpose, RequestTrace, Window
from plugin_optimizer.domain.comparison import Arm, Block, Comparison

GOAL = Goal(Metric.RESPONSE_TIME_SECONDS, Direction.DOWN, Purpose.IMPROVE)
SAVE = replace(GOAL, purpose=Purpose.SAVE)
BEGAN = 1_700_000_000.0
AFTERWARDS_SECONDS = 30.0


def finished(pairs: int = 14, seed: int = 1, turn_seconds: float = 1.0) -> Comparison:
    """All blocks of 8 s on record, a second between them."""
    plan = Comparison(seed, pairs, 8.0, 1.5, turn_seconds)
    begins = BEGAN + turn_seconds + (8.0 + turn_seconds) * np.arange(2 * pairs)
    blocks = (Block(arm, at, at + 8.0) for arm, at in zip(plan.order, begins.tolist(), strict=True))
    return replace(plan, blocks=tuple(blocks))


def requests(comparison: Comparison, before: float, after: float, *, per_second: float = 20.0) -> RequestTrace:
    """Evenly spaced requests that take `before` or `after` seconds, by the block they arrive in; and some afterwards."""
    end = comparison.blocks[-1].ended + AFTERWARDS_SECONDS
    arrival = np.arange(BEGAN, end, 1 / per_second) + 0.25 / per_second
    wall, zero = np.full(len(arrival), before), np.zeros(len(arrival))
    for block in comparison.blocks:
        if block.arm is Arm.AFTER:
            wall[(arrival >= block.began) & (arrival < block.ended)] = after
    none = np.zeros(len(arrival), dtype=np.int64)
    return RequestTrace(arrival, zero, wall, zero, zero, none + 200, none, none, none)


def seen(trace: RequestTrace, until: float | None = None) -> Observation:
    times = np.empty(0) if until is None else np.array([until])
    return Observation(Window(("p",), times, 1.0), trace)


def sampled(comparison: Comparison, metric: Metric, before: float, after: float) -> Observation:
    """A sample of one metric each second, and no requests one by one."""
    times = np.arange(BEGAN, comparison.blocks[-1].ended + AFTERWARDS_SECONDS) + 1.0
    values = np.full(len(times), before, dtype=np.float32)
    for block in comparison.blocks:
        if block.arm is Arm.AFTER:
            values[(times > block.began) & (times <= block.ended)] = after
    return Observation(Window(("p",), times, 1.0, {metric: values[None, :]}))
