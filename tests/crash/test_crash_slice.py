"""A handful of real crashes; all points, faults and targets are `python -m tests.reliability --only crash_runs`."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from plugin_optimizer.domain import Value
from tests.crash import invariants
from tests.crash.case import AFTER, BEFORE, Case, case_at
from tests.crash.ledger import LAG_SECONDS, Entry, Ledger

ROOT = Path(__file__).parents[2]
SLICE = [
    case_at("C08", "kill"),
    case_at("C10", "kill"),
    case_at("C16P", "kill"),
    case_at("C20", "kill"),
    case_at("C10", "stop"),
]
LONGEST_SECONDS = 500.0


@pytest.mark.timeout(600)
def test_engines_that_are_killed_or_stopped_do_everything_once() -> None:
    """Four deaths by SIGKILL and one SIGSTOP: every fault struck, every promise held."""
    command = [sys.executable, "-m", "tests.crash", *(case.name for case in SLICE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("signals [9]") == 4, done.stdout


def order(at: float, seen: int, fence: int, to: int = AFTER, final: bool = False) -> Entry:
    return Entry("turn", at, seen, to, 1, fence, fence, final)


def test_the_reckoning_sees_what_it_is_there_for() -> None:
    """A step under another, a fence that falls, an effect after the end, a step beyond the way."""
    right = [order(0.0, 2, 5), order(1.0, 3, 6)]
    assert list(invariants._effects(right)) == []
    wrong = {
        "(a)": [order(0.0, 2, 5), order(LAG_SECONDS / 2, 2, 6)],
        "(stale)": [order(0.0, 2, 6), order(1.0, 3, 6)],
        "(stale) an effect upon": [order(0.0, 2, 6, final=True)],
        "(f)": [order(0.0, 4, 6, to=5)],
    }
    for letter, orders in wrong.items():
        assert any(what.startswith(letter) for what in invariants._effects(orders)), letter


@pytest.mark.parametrize("values", [[3, 3, 4], [3, 4, 3, 4], [3, 4, 5]])
def test_the_reckoning_sees_what_really_happened_twice(values: list[int]) -> None:
    """A value given twice, a way gone twice, a value beyond the end."""
    assert list(invariants._applied(case_at("C10", "kill", "signals"), values))


def test_the_ledger_target_moves_by_one_and_late(tmp_path: Path) -> None:
    """A relative step shows after its lag; a death brings back what is configured."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    seen: list[Value] = []
    for kind in ("turn", "lost", "turn", "died"):
        ledger.append(kind, delta=1)
        seen.append(ledger.value(ledger.entries()[-1].at + LAG_SECONDS))
    assert seen == [BEFORE + 1, BEFORE + 1, BEFORE + 2, BEFORE]
    assert all(second.at >= first.at for first, second in pairwise(ledger.entries()))


def test_a_case_is_found_again_by_its_name() -> None:
    """What a failed run prints is what replays it."""
    for case in (*SLICE, Case("", "pause", "probe", "undo", kill_after_seconds=1.25)):
        assert Case.parse(case.name) == case
