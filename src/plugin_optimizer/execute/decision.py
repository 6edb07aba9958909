"""What follows from a verdict: the table that says when a change is kept, undone, asked about or awaited."""

from dataclasses import replace
from enum import StrEnum

from ..domain import Message, Outcome, Purpose, Verdict
from .judgement import LEANS_BETTER

# Reasons for which nobody could have judged: no fault of the change.
UNJUDGEABLE = frozenset({"self_check_failed", "service_effect", "environment_changed", "load_changed"})


class Decision(StrEnum):
    KEEP = "keep"
    UNDO = "undo"
    WAIT = "wait"
    ASK = "ask"  # it stays, and a person decides


# Of the longest time for a verdict: a saving is in no hurry, and the load may still rise.
SAVING_WATCHED = 0.45


def decide(purpose: Purpose, verdict: Verdict, watched: float, auto: bool) -> Decision:
    """Return what to do once the change was watched for that share of the longest time (1: time is up).

    The default is the old state: what was not shown to help is undone.

    | verdict                     | improve | save                   | repair                                          | renew |
    |-----------------------------|---------|------------------------|-------------------------------------------------|-------|
    | better                      | keep    | keep after 45 % of it | keep                                            | keep  |
    | same                        | undo    | keep after 45 % of it | undo                                            | undo  |
    | worse                       | undo    | undo                   | undo                                            | undo  |
    | inconclusive                | wait    | wait                   | wait                                            | wait  |
    | inconclusive at the limit   | undo    | undo                   | ask if it leans to better, else undo            | ask   |
    | ... as nobody could judge   | undo    | undo                   | ask, unless no person approved it (`auto`): undo | ask   |

    To undo a restart is to call a person: it cannot be taken back (`apply.next_state`).
    """
    if verdict.outcome is Outcome.WORSE or (verdict.outcome is Outcome.SAME and purpose is not Purpose.SAVE):
        return Decision.UNDO
    if verdict.outcome is Outcome.INCONCLUSIVE:
        return _at_the_limit(purpose, verdict, auto) if watched >= 1.0 else Decision.WAIT
    return Decision.WAIT if purpose is Purpose.SAVE and watched < SAVING_WATCHED else Decision.KEEP


def told(verdict: Verdict, decision: Decision) -> Verdict:
    """Return the verdict as people read it: one that is clear and yet waits says why."""
    if decision is not Decision.WAIT or verdict.outcome is Outcome.INCONCLUSIVE:
        return verdict
    return replace(verdict, reasons=(*verdict.reasons, Message("saving_watched")))


def _at_the_limit(purpose: Purpose, verdict: Verdict, auto: bool) -> Decision:
    if purpose is not Purpose.REPAIR:
        return Decision.ASK if purpose is Purpose.RENEW else Decision.UNDO
    codes = {reason.code for reason in verdict.reasons}
    if LEANS_BETTER in codes or (codes & UNJUDGEABLE and not auto):
        return Decision.ASK
    return Decision.UNDO
