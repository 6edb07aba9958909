"""From a verdict that stays open to the comparison that would close it, or the reason why none is to be made."""

import math
from dataclasses import dataclass

from ..domain import Goal, Knob, Message, RequestTrace, Verdict
from ..domain.comparison import Comparison
from ..models.series import observed_seconds
from ..models.settling import seconds_to_settle
from ..models.switchback import Question, block_shape, pair_deviation, plan_switchback
from ..models.switchback_eligibility import SwitchbackCase, against_switchback, offered_load
from .sight import Sight

WORTH_ASKING = math.log(0.85)  # the effect to look for where nothing is known of it (facts on verification, section 6)


@dataclass(frozen=True, slots=True)
class OpenVerdict:
    """A verdict that its time did not make clearer, and what else bears on asking again.

    `slots` are those under the value before and after (None: not known), `turn_seconds` how long a turn from one to the
    other took, `most_seconds` what was consented to, `predicted_ratio` the effect that was promised (NaN: none).
    `other_change` names what else is under way.
    """

    goal: Goal
    verdict: Verdict
    knob: Knob
    applied_at: float
    slots: tuple[int, int] | None
    turn_seconds: float
    most_seconds: float
    seed: int
    predicted_ratio: float = math.nan
    other_change: str | None = None


def comparison_for(
    open_verdict: OpenVerdict, sight: Sight, alpha: float, least_band: float = 0.05
) -> Comparison | Message:
    """Return the comparison to begin now, or why there is none. Needs requests one by one (a probe)."""
    goal, settle = open_verdict.goal, seconds_to_settle(sight.since.trace, open_verdict.applied_at)
    trace = max((sight.before.trace, sight.after.trace), key=len)
    load = offered_load(trace) if open_verdict.slots is not None else math.nan
    case = SwitchbackCase(open_verdict.knob, settle, load, open_verdict.slots or (1, 1), open_verdict.other_change)
    if (refusal := against_switchback(case)) is not None:
        return refusal
    shape = block_shape(settle, _rate(trace), goal.metric)
    band = math.log1p(max(least_band, goal.least_effect))
    question = Question(_effect(open_verdict), band, pair_deviation(goal.metric, trace, shape), alpha)
    return plan_switchback(question, shape, open_verdict.turn_seconds, open_verdict.most_seconds, open_verdict.seed)


def _effect(open_verdict: OpenVerdict) -> float:
    """Return the log ratio to plan for: what was seen so far, else what was promised."""
    for ratio in (open_verdict.verdict.effect, open_verdict.predicted_ratio):
        if math.isfinite(ratio) and ratio > 0:
            return math.log(ratio)
    return WORTH_ASKING


def _rate(trace: RequestTrace) -> float:
    seconds = observed_seconds(trace)
    return len(trace) / seconds if seconds > 0 else 0.0
