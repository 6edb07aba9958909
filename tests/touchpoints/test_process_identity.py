"""Signals reach the process that was meant, or nobody."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from plugin_optimizer.domain import Gone, Refused
from plugin_optimizer.touchpoints.process_identity import catches, identify, read_command, read_stat, send_signal
from tests.gunicorn_service import wait_for

LISTENER = """
import signal, sys, time
signal.signal(signal.SIGTTIN, lambda *_: print("caught", flush=True))
print("ready", flush=True)
while True:
    time.sleep(1)
"""


@pytest.fixture
def listener() -> Iterator["subprocess.Popen[str]"]:
    """A process that says so when it gets TTIN."""
    process = subprocess.Popen([sys.executable, "-c", LISTENER], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_the_identified_process_gets_the_signal(listener: "subprocess.Popen[str]") -> None:
    """Identity unchanged, handler there: the signal arrives."""
    send_signal(identify(listener.pid), signal.SIGTTIN)
    assert listener.stdout is not None
    assert listener.stdout.readline() == "caught\n"


def test_a_process_that_is_not_what_it_was_is_not_signalled(listener: "subprocess.Popen[str]") -> None:
    """Another start, user, executable or command line: nothing is sent."""
    identity = identify(listener.pid)
    assert identity.executable is not None
    forged = [
        replace(identity, start_ticks=identity.start_ticks - 1),
        replace(identity, user_id=identity.user_id + 1),
        replace(identity, executable=(0, 0)),
        replace(identity, command=("gunicorn",)),
        replace(identity, boot_id="another start of the host"),
    ]
    for other in forged:
        with pytest.raises((Gone, Refused)):
            send_signal(other, signal.SIGTTIN)
    send_signal(identity, signal.SIGTTIN)
    assert listener.stdout is not None
    assert listener.stdout.readline() == "caught\n"
    listener.kill()
    assert listener.stdout.read() == ""


def test_a_signal_that_would_stop_the_process_is_refused(listener: "subprocess.Popen[str]") -> None:
    """Without a handler TTOU stops a process; SigCgt says so beforehand."""
    assert catches(listener.pid, signal.SIGTTIN)
    assert not catches(listener.pid, signal.SIGTTOU)
    with pytest.raises(Refused, match="SIGTTOU"):
        send_signal(identify(listener.pid), signal.SIGTTOU)
    assert read_stat(listener.pid).state != "T"


def test_we_our_parents_and_the_first_process_are_never_signalled() -> None:
    """Whatever an address says."""
    for pid in (1, *ancestors()):
        with pytest.raises(Refused, match="our own"):
            send_signal(identify(pid), signal.SIGTTIN)
    for pid in (0, -1, -os.getpid()):  # "everybody" and groups, to kill(2)
        with pytest.raises(Refused, match="our own"):
            send_signal(replace(identify(os.getpid()), pid=pid), signal.SIGTTIN)


def ancestors() -> list[int]:
    """Return our pid and those of all above us that can be seen."""
    found = [os.getpid()]
    while (parent := read_stat(found[-1]).parent_pid) > 1:
        found.append(parent)
    return found


def test_a_thread_of_the_kernel_is_never_signalled() -> None:
    """They show no command and catch nothing; their flag says what they are."""
    threads = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and is_kernel(path.name)]
    if not threads:
        pytest.skip("no thread of the kernel can be seen in this PID namespace")
    for pid in threads[:5]:
        with pytest.raises((Refused, Gone)):
            send_signal(identify(pid), signal.SIGTTIN)


def is_kernel(pid: str) -> bool:
    try:
        return read_stat(int(pid)).kernel_thread
    except Gone:
        return False


def test_an_ended_process_is_gone(listener: "subprocess.Popen[str]") -> None:
    """Also while its parent has not collected it."""
    identity = identify(listener.pid)
    listener.kill()
    wait_for(lambda: not read_stat(listener.pid).alive)
    for ask in (lambda: identify(listener.pid), lambda: send_signal(identity, signal.SIGTTIN)):
        with pytest.raises(Gone):
            ask()
    assert read_command(listener.pid) == ()
    listener.wait()
    with pytest.raises(Gone):
        read_stat(listener.pid)


def test_start_and_age_are_those_of_the_process(listener: "subprocess.Popen[str]") -> None:
    """Start in Unix seconds, age from the same clock."""
    stat = read_stat(listener.pid)
    before = time.time() - stat.start_seconds
    age = stat.age_seconds
    after = time.time() - stat.start_seconds
    assert 0 <= before < 600
    assert before - 0.5 <= age <= after + 0.5
    assert stat.parent_pid == os.getpid()


REUSE = """
import os, signal, sys, time
from pathlib import Path
from plugin_optimizer.domain import Gone
from plugin_optimizer.touchpoints.process_identity import identify, send_signal

signal.signal(signal.SIGTTIN, lambda *_: os._exit(9))  # children inherit it: a wrong signal shows in their exit code
reused = wrong = 0
for _ in range(int(sys.argv[1])):
    first = os.fork()
    if not first:
        signal.pause()
    identity = identify(first)
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(first - 1))
    time.sleep(0.011)  # a start time has a resolution of 10 ms
    second = os.fork()
    if not second:
        signal.pause()
    reused += second == first
    try:
        send_signal(identity, signal.SIGTTIN)
    except Gone:
        pass
    os.kill(second, signal.SIGKILL)
    wrong += os.waitpid(second, 0)[1] != signal.SIGKILL
print(reused, wrong)
"""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="a PID namespace of our own needs root")
def test_a_reused_pid_is_never_signalled() -> None:
    """In 100 trials each pid is given to another process at once; none of those gets the signal."""
    root = Path(__file__).parents[2]
    command = ["unshare", "--fork", "--pid", "--mount-proc", sys.executable, "-c", REUSE, "100"]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    if "unshare" in answer.stderr or "ns_last_pid" in answer.stderr:
        pytest.skip(f"no PID namespace to be had here: {answer.stderr[-200:]}")
    assert answer.stdout.split() == ["100", "0"], answer.stderr
