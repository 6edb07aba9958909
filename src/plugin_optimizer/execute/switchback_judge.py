"""Judges a change by two values that took turns: the referee where model and reality may differ.

One look, after all pairs. The order inside each pair was drawn by a fair coin, so nothing has to be assumed of load,
queues or neighbours for a verdict without cause to be as rare as it is said to be.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from ..contracts import Observation
from ..domain import Goal, Message, Metric, Outcome, Purpose, RequestTrace, Verdict
from ..domain.comparison import Arm, Comparison
from ..models.block_values import FROM_REQUESTS
from ..models.confidence import UNKNOWN, Bounds
from ..models.signed_ranks import least_pairs, shift, two_sided_chance
from ..models.switchback import LEAST_PAIRS
from .controls import POINTS
from .judgement import Decided, Figures, Look, as_share, leaning, outcome_of, verdict_of
from .paired_replay import MOST_UNKNOWN_WAITS
from .reported import reported_metric
from .switchback_blocks import Pairs, pairs_of
from .switchback_margin import tolerance
from .trace_windows import LONGEST_PENDING_SECONDS, READ_LAG_SECONDS
from .window_series import LATENCIES

METHOD = "switchback"


@dataclass(frozen=True, slots=True)
class SwitchbackJudge:
    """`alpha` is the goal's share of the chance of a wrong claim, `least_band` the smallest effect ever claimed."""

    alpha: float
    least_band: float = 0.05

    def judge(self, goal: Goal, plugin_id: str, observed: Observation, comparison: Comparison) -> Verdict:
        """Return the verdict over a comparison; `observed` holds what was seen since it began.

        Inconclusive while blocks, or the answers to their last requests, are still to come.
        """
        waiting = _waiting(observed, comparison) or _blind(goal, observed.trace)
        if waiting is not None:
            return _open(goal, waiting)
        pairs = pairs_of(goal.metric, plugin_id, observed, comparison)
        needed, valid = max(LEAST_PAIRS, least_pairs(self.alpha)), pairs.valid
        counted = {"pairs": len(valid), "planned_pairs": comparison.pairs}
        if len(valid) < needed:
            return _open(goal, Message("comparison_few_pairs", {"needed_pairs": needed, **counted}))
        found = shift(valid, self.alpha)
        bounds = Bounds(found.estimate, found.low, found.high, found.low, found.high, len(valid))
        look = Look(bounds, self._band(goal), tolerance(goal, pairs, self.alpha))
        decided = Decided(outcome_of(look, goal), look, comparison.pairs)
        chance = float(f"{two_sided_chance(valid):.2g}")
        told = Message("comparison_pairs", {**counted, "block_seconds": comparison.block_seconds, "chance": chance})
        return _told(goal, pairs, decided, (*_why(decided, goal), told))

    def _band(self, goal: Goal) -> float:
        if _in_points(goal.metric):
            return goal.least_effect
        return math.log1p(max(self.least_band, goal.least_effect))


def _waiting(observed: Observation, comparison: Comparison) -> Message | None:
    """Say that blocks, or answers to requests that came in the last one, are still to come; None when all is there."""
    running = Message("comparison_running", {"pairs": len(comparison.blocks) // 2, "planned_pairs": comparison.pairs})
    if not comparison.finished:
        return running
    times, trace, end = observed.window.times, observed.trace, comparison.blocks[-1].ended
    seen_until = float(times[-1]) if len(times) else -math.inf
    if not len(trace):
        return running if seen_until < end else None
    pending = min(LONGEST_PENDING_SECONDS, float(np.quantile(trace.sojourn, 0.99)))
    now = max(seen_until - READ_LAG_SECONDS, float(trace.end.max()))
    return running if now < end + pending else None


def _blind(goal: Goal, trace: RequestTrace) -> Message | None:
    """Say that nobody knows how long requests waited for a worker, which is what such a goal is about."""
    if goal.metric not in LATENCIES or not len(trace):
        return None
    unknown = float(np.isnan(trace.queue_wait).mean())
    return (
        Message("comparison_waits_unknown", {"unknown_ratio": round(unknown, 4)})
        if unknown > MOST_UNKNOWN_WAITS
        else None
    )


def _in_points(metric: Metric) -> bool:
    return metric in POINTS and metric not in FROM_REQUESTS


def _why(decided: Decided, goal: Goal) -> tuple[Message, ...]:
    """Return why the interval says what it says, in the words of the other judges."""
    band = Message("noninferior", {"band_ratio": round(decided.look.band, 4)})
    if decided.outcome is Outcome.SAME and goal.purpose is Purpose.SAVE:
        tolerated = decided.look.tolerance.reason
        return (tolerated,) if tolerated is not None and decided.look.harm(goal).high >= decided.look.band else (band,)
    if decided.outcome is not Outcome.INCONCLUSIVE:
        return ()
    return (Message("not_clear_yet", dict(band.params)), *leaning(decided.bounds, goal))


def _told(goal: Goal, pairs: Pairs, decided: Decided, reasons: tuple[Message, ...]) -> Verdict:
    reported = replace(goal, metric=reported_metric(goal.metric)) if pairs.blocks.traces else goal
    before, after = (pairs.figure(reported.metric, arm) for arm in Arm)
    requests = sum(pairs.requests(arm) for arm in Arm)
    figures = Figures(before, after, len(pairs.valid), requests)
    verdict = verdict_of(reported, METHOD, decided, figures, reasons)
    return as_share(verdict, decided.bounds, before) if _in_points(goal.metric) else verdict


def _open(goal: Goal, reason: Message) -> Verdict:
    """Return the verdict of a comparison that says nothing (yet)."""
    decided = Decided(Outcome.INCONCLUSIVE, Look(UNKNOWN, 0.0), 0)
    return verdict_of(goal, METHOD, decided, Figures(math.nan, math.nan, 0, 0), (reason,))
