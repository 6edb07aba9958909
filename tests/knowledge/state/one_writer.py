"""Another process that has come to its turn as a writer of a state, and stays there until it is told to go on."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from plugin_optimizer.knowledge import open_state

LONGEST_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Another:
    """`go_on` is where it waits for a byte."""

    pid: int
    go_on: int

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def finish(self) -> None:
        """Let it come to its end, and wait for that."""
        os.kill(self.pid, signal.SIGCONT)
        os.write(self.go_on, b"!")
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == 0


@contextmanager
def another(what: str, state_path: Path) -> Iterator[Another]:
    """Lend a process that has reached its turn; it, and its child, are killed at the end of the block.

    `what` is `write` (it is within a transaction), `seat` (it has only taken the writer's seat), or `fork` (it has left a child behind, too).
    """
    waited_for, go_on = os.pipe()
    here, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            _come(what, state_path, say, waited_for)
            os._exit(0)
        finally:
            os._exit(1)
    os.close(say)
    try:
        assert os.read(here, 1) == b"!"
        yield Another(pid, go_on)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        for end in (waited_for, go_on, here):
            os.close(end)


def _come(what: str, state_path: Path, say: int, waited_for: int) -> None:
    state = open_state(state_path)
    with state._database.writing() if what == "write" else state._database._writers.turn() as transaction:
        if transaction is not None:
            transaction.audit(time.time(), "other", "other.wrote", "other")
        if what == "fork" and os.fork() == 0:
            time.sleep(LONGEST_SECONDS)
            os._exit(0)
        os.write(say, b"!")
        os.read(waited_for, 1)
    state.close()


def write_for_ever(state_path: Path) -> int:
    """Fork a process that does, and return its id."""
    child = os.fork()
    if child:
        return child
    try:
        state = open_state(state_path)
        while True:
            state.save_policy(f"p{os.getpid()}", {"max_workers": 3}, "ann", time.time())
    finally:
        os._exit(1)
