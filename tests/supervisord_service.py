"""Starts real supervisords for tests, each in its own folder and session, with workers that take tasks from a folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from plugin_optimizer.touchpoints.supervisord.rpc import SupervisorRpc
from tests.gunicorn_service import wait_for

WORKER = """
import os, signal, sys, time
from pathlib import Path

place, going = Path(sys.argv[1]), []
signal.signal(signal.SIGTERM, lambda *_: going.append(True))
while not going:
    for task in sorted((place / "inbox").iterdir()):
        mine = place / "taken" / f"{task.name}-{os.getpid()}"
        try:
            task.rename(mine)  # one of all who try gets it
        except FileNotFoundError:
            continue
        time.sleep(0.05)
        with (place / "runs").open("a") as runs:
            runs.write(f"{task.name}\\n")
        mine.unlink()
        break
    else:
        time.sleep(0.02)
"""
TASKS = """\
[program:tasks]
command = {python} %(here)s/../worker.py %(here)s/.. --number=%(process_num)02d
process_name = %(program_name)s_%(process_num)02d
numprocs = {numprocs}
environment = ROOM="of %(group_name)s"   ; as it stands there
startsecs = 1
"""
OTHER = """\
[program:other]
command = /bin/sleep 1000
process_name = %(program_name)s_%(process_num)d
numprocs = 2
"""
MAIN = """\
[unix_http_server]
file = {folder}/supervisor.sock
{secret}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
logfile = {folder}/supervisord.log
pidfile = {folder}/supervisord.pid
childlogdir = {folder}

[include]
files = conf.d/*.conf
"""


@dataclass
class SupervisordService:
    folder: Path
    rpc: SupervisorRpc
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "supervisord.out").read_text(errors="replace")

    def pids(self, *programs: str) -> set[int]:
        """Return the pids of its live children whose command line has one of these words (all without any)."""
        found = set()
        for child in psutil.Process(self.pid).children():
            with contextlib.suppress(psutil.Error):
                words = child.cmdline()
                if child.status() != psutil.STATUS_ZOMBIE and (
                    not programs or any(p in " ".join(words) for p in programs)
                ):
                    found.add(child.pid)
        return found

    def put(self, names: range) -> None:
        for number in names:
            (self.folder / "inbox" / f"{number:05d}").touch()

    def runs(self) -> list[str]:
        path = self.folder / "runs"
        return path.read_text().split() if path.exists() else []

    def start(self) -> None:
        command = [*supervisord_program(), "-n", "-c", str(self.folder / "supervisord.conf")]
        with (self.folder / "supervisord.out").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True)
        wait_for(self._answers, what=f"supervisord did not answer: {self.log[-3000:]}")

    def stop(self) -> None:
        if self._process is None:
            return
        children = psutil.Process(self._process.pid).children() if self._process.poll() is None else []
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for child in children:  # each leads a group of its own
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"supervisord ended: {self.log[-3000:]}"
        try:
            return self.rpc.pid() == self.pid
        except Exception:  # noqa: BLE001 - it is being started
            return False


def supervisord_program() -> list[str]:
    beside = Path(sys.executable).with_name("supervisord")
    found = str(beside) if beside.exists() else shutil.which("supervisord")
    assert found, "there is no supervisord: it is among the packages of the development group"
    return [found]


@contextlib.contextmanager
def start_supervisord(
    folder: Path, numprocs: int = 2, program: str = TASKS, main: str = MAIN, password: str = ""
) -> Iterator[SupervisordService]:
    """Run a supervisord with the groups `tasks` and `other` until the block ends."""
    for name in ("conf.d", "inbox", "taken"):
        (folder / name).mkdir(parents=True)
    (folder / "worker.py").write_text(WORKER)
    secret = f"username = admin\npassword = {password}\n" if password else ""
    (folder / "supervisord.conf").write_text(main.format(folder=folder, secret=secret))
    (folder / "conf.d" / "tasks.conf").write_text(
        program.replace("{python}", sys.executable).replace("{numprocs}", str(numprocs))
    )
    (folder / "conf.d" / "other.conf").write_text(OTHER)
    rpc = SupervisorRpc(f"unix://{folder}/supervisor.sock", "admin" if password else "", password)
    service = SupervisordService(folder, rpc)
    try:
        service.start()
        yield service
    finally:
        service.stop()
