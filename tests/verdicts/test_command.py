"""The command judges a small set by everybody and prints its table."""

import sys

import pytest

from benchmarks.verdicts import __main__ as command
from benchmarks.verdicts.cases import Family, Maker
from benchmarks.verdicts.engine import Trial
from benchmarks.verdicts.opinion import Claim
from benchmarks.verdicts.recorded import Recordings
from benchmarks.verdicts.report import share


def test_a_small_run_prints_every_judge_and_its_seeds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One case of each of two quick families."""
    names = ["--families", "dead", "+5 points"]
    monkeypatch.setattr(sys, "argv", ["verdicts", "--develop", "--share", "0.01", "--processes", "1", *names])
    command.main()
    printed = capsys.readouterr().out
    assert "2 of 2 labelled changes of 2 families, seeds 500000 to 500000 (developing)" in printed
    assert "| engine | Kayenta | Kayenta, one look | Kayenta, canary | Flagger | Mann-Whitney |" in printed
    assert "**dead target: undone within 30 s** (1) | all | 100.0 %" in printed


def test_the_engine_undoes_through_its_own_executor() -> None:
    """What it concludes is in the record of the execution: a guard, its reason, and when."""
    opinion, _, _ = Trial(Maker(Family.ERRORS_5, 700_001, Recordings()).case()).judged()
    assert (opinion.claim, opinion.kept) == (Claim.WORSE, False)
    assert opinion.told == "guard_tripped: guard_errors"
    assert opinion.seconds <= 60


def test_an_improvement_is_kept_with_its_reasons() -> None:
    """And later than the first looks: five seconds apart, at least six windows."""
    opinion, _, settled = Trial(Maker(Family.BETTER, 700_001, Recordings()).case()).judged()
    assert (opinion.claim, opinion.kept) == (Claim.BETTER, True)
    assert opinion.seconds >= settled + 30
    assert opinion.told.startswith("kept: ")


def test_a_share_is_told_with_its_interval() -> None:
    """Wilson: 0 of 200 may still be 1.9 %."""
    assert share(0, 200) == "0.0 % (0.0–1.9)"
    assert share(0, 0) == "–"
