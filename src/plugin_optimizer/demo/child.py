"""One process started by the supervisor: started, watched, stopped, and gone when the supervisor is gone."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

DEMO_VARIABLE = "PLUGIN_OPTIMIZER_DEMO_DIRECTORY"
STOP_SECONDS = 8.0  # the server gives open event streams 5 s
GUNICORN_VARIABLES = ("GUNICORN_CMD_ARGS", "WEB_CONCURRENCY")
PR_SET_PDEATHSIG = 1  # linux/prctl.h

_libc = ctypes.CDLL(None, use_errno=True)  # loaded before any fork


@dataclass(slots=True)
class Child:
    """A command in its own session. `environment` is added to ours; the output goes to `log`.

    Start it from the main thread only: the kernel takes the end of the *thread* that forked for our end.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    leader: psutil.Popen | None = None
    started_at: float = field(default=0.0)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.leader = psutil.Popen(  # the command is ours, no shell
                self.command,
                env={**_inherited(), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_bind_to_parent(os.getpid()),
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self.leader.pid if self.leader else None

    def alive(self) -> bool:
        """Tell whether it runs, by itself or by a successor (gunicorn re-executes itself on USR2)."""
        if self.leader is None:
            return False
        if self.leader.poll() is None:
            return True
        return any(_has_children(process) for process in self.members())

    def exit_text(self) -> str:
        """Say in words how the process we started ended."""
        code = self.leader.poll() if self.leader else None
        if code is None:
            return "is running"
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def members(self) -> list[psutil.Process]:
        """Return the living processes of its session."""
        if self.leader is None:
            return []
        session = self.leader.pid
        return [
            process for process in marked_processes(self.environment[DEMO_VARIABLE]) if _session(process) == session
        ]

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask it to end, wait, then end what is left of its session."""
        if self.leader is None:
            return
        masters: list[psutil.Process] = [self.leader] if self.leader.poll() is None else self.members()
        stop_processes(masters, seconds)
        stop_processes(self.members(), 0.0 if masters else seconds)
        self.leader.poll()


def marked_processes(directory: str) -> Iterator[psutil.Process]:
    """Yield the living processes that a demo in `directory` started, this one excepted.

    They are known by a variable in their environment, which a stranger's process that was given an old
    process id does not have.
    """
    own, user = os.getpid(), os.getuid()
    for process in psutil.process_iter():
        try:
            if process.pid == own or process.uids().real != user or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.environ().get(DEMO_VARIABLE) == directory:
                yield process
        except (psutil.Error, OSError):
            continue  # it ended while we looked, or is not ours to see


def stop_processes(processes: list[psutil.Process], seconds: float) -> None:
    """Send TERM, wait up to `seconds`, send KILL to those that are left and wait for their end."""
    for process in processes:
        _tell(process.terminate)
    _, stubborn = psutil.wait_procs(processes, timeout=seconds)
    for process in stubborn:
        _tell(process.kill)
    psutil.wait_procs(stubborn, timeout=STOP_SECONDS)


def _inherited() -> dict[str, str]:
    """Return our environment without what would change gunicorn's settings behind our back."""
    return {name: value for name, value in os.environ.items() if name not in GUNICORN_VARIABLES}


def _tell(order: Callable[[], None]) -> None:
    """Give an order to a process that may be gone already. psutil compares its start time first."""
    with suppress(psutil.NoSuchProcess):
        order()


def _session(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except OSError:
        return -1


def _has_children(process: psutil.Process) -> bool:
    try:
        return bool(process.children())
    except psutil.Error:
        return False


def _bind_to_parent(parent: int) -> Callable[[], None]:
    """Return what the child runs before its command: TERM reaches it when we end, even by KILL."""

    def bind() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)  # we ended before the line above

    return bind
