"""What follows from a verdict."""

import math

import pytest

from plugin_optimizer.domain import Message, Metric, Outcome, Purpose, Verdict
from plugin_optimizer.execute.decision import Decision, decide, told


def verdict(outcome: Outcome, *codes: str) -> Verdict:
    nan, reasons = math.nan, tuple(Message(code) for code in codes)
    return Verdict(outcome, Metric.RESPONSE_TIME_SECONDS, nan, nan, nan, nan, nan, 8, 600, "windows", reasons)


@pytest.mark.parametrize(
    ("outcome", "improve", "save", "repair", "renew"),
    [
        (Outcome.BETTER, Decision.KEEP, Decision.KEEP, Decision.KEEP, Decision.KEEP),
        (Outcome.SAME, Decision.UNDO, Decision.KEEP, Decision.UNDO, Decision.UNDO),
        (Outcome.WORSE, Decision.UNDO, Decision.UNDO, Decision.UNDO, Decision.UNDO),
    ],
)
@pytest.mark.parametrize("watched", [0.5, 1.0])
def test_a_clear_verdict_is_followed(
    outcome: Outcome, improve: Decision, save: Decision, repair: Decision, renew: Decision, watched: float
) -> None:
    """The rows of the table, whether or not time is up and whoever approved it."""
    for automatic in (False, True):
        found = [decide(purpose, verdict(outcome), watched, automatic) for purpose in Purpose]
        assert found == [improve, save, repair, renew]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_an_open_question_waits_until_time_is_up(purpose: Purpose) -> None:
    """Inconclusive before the deadline: go on watching."""
    assert decide(purpose, verdict(Outcome.INCONCLUSIVE, "need_more_windows"), 0.9, False) is Decision.WAIT


@pytest.mark.parametrize("purpose", [Purpose.IMPROVE, Purpose.SAVE])
@pytest.mark.parametrize("code", ["need_more_windows", "leans_better", "self_check_failed"])
def test_what_was_not_shown_to_help_is_undone(purpose: Purpose, code: str) -> None:
    """At the deadline the default is the old state."""
    assert decide(purpose, verdict(Outcome.INCONCLUSIVE, code), 1.0, False) is Decision.UNDO


def test_a_repair_that_leans_to_better_is_kept_and_asked_about() -> None:
    """Going back to what was broken is not the safe side."""
    assert decide(Purpose.REPAIR, verdict(Outcome.INCONCLUSIVE, "leans_better"), 1.0, True) is Decision.ASK
    assert decide(Purpose.REPAIR, verdict(Outcome.INCONCLUSIVE, "not_clear_yet"), 1.0, False) is Decision.UNDO


def test_a_repair_nobody_could_judge_goes_to_the_person_who_approved_it() -> None:
    """Where no person stands behind it, it is undone."""
    unclear = verdict(Outcome.INCONCLUSIVE, "environment_changed")
    assert decide(Purpose.REPAIR, unclear, 1.0, False) is Decision.ASK
    assert decide(Purpose.REPAIR, unclear, 1.0, True) is Decision.UNDO


def test_a_saving_is_watched_for_almost_half_the_time_before_it_is_kept() -> None:
    """Nobody is in a hurry to have less, and the load may still rise; harm, and what helps, is answered at once."""
    for outcome in (Outcome.SAME, Outcome.BETTER):
        early = decide(Purpose.SAVE, verdict(outcome), 0.44, False)
        assert early is Decision.WAIT
        assert [reason.code for reason in told(verdict(outcome), early).reasons] == ["saving_watched"]
        assert decide(Purpose.SAVE, verdict(outcome), 0.45, False) is Decision.KEEP
    assert decide(Purpose.SAVE, verdict(Outcome.WORSE), 0.0, False) is Decision.UNDO
    assert decide(Purpose.IMPROVE, verdict(Outcome.BETTER), 0.0, False) is Decision.KEEP
