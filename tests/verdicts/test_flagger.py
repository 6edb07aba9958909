"""Flagger's rule by its documentation: thresholds, a count of failed checks, and steps to the end."""

import math

import pytest

from benchmarks.verdicts.flagger import Checked, Result, Rule

GOOD, SLOW, FAILING = Checked(1.0, 0.2), Checked(1.0, 0.6), Checked(0.98, 0.2)
NOTHING = Checked(math.nan, math.nan)
RULE = Rule(most_seconds=0.5)


@pytest.mark.parametrize(
    ("seen", "passes"),
    [(GOOD, True), (Checked(0.99, 0.5), True), (SLOW, False), (FAILING, False), (NOTHING, False)],
)
def test_a_check_passes_inside_both_thresholds(seen: Checked, passes: bool) -> None:
    """The bounds themselves are inside; no values found is a failed check."""
    assert RULE.passes(seen) is passes


def test_ten_good_minutes_promote() -> None:
    """One step a minute."""
    assert RULE.run(lambda _: GOOD, 900.0) == (Result.PROMOTED, 600.0)


@pytest.mark.parametrize("seen", [SLOW, FAILING, NOTHING])
def test_five_failed_checks_roll_back_a_turn_later(seen: Checked) -> None:
    """Minutes 1 to 5 fail; the count is looked at before the next check, at 6."""
    assert RULE.run(lambda _: seen, 900.0) == (Result.ROLLED_BACK, 360.0)


def test_good_checks_take_back_no_failed_ones() -> None:
    """Every other minute fails: the fifth failure is the ninth check."""
    assert RULE.run(lambda now: SLOW if now / 60 % 2 else GOOD, 900.0) == (Result.ROLLED_BACK, 600.0)


def test_four_failed_checks_only_delay() -> None:
    """Ten good ones are needed all the same."""
    assert RULE.run(lambda now: SLOW if now <= 240 else GOOD, 900.0) == (Result.PROMOTED, 840.0)
