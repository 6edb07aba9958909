"""A real gunicorn for one service of a scenario: started, counted, turned by signals, ended with all it began."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from plugin_optimizer.demo.commands import gunicorn_script
from plugin_optimizer.demo.ports import free_tcp_ports

from .cache import cache
from .quota import quota
from .scenario import Folder, Service

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Pool:
    """A running service. `dead` is no error: some scenarios are about that."""

    service: Service
    port: int
    process: "subprocess.Popen[bytes]"
    cache_url: str = ""

    @property
    def entry(self) -> tuple[str, ...]:
        """Return the words before a command that start it on the service's host: none, it is this one."""
        return ()

    @property
    def unit(self) -> str:
        """Return the unit of systemd that the service is, empty where it is none."""
        return ""

    def address(self) -> dict[str, str]:
        """Return how the engine's configuration names it."""
        return {"touchpoint": "gunicorn", "name": self.service.name, "bind": f"{HOST}:{self.port}"}

    def workers(self) -> list[psutil.Process]:
        try:
            children = psutil.Process(self.process.pid).children()
            return [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
        except psutil.NoSuchProcess:
            return []

    def turn(self, workers: int) -> None:
        """Ask gunicorn for that many workers, by one signal for each step (TTIN up, TTOU down)."""
        steps = workers - len(self.workers())
        for _ in range(abs(steps)):
            self.process.send_signal(signal.SIGTTIN if steps > 0 else signal.SIGTTOU)
            time.sleep(0.05)  # equal signals that wait become one

    def cpu_seconds(self) -> float:
        """Return the CPU time of the present workers since their start."""
        return sum(self._each(lambda worker: sum(worker.cpu_times()[:2])))

    def memory_bytes(self) -> int:
        """Return the resident memory of the present workers."""
        return int(sum(self._each(lambda worker: worker.memory_info().rss)))

    def _each(self, figure: Callable[[psutil.Process], float]) -> Iterator[float]:
        for worker in self.workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                yield figure(worker)


@contextmanager
def pools(folder: Folder, room: Path, environment: dict[str, str]) -> Iterator[dict[str, Pool]]:
    """Run all services of the scenario while the block runs."""
    with ExitStack() as stack:
        yield {
            service.name: stack.enter_context(_made(folder, service, room, environment))
            for service in folder.scenario.services
        }


def _made(folder: Folder, service: Service, room: Path, environment: dict[str, str]) -> AbstractContextManager[Pool]:
    if service.server == "celery":
        from .queue_pool import queue_pool

        return queue_pool(folder, service, room, environment)
    if service.server == "unit":
        from .unit_pool import unit_pool

        return unit_pool(folder, service, room, environment)
    return _pool(folder, service, room, environment)


@contextmanager
def _pool(folder: Folder, service: Service, room: Path, environment: dict[str, str]) -> Iterator[Pool]:
    (port,) = free_tcp_ports(1)
    config = room / f"{service.name}.conf.py"
    config.write_text(f"workers = {service.workers}\nthreads = {service.threads}\ngraceful_timeout = 5\n")
    command = [
        sys.executable, gunicorn_script(), "--config", str(config), "--name", service.name, "--bind", f"{HOST}:{port}",
        "--control-socket", str(room / f"{service.name}.ctl"), "--log-level", "warning", *service.options, service.app,
    ]  # fmt: skip
    own = {
        **environment,
        **service.environment,
        "SERVICE": service.name,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    with (
        quota(service.cpu_cores) as limited,
        cache(service, room) as cache_url,
        (room / f"{service.name}.log").open("wb") as log,
    ):
        process = subprocess.Popen(
            [*limited, *command],
            cwd=folder.path,
            env={**os.environ, **own, "CACHE_URL": cache_url},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            pool = Pool(service, port, process, cache_url)
            wait_until_there(pool, room)
            yield pool
        finally:
            end(process)


def wait_until_there(pool: Pool, room: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while len(pool.workers()) < pool.service.workers:
        if pool.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{pool.service.name} did not start:\n{(room / f'{pool.service.name}.log').read_text()}")
        time.sleep(0.05)


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # workers that hang
