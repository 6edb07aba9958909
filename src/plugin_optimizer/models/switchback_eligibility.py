"""Whether a change may be compared by switching back and forth at all."""

from dataclasses import dataclass
from math import isfinite, isnan, nan

from ..domain import Disruption, Knob, Message, Policy, Pool, RequestTrace, Reversibility
from .series import observed_seconds

MOST_SETTLE_SECONDS = 10.0
MOST_LOAD = 0.9  # of the slots: a backlog beyond that leaks into the next block


@dataclass(frozen=True, slots=True)
class SwitchbackCase:
    """What stands for and against a comparison of two values of one knob.

    `load` is the work that is offered, in erlangs (NaN: not known); `slots` how many requests are served at once
    under the value before and after; `other_change` names what else is under way, be it a change or a deployment.
    """

    knob: Knob
    settle_seconds: float
    load: float
    slots: tuple[int, int]
    other_change: str | None = None


def agreed_turns(policy: Policy) -> dict[str, float]:
    """Return for how long both values may take turns, for the words on how a change is judged: whoever approves it agrees
    to that as well.
    """
    return {"switchback_seconds": policy.switchback_seconds} if policy.switchback_seconds > 0 else {}


def offered_load(trace: RequestTrace) -> float:
    """Return the work of these requests per second, in erlangs; NaN for fewer than two requests.

    Of an overloaded pool that is what it gets done, which is all of its slots.
    """
    seconds = observed_seconds(trace)
    return float(trace.wall.sum()) / seconds if len(trace) > 1 and seconds > 0 else nan


def slots_of_arms(pools: tuple[Pool, Pool]) -> tuple[int, int]:
    """Return how many requests each of two pools serves at once."""
    before, after = (max(1, pool.workers * pool.threads) for pool in pools)
    return before, after


def against_switchback(case: SwitchbackCase) -> Message | None:
    """Return why the two values must not take turns, None where they may.

    | the knob or the plugin                          | reason                  |
    |-------------------------------------------------|-------------------------|
    | cannot be turned back, or not without a loss    | switchback_irreversible |
    | restarts or reloads when it is turned           | switchback_disrupts     |
    | takes more than 10 s to settle                  | switchback_slow         |
    | is being changed otherwise                      | switchback_busy         |
    | has an unknown load                             | switchback_load_unknown |
    | is 90 % full, or more, under one of the values  | switchback_unstable     |
    """
    knob = case.knob
    if {knob.reversibility, knob.down or knob.reversibility} != {Reversibility.REVERSIBLE}:
        return Message("switchback_irreversible", {"knob": knob.name})
    if knob.disruption is not Disruption.LIVE:
        return Message("switchback_disrupts", {"knob": knob.name})
    if not case.settle_seconds <= MOST_SETTLE_SECONDS:
        settle = case.settle_seconds if isfinite(case.settle_seconds) else None
        return Message("switchback_slow", {"settle_seconds": settle, "limit_seconds": MOST_SETTLE_SECONDS})
    if case.other_change is not None:
        return Message("switchback_busy", {"other_change": case.other_change})
    return _unstable(case)


def _unstable(case: SwitchbackCase) -> Message | None:
    if isnan(case.load):
        return Message("switchback_load_unknown")
    fullest = case.load / min(case.slots)
    if fullest < MOST_LOAD:
        return None
    return Message("switchback_unstable", {"load_ratio": round(fullest, 4), "limit_ratio": MOST_LOAD})
