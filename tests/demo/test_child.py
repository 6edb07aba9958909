"""Processes that do not outlive whoever started them."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from gunicorn_service import wait_for

from plugin_optimizer.demo.child import DEMO_VARIABLE, Child, marked_processes, stop_processes

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("ready", flush=True)
time.sleep(600)
"""
PARENT = """
import sys
from pathlib import Path
from plugin_optimizer.demo.child import DEMO_VARIABLE, Child
directory = Path(sys.argv[1])
child = Child("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), {DEMO_VARIABLE: sys.argv[1]}, directory / "log")
child.start()
print(child.pid, flush=True)
child.leader.wait()
"""
pytestmark = pytest.mark.live


def child_of(directory: Path, *command: str) -> Child:
    return Child("part", command, {DEMO_VARIABLE: str(directory)}, directory / "log")


def left(directory: Path) -> list[psutil.Process]:
    return list(marked_processes(str(directory)))


def test_stopping_ends_the_whole_session_even_of_the_stubborn(tmp_path: Path) -> None:
    """Who ignores TERM is killed, and so are the processes it started."""
    child = child_of(tmp_path, sys.executable, "-c", STUBBORN)
    child.start()
    wait_for(lambda: "ready" in child.log.read_text())
    assert len(left(tmp_path)) == 2
    child.stop(0.2)
    assert left(tmp_path) == []
    assert not child.alive()


def test_a_child_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    """The kernel tells it: nothing has to be found later."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert psutil.pid_exists(pid)
        parent.send_signal(signal.SIGKILL)
        wait_for(lambda: left(tmp_path) == [])


def test_only_processes_of_this_demo_are_found(tmp_path: Path) -> None:
    """Another directory's processes, and strangers, are left alone."""
    mine = child_of(tmp_path / "mine", sys.executable, "-c", "import time; time.sleep(600)")
    other = child_of(tmp_path / "other", sys.executable, "-c", "import time; time.sleep(600)")
    try:
        for child in (mine, other):
            child.log.parent.mkdir()
            child.start()
        wait_for(lambda: len(left(tmp_path / "mine")) == len(left(tmp_path / "other")) == 1)
        stop_processes(left(tmp_path / "mine"), 2.0)
        assert not mine.alive()
        assert other.alive()
    finally:
        mine.stop()
        other.stop()


def test_gunicorn_settings_of_the_user_do_not_reach_the_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable in somebody's profile does not change how many workers a service has."""
    monkeypatch.setenv("WEB_CONCURRENCY", "9")
    child = child_of(tmp_path, sys.executable, "-c", "import os; print(os.environ.get('WEB_CONCURRENCY'))")
    child.start()
    assert child.leader is not None
    child.leader.wait(60)
    assert child.log.read_text().strip() == "None"
