"""The referee of running engines: whether two values may take turns on the live plugin, for how long, and what it showed."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from ..contracts import StateStore
from ..domain import (
    Change,
    Comparison,
    Execution,
    Goal,
    Knob,
    Message,
    Metric,
    Policy,
    Purpose,
    Verdict,
)
from .sight import Sight
from .switchback_guard import broken_arm
from .switchback_judge import SwitchbackJudge
from .switchback_question import OpenVerdict, comparison_for
from .verifier import GOAL_SHARE, ChangeVerifier
from .window_series import LATENCIES

STEP_SECONDS = 2.0  # one step, until it is seen
SECOND_CHANCE = 0.5  # of the chance of a wrong claim: it comes after a judgement that had one already
SEED_BYTES = 4


def not_predicted(_execution: Execution) -> float:
    """Stand for predictions where there are none."""
    return math.nan


def predictions_of(state: StateStore) -> Callable[[Execution], float]:
    """Return what tells the ratio of after to before that a suggestion promised for a response time; NaN for anything else."""

    def predicted(execution: Execution) -> float:
        found = state.suggestion(execution.suggestion_id).proposal.prediction
        if found is None or found.metric not in LATENCIES or not found.before:
            return math.nan
        return found.expected / found.before

    return predicted


@dataclass(frozen=True, slots=True)
class LiveReferee:
    """Compares changes that are to improve something; a saving that could not be shown to do no harm is undone as it is.

    `alpha` is the chance of a wrong claim of one comparison, `least_band` the smallest effect ever claimed, `predicted` tells
    the ratio that was promised (NaN: none): how many pairs are needed follows from it where the judge saw too little.
    """

    alpha: float = SECOND_CHANCE * GOAL_SHARE * ChangeVerifier().alpha
    least_band: float = ChangeVerifier().least_band
    predicted: Callable[[Execution], float] = not_predicted

    def plan(
        self, execution: Execution, sight: Sight, knob: Knob | None, policy: Policy
    ) -> Comparison | Message | None:
        change = execution.change
        if change.goal.purpose is not Purpose.IMPROVE or knob is None:
            return None
        if policy.switchback_seconds <= 0:
            return Message("switchback_off", {})
        assert execution.verdict is not None, "only what was judged is asked about"
        asked = OpenVerdict(
            goal=_asked(change.goal),
            verdict=execution.verdict,
            knob=knob,
            applied_at=execution.applied_at or execution.updated_at,
            slots=sight.slots,
            turn_seconds=_turn_seconds(change),
            most_seconds=policy.switchback_seconds,
            predicted_ratio=self.predicted(execution),
            seed=int.from_bytes(sha256(execution.id.encode()).digest()[:SEED_BYTES]),
        )
        return comparison_for(asked, sight, self.alpha, self.least_band)

    def broken(self, execution: Execution, sight: Sight, now: float) -> Message | None:
        change, comparison = execution.change, execution.comparison
        if comparison is None:
            return None
        blocks = comparison.blocks if comparison.began is None else comparison.seen_until(now)
        found = broken_arm(change.goal, change.plugin_id, sight.before, sight.since, blocks)
        return None if found is None else found.reason

    def judge(self, execution: Execution, sight: Sight) -> Verdict:
        change, comparison = execution.change, execution.comparison
        assert comparison is not None, "only what was compared is judged here"
        judge = SwitchbackJudge(self.alpha, self.least_band)
        return judge.judge(_asked(change.goal), change.plugin_id, sight.since, comparison)


def _asked(goal: Goal) -> Goal:
    """Return the goal as it is asked: of a p95, too, the mean of each block tells more; the verdict reports the p95."""
    p95 = goal.metric is Metric.RESPONSE_TIME_P95_SECONDS
    return replace(goal, metric=Metric.RESPONSE_TIME_SECONDS) if p95 else goal


def _turn_seconds(change: Change) -> float:
    """Return how long a turn takes: workers come and go one by one, any other setting is turned at once."""
    if change.knob != "workers" or isinstance(change.before, str) or isinstance(change.after, str):
        return STEP_SECONDS
    return STEP_SECONDS * abs(float(change.after) - float(change.before))
