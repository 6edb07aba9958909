"""Starts real gunicorns on loopback for tests, each in its own folder, session and port."""

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import psutil

from plugin_optimizer.touchpoints.gunicorn.workers import heartbeat_ages_seconds

START_SECONDS = 60.0
HELLO_APP = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""


class Reply(NamedTuple):
    status: int
    text: str


def wait_for(promise: Callable[[], object], seconds: float = START_SECONDS, what: str = "") -> None:
    """Return as soon as `promise()` is true; raise TimeoutError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not promise():
        if time.monotonic() > deadline:
            raise TimeoutError(what or f"{promise} was not true within {seconds:g} s")
        time.sleep(0.02)


def free_port() -> int:
    """Return a port that nobody listens on and no connection takes for its own end before a server has bound it.

    The kernel gives connections ports of another range. Each process of a test run goes through a part of its own.
    """
    for port in PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("every port below those of connections is taken")


def _ports() -> Iterator[int]:
    """Yield the ports of this process's part round and round; two runs on one host begin at different ones."""
    part = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PARTS
    ports = range(FIRST_PORT + part * PART_PORTS, FIRST_PORT + (part + 1) * PART_PORTS)
    begin = 37 * os.getpid() % PART_PORTS
    return itertools.cycle([*ports[begin:], *ports[:begin]])


FIRST_PORT, PARTS, PART_PORTS = 12_000, 8, 2_500  # up to 32,000; connections begin at 32,768
PORTS = _ports()


def _lives(child: psutil.Process) -> bool:
    try:
        return bool(child.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _age(child: psutil.Process) -> tuple[float, int]:
    return child.create_time(), child.pid


@dataclass
class GunicornService:
    """A gunicorn that runs until `stop()`; also a context manager."""

    directory: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    port: int
    expected_workers: int
    control_socket: Path | None
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    _groups: list[int] = field(default_factory=list, repr=False)

    @property
    def master_pid(self) -> int:
        """Return the pid gunicorn wrote itself, so that it is also right after a re-exec (USR2)."""
        return int((self.directory / "master.pid").read_text())

    @property
    def config_path(self) -> Path:
        return self.directory / "gunicorn_conf.py"

    @property
    def log(self) -> str:
        return (self.directory / "gunicorn.log").read_text()

    def worker_pids(self) -> list[int]:
        """Return the pids of the live children of the master, oldest first; empty if there is no master."""
        try:
            children = psutil.Process(self.master_pid).children()
        except (psutil.NoSuchProcess, FileNotFoundError, ValueError):
            return []
        return [child.pid for child in sorted(filter(_lives, children), key=_age)]

    def get(self, path: str = "/", timeout: float = START_SECONDS) -> Reply:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout) as answer:
                return Reply(answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.read().decode())

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.master_pid, number)

    def wait_for_workers(self, count: int, seconds: float = START_SECONDS) -> None:
        wait_for(lambda: len(self.worker_pids()) == count, seconds, f"{count} workers, {self.worker_pids()} are there")

    def start(self) -> None:
        with (self.directory / "gunicorn.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.directory,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._groups.append(self._process.pid)
        wait_for(self._ready, what=f"gunicorn to listen on port {self.port}")

    def _ready(self) -> bool:
        """Tell whether all workers serve; raise RuntimeError with the log if gunicorn ended."""
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"gunicorn ended at its start:\n{self.log[-4000:]}")
        try:
            serving = sum(1 for _ in heartbeat_ages_seconds(self.master_pid))  # they have loaded the application
        except (FileNotFoundError, ValueError):
            return False
        if serving < self.expected_workers:
            return False
        if self.control_socket is not None and not self.control_socket.exists():
            return False
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def restart(self) -> None:
        """Stop it and start the same command again, as a supervisor does."""
        self._end()
        self.start()

    def stop(self) -> None:
        self._end()
        if self.control_socket is not None:
            shutil.rmtree(self.control_socket.parent, ignore_errors=True)

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._end_group()

    def _end_group(self) -> None:
        """End what is left of the sessions this service opened (stuck workers, a re-executed master)."""
        for group in self._groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._groups.clear()
        (self.directory / "master.pid").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_gunicorn(
    tmp_path: Path,
    app_source: str = HELLO_APP,
    *,
    workers: int = 1,
    extra: Sequence[str] = (),
    config: str | None = None,
    name: str | None = None,
    env: Mapping[str, str] | None = None,
) -> GunicornService:
    """Start a gunicorn that serves `app_source` (it defines `app`) on a free port, and wait until it listens.

    With `config` (the text of its config file) no `--workers` is given on the command line, since that would win;
    `workers` then only says how many to wait for. Its control socket is its own unless `extra` says otherwise.
    """
    port = free_port()
    directory = tmp_path / f"{name or 'service'}-{port}"
    directory.mkdir(parents=True)
    (directory / "service_app.py").write_text(app_source)
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--pid", "master.pid"]
    if name is not None:
        command += ["--name", name]
    if config is None:
        command += ["--workers", str(workers)]
    else:
        (directory / "gunicorn_conf.py").write_text(config)
        command += ["--config", "gunicorn_conf.py"]
    control_socket = _own_control_socket(extra)
    if control_socket is not None:
        command += ["--control-socket", str(control_socket)]
    service = GunicornService(
        directory, [*command, *extra, "service_app:app"], _environment(env), port, workers, control_socket
    )
    try:
        service.start()
    except BaseException:
        service.stop()
        raise
    return service


def _own_control_socket(extra: Sequence[str]) -> Path | None:
    """Return a short path (a Unix socket's holds 107 bytes), None where `extra` settles the question."""
    if any("control-socket" in argument for argument in extra):
        return None
    return Path(tempfile.mkdtemp(prefix="ctl-")) / "gunicorn.ctl"


def _environment(env: Mapping[str, str] | None) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in ("GUNICORN_CMD_ARGS", "WEB_CONCURRENCY")}
    return {**inherited, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
