"""What ends a comparison at once: an arm under which requests fail, or take longer than was promised."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contracts import Observation
from ..domain import Goal, Message, RequestTrace
from ..domain.comparison import Arm, Block
from .error_judge import failures
from .guards import RECENT_WINDOWS, WINDOW_SECONDS, more_errors
from .slow_guard import LEAST_MORE_SLOW, LEAST_REQUESTS, SLOW_FACTOR, SLOW_WINDOWS
from .switchback_blocks import of_arm
from .window_series import LATENCIES


@dataclass(frozen=True, slots=True)
class BrokenArm:
    """The value under which something broke, and what."""

    arm: Arm
    reason: Message


def broken_arm(
    goal: Goal, plugin_id: str, before: Observation, observed: Observation, blocks: Sequence[Block]
) -> BrokenArm | None:
    """Return why the comparison has to end now, None while it may go on.

    `before` is what was seen before the change, `observed` what came since; of the block under way, which comes last
    in `blocks`, `ended` is now. Either arm may break: the old value too, where it no longer bears the load. This stands
    beside the guard of every change, which looks at both arms together and at what no arm can be blamed for.
    """
    for arm in (Arm.AFTER, Arm.BEFORE):
        reason = _errors(plugin_id, before, of_arm(observed, blocks, arm)) or _slow(goal, before, observed, blocks, arm)
        if reason is not None:
            return BrokenArm(arm, reason)
    return None


def _errors(plugin_id: str, before: Observation, seen: Observation) -> Message | None:
    old, new = (failures(side, plugin_id, WINDOW_SECONDS) for side in (before, seen))
    return more_errors(old, new) or more_errors(old, new.last(RECENT_WINDOWS))


def _slow(goal: Goal, before: Observation, observed: Observation, blocks: Sequence[Block], arm: Arm) -> Message | None:
    """Trip when the arm's last three blocks with enough requests have twice the share over the SLO of before."""
    if goal.slo is None or goal.metric not in LATENCIES:
        return None
    usual = _share(before.trace, goal.slo) if len(before.trace) else 0.0
    allowed = max(SLOW_FACTOR * usual, usual + LEAST_MORE_SLOW)
    parts = (observed.trace.between(block.began, block.ended) for block in blocks if block.arm is arm)
    shares = [_share(part, goal.slo) for part in parts if len(part) >= LEAST_REQUESTS][-SLOW_WINDOWS:]
    if len(shares) < SLOW_WINDOWS or min(shares) <= allowed:
        return None
    figures = {"before_ratio": round(usual, 4), "after_ratio": round(float(np.mean(shares)), 4)}
    return Message("guard_slow", {**figures, "slo_seconds": goal.slo})


def _share(trace: RequestTrace, slo_seconds: float) -> float:
    return float((trace.sojourn > slo_seconds).mean()) if len(trace) else math.nan
