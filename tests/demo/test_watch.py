"""Who is started again, and when."""

import sys
from pathlib import Path

import pytest

from plugin_optimizer.demo.child import DEMO_VARIABLE, Child
from plugin_optimizer.demo.watch import CALM_SECONDS, LONGEST_PAUSE_SECONDS, Watched


def ended(tmp_path: Path, code: str = "raise SystemExit(3)") -> Child:
    """Return a child that has ended by itself."""
    child = Child("orders", (sys.executable, "-c", code), {DEMO_VARIABLE: str(tmp_path)}, tmp_path / "log")
    child.start()
    assert child.leader is not None
    child.leader.wait(20)
    return child


def test_a_child_that_ended_is_started_again_after_a_pause(tmp_path: Path) -> None:
    """The pause doubles with each end, and what happened is said."""
    watched = Watched(ended(tmp_path), restart=True)
    assert watched.child.leader is not None
    first = watched.child.leader.pid
    assert "exit code 3; it is started again in 1 s" in str(watched.look(100.0))
    assert watched.look(100.9) is None
    assert watched.look(101.0) == "orders was started again"
    assert watched.child.leader.pid != first
    watched.child.leader.wait(20)
    watched.child.started_at = 101.0
    assert "in 2 s" in str(watched.look(102.0))


def test_the_pause_has_an_upper_bound_and_is_forgiven(tmp_path: Path) -> None:
    """Many quick ends wait half a minute; an end after a calm minute begins anew."""
    watched = Watched(ended(tmp_path), restart=True, ends=20)
    watched.child.started_at = 0.0
    watched.look(1.0)
    assert watched.restart_at == 1.0 + LONGEST_PAUSE_SECONDS
    calm = Watched(ended(tmp_path), restart=True, ends=20)
    calm.child.started_at = 0.0
    calm.look(CALM_SECONDS + 1)
    assert calm.restart_at == CALM_SECONDS + 2


def test_who_is_not_to_be_restarted_stays_down(tmp_path: Path) -> None:
    """The news is told once."""
    watched = Watched(ended(tmp_path), restart=False)
    assert str(watched.look(0.0)).endswith("and stays down")
    assert watched.look(1000.0) is None


@pytest.mark.parametrize(("code", "words"), [("import os; os.kill(os.getpid(), 9)", "SIGKILL"), ("1", "exit code 0")])
def test_an_end_is_told_in_words(tmp_path: Path, code: str, words: str) -> None:
    """Signals by name, codes as numbers."""
    assert words in ended(tmp_path, code).exit_text()
