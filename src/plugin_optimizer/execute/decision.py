"""What follows from a verdict: the table that says when a change is kept, undone, asked about or awaited."""

from enum import StrEnum

from ..domain import Outcome, Purpose, Verdict
from .judgement import LEANS_BETTER

# Reasons for which nobody could have judged: no fault of the change.
UNJUDGEABLE = frozenset({"self_check_failed", "service_effect", "environment_changed", "load_changed"})


class Decision(StrEnum):
    KEEP = "keep"
    UNDO = "undo"
    WAIT = "wait"
    ASK = "ask"  # it stays, and a person decides


def decide(purpose: Purpose, verdict: Verdict, deadline_passed: bool, auto: bool) -> Decision:
    """Return what to do. The default is the old state: what was not shown to help is undone.

    | verdict                     | improve | save | repair                                          |
    |-----------------------------|---------|------|-------------------------------------------------|
    | better                      | keep    | keep | keep                                            |
    | same                        | undo    | keep | undo                                            |
    | worse                       | undo    | undo | undo                                            |
    | inconclusive                | wait    | wait | wait                                            |
    | inconclusive at the limit   | undo    | undo | ask if it leans to better, else undo            |
    | ... as nobody could judge   | undo    | undo | ask, unless no person approved it (`auto`): undo |
    """
    if verdict.outcome is Outcome.BETTER:
        return Decision.KEEP
    if verdict.outcome is Outcome.SAME:
        return Decision.KEEP if purpose is Purpose.SAVE else Decision.UNDO
    if verdict.outcome is Outcome.WORSE:
        return Decision.UNDO
    return _at_the_limit(purpose, verdict, auto) if deadline_passed else Decision.WAIT


def _at_the_limit(purpose: Purpose, verdict: Verdict, auto: bool) -> Decision:
    if purpose is not Purpose.REPAIR:
        return Decision.UNDO
    codes = {reason.code for reason in verdict.reasons}
    if LEANS_BETTER in codes or (codes & UNJUDGEABLE and not auto):
        return Decision.ASK
    return Decision.UNDO
