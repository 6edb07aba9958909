"""From what is known of an effect to an outcome: the one place where a band meets an interval."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..domain import Direction, Goal, Message, Outcome, Purpose, Verdict
from ..models.confidence import UNKNOWN, Bounds

F64 = NDArray[np.float64]

MOST_MISSING = 0.10  # share of windows without data beyond which nothing is concluded
LEANS_BETTER = "leans_better"
LARGEST_LOG = 700.0


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that must have been seen before anything is concluded."""

    windows: int
    requests: int

    def reached(self, values: F64, counts: F64 | None) -> bool:
        """Tell whether `values` ([n], NaN is missing) of `counts` requests each ([n], None: not counted) suffice."""
        missing = np.isnan(values)
        if (~missing).sum() < self.windows or missing.mean() > MOST_MISSING:
            return False
        return counts is None or counts.sum() >= self.requests

    def lacking(self, values: F64, counts: F64 | None) -> Message:
        """Say what is still missing."""
        missing = np.isnan(values)
        present = int((~missing).sum())
        if len(values) and missing.mean() > MOST_MISSING and present >= self.windows:
            return Message("missing_windows", {"missing_ratio": round(float(missing.mean()), 4)})
        requests = self.requests if counts is None else max(0, self.requests - int(counts.sum()))
        params = {"windows": max(0, self.windows - present), "requests": 0 if counts is None else requests}
        return Message("need_more_windows", params)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What harm a saving may do where nobody feels it (same unit as the band; 0: none beyond the band).

    Less than `forgiven` is not called worse; less than `bearable` is good enough to keep the saving, and `reason`
    says why. Where the promise is `broken` since the change, the saving is not good enough, however little it did.
    """

    forgiven: float = 0.0
    bearable: float = 0.0
    reason: Message | None = None
    broken: Message | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What was known at one look, and the smallest effect that may be claimed from it (in the same unit)."""

    bounds: Bounds
    band: float
    tolerance: Tolerance = Tolerance()

    def harm(self, goal: Goal) -> Bounds:
        """Return what is known of the effect with up meaning harm."""
        return self.bounds if goal.direction is Direction.DOWN else self.bounds.mirrored


@dataclass(frozen=True, slots=True)
class Decided:
    """The first look that decided, or the last look where none did."""

    outcome: Outcome
    look: Look
    looked: int  # windows in view at that look, missing ones included
    objections: tuple[Message, ...] = ()  # what kept the last look from deciding

    @property
    def bounds(self) -> Bounds:
        return self.look.bounds


def outcome_of(look: Look, goal: Goal) -> Outcome:
    """Return the outcome of an effect known within bounds, claiming nothing inside ±band (both in one unit).

    | where the interval of the harm lies              | improve, repair | save                                   |
    |--------------------------------------------------|-----------------|----------------------------------------|
    | above the band                                   | worse           | worse, unless in the rows below        |
    | below minus the band                             | better          | better                                 |
    | p95 beyond the SLO since the change              | -               | inconclusive                           |
    | under the band                                   | -               | same (non-inferior)                    |
    | inside the band, by late looks                   | same            | same                                   |
    | under +25 %, p95 surely <= 0.8 SLO, errors hold  | -               | same (`within_slo_after`)              |
    | not above +25 %, p95 seems <= 0.8 SLO            | -               | inconclusive until one of the others   |
    | above +25 %                                      | worse           | worse                                  |
    """
    harm, band = look.harm(goal), look.band
    if harm.low > max(band, look.tolerance.forgiven):
        return Outcome.WORSE
    if harm.high < -band:
        return Outcome.BETTER
    if look.tolerance.broken is not None:
        return Outcome.INCONCLUSIVE
    if goal.purpose is Purpose.SAVE and harm.high < max(band, look.tolerance.bearable):
        return Outcome.SAME
    if -band < harm.same_low and harm.same_high < band:
        return Outcome.SAME
    return Outcome.INCONCLUSIVE


def no_objection(_: Decided) -> tuple[Message, ...]:
    return ()


def first_decision(
    look_at: Callable[[int], Look],
    looks: int,
    goal: Goal,
    objections: Callable[[Decided], tuple[Message, ...]] = no_objection,
) -> Decided:
    """Return what the first look that decides says: judging late gives what judging at every look gave.

    `look_at(n)` is what was known after n windows, with UNKNOWN bounds where that was too little. An outcome that
    meets objections decides nothing, and the next look is asked; those of the last look stay on record.
    That a saving does no harm is no discovery to be made early: it has to hold at the last look.
    """
    saving = goal.purpose is Purpose.SAVE
    decided = Decided(Outcome.INCONCLUSIVE, Look(UNKNOWN, 0.0), looks)
    for looked in range(1, looks + 1):
        look = look_at(looked)
        decided = Decided(outcome_of(look, goal), look, looked)
        against = () if decided.outcome is Outcome.INCONCLUSIVE else objections(decided)
        if against:
            decided = replace(decided, outcome=Outcome.INCONCLUSIVE, objections=against)
        if decided.outcome is Outcome.WORSE or (decided.outcome is not Outcome.INCONCLUSIVE and not saving):
            return decided
    return decided


def leaning(bounds: Bounds, goal: Goal) -> tuple[Message, ...]:
    """Return a reason where an open question at least leans clearly to better (the interval excludes no effect)."""
    harm = bounds if goal.direction is Direction.DOWN else bounds.mirrored
    return (Message(LEANS_BETTER),) if harm.high < 0 else ()


def about(decided: Decided, goal: Goal, floor: Floor, values: F64, counts: F64 | None) -> tuple[Message, ...]:
    """Return why a comparison of `values` ([n], NaN is missing) came out as it did."""
    if decided.outcome is Outcome.SAME and goal.purpose is Purpose.SAVE:
        tolerated = decided.look.tolerance.reason
        if tolerated is not None and decided.look.harm(goal).high >= decided.look.band:
            return (tolerated,)
        return (Message("noninferior", {"band_ratio": round(decided.look.band, 4)}),)
    if decided.outcome is not Outcome.INCONCLUSIVE:
        return ()
    if decided.objections:
        return decided.objections
    if not floor.reached(values, counts):
        return (floor.lacking(values, counts),)
    if decided.look.tolerance.broken is not None:
        return (decided.look.tolerance.broken,)
    return (Message("not_clear_yet", {"band_ratio": round(decided.look.band, 4)}), *leaning(decided.bounds, goal))


@dataclass(frozen=True, slots=True)
class Figures:
    """The plain figures of a verdict: the metric before and after, and how much was seen of it."""

    before: float
    after: float
    windows: int
    requests: int


def verdict_of(goal: Goal, method: str, decided: Decided, figures: Figures, reasons: tuple[Message, ...]) -> Verdict:
    """Return the verdict of a comparison on the log scale; an effect nobody could estimate is NaN."""
    bounds = decided.bounds
    effect, low, high = (as_ratio(value) for value in (bounds.mean, bounds.low, bounds.high))
    known = bounds.windows > 0
    return Verdict(
        outcome=decided.outcome,
        metric=goal.metric,
        effect=effect if known else math.nan,
        low=min(low, effect) if known else math.nan,
        high=max(high, effect) if known else math.nan,
        before=figures.before,
        after=figures.after,
        windows=bounds.windows if known else figures.windows,
        requests=figures.requests,
        method=method,
        reasons=reasons,
    )


def as_ratio(log: float) -> float:
    """Return exp(log), inf where that is beyond a float."""
    return math.exp(log) if log < LARGEST_LOG else math.inf


def as_share(verdict: Verdict, bounds: Bounds, level: float) -> Verdict:
    """Return the verdict of a comparison by difference (points), told as the ratio after / before (`level`)."""
    if not bounds.windows or not level > 0:
        return replace(verdict, effect=math.nan, low=math.nan, high=math.nan)
    effect, low, high = (1.0 + points / level for points in (bounds.mean, bounds.low, bounds.high))
    return replace(verdict, effect=effect, low=min(low, effect), high=max(high, effect))


def objected(verdict: Verdict, *objections: Message) -> Verdict:
    """Return the verdict without its outcome where there are objections to it."""
    if not objections:
        return verdict
    return replace(verdict, outcome=Outcome.INCONCLUSIVE, reasons=(*objections, *verdict.reasons))
