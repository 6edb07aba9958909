"""Starts real Celery workers with a real Redis on loopback for tests, each in its own folder, session and port."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import redis

from plugin_optimizer.demo.ports import free_tcp_ports
from tests.gunicorn_service import wait_for

TASKS = """
import os
import time
from celery import Celery

app = Celery("tasks")
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)

@app.task
def nap(name, seconds):
    # Write down who began and who ended: what is lost, and what is run twice, shows there.
    with open(os.environ["RUNS"], "a") as file:
        file.write(f"begin {name} {os.getpid()}\\n")
    time.sleep(seconds)
    with open(os.environ["RUNS"], "a") as file:
        file.write(f"end {name} {os.getpid()}\\n")

@app.task
def fail(name, seconds):
    nap(name, seconds)
    raise ValueError(name)
"""


@contextlib.contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """Run a Redis on a free port; yield its URL without a database."""
    (port,) = free_tcp_ports(1)
    command = [shutil.which("redis-server") or "redis-server", "--save", "", "--port", str(port), "--bind", "127.0.0.1"]
    with (directory / "redis.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=directory, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        client = redis.Redis(port=port)
        wait_for(lambda: _answers(client), what="redis to answer")
        client.close()
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _lives(child: psutil.Process) -> bool:
    """Tell whether a child has not ended; one that ends at this moment says nothing of the others."""
    try:
        return bool(child.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


@dataclass
class CeleryWorker:
    """A worker that runs until `stop()`; also a context manager. `url` is its broker's."""

    directory: Path
    url: str
    node: str
    command: Sequence[str]
    environment: Mapping[str, str]
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    _app: Any = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.directory / "worker.log").read_text()

    @property
    def app(self) -> Any:
        """Return a Celery that speaks to the same broker."""
        if self._app is None:
            from celery import Celery

            self._app = Celery("tests", broker=self.url, set_as_current=False)
        return self._app

    def children(self) -> list[int]:
        """Return the pids of its live children, oldest first; empty where it does not run."""
        try:
            found = psutil.Process(self.pid).children()
        except psutil.NoSuchProcess:
            return []
        return sorted(child.pid for child in found if _lives(child))

    def send(self, names: Sequence[str], seconds: float, task: str = "nap") -> None:
        with self.app.connection_for_write() as connection, self.app.amqp.Producer(connection) as producer:
            for name in names:
                self.app.send_task(f"tasks.{task}", (name, seconds), producer=producer)

    def ask(self, command: str, **arguments: Any) -> Any:
        with self.app.connection_for_write() as connection:
            answers = self.app.control.broadcast(
                command, arguments, [self.node], connection, reply=True, limit=1, timeout=10
            )
        return answers[0][self.node]

    def runs(self, kind: str) -> list[str]:
        """Return the names of the tasks that `begin` or `end` was written for, each as often as it was."""
        path = self.directory / "runs"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.split()[1] for line in lines if line.startswith(kind)]

    def start(self) -> None:
        before = self.log.count(" ready.") if (self.directory / "worker.log").exists() else 0
        with (self.directory / "worker.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.directory,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(lambda: self._ready(before), what=f"{self.node} to be ready")
        wait_for(self._answers, what=f"{self.node} to answer")  # it says that it is ready before it listens

    def _ready(self, before: int) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"celery ended at its start:\n{self.log[-4000:]}")
        return (
            self.log.rpartition("-- celery@")[2].count(" ready.") > 0 or " ready." in self.log.rpartition("[config]")[2]
        )

    def _answers(self) -> bool:
        with self.app.connection_for_write() as connection:
            return bool(self.app.control.broadcast("ping", {}, [self.node], connection, reply=True, limit=1, timeout=1))

    def restart(self) -> None:
        self._end()
        self.start()

    def hang_up(self) -> None:
        """Let it begin anew in the same process."""
        os.kill(self.pid, signal.SIGHUP)

    def stop(self) -> None:
        self._end()
        if self._app is not None:
            self._app.close()

    def _end(self) -> None:
        if self._process is None:
            return
        group = self._process.pid
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_celery(
    tmp_path: Path, url: str, *extra: str, name: str = "mail", source: str = TASKS, variable: str = "CELERY_BROKER_URL"
) -> CeleryWorker:
    """Start a worker of `source` (it defines `app`), the broker in an environment `variable`, and wait until it is ready."""
    directory = tmp_path / name
    directory.mkdir(parents=True)
    (directory / "tasks.py").write_text(source)
    script = str(Path(sys.executable).with_name("celery"))  # as a module it could not begin anew on HUP
    command = [sys.executable, script, "-A", "tasks", "worker", "-n", f"{name}@%h", "-l", "INFO", *extra]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("CELERY")}
    environment = {
        **inherited,
        "PYTHONDONTWRITEBYTECODE": "1",
        variable: url,
        "RUNS": str(directory / "runs"),
        "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
        "PLUGIN_OPTIMIZER_HOME": str(tmp_path / "home"),
    }
    worker = CeleryWorker(directory, url, f"{name}@{os.uname().nodename}", command, environment)
    try:
        worker.start()
    except BaseException:
        worker.stop()
        raise
    return worker
