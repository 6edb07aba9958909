"""A real Celery worker on a Redis of its own, as one service of a scenario."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from plugin_optimizer.demo.ports import free_tcp_ports

from .pool import HOST, ROOT, Pool, end, wait_until_there
from .quota import quota
from .scenario import Folder, Service

READY_SECONDS = 60.0
SHOWS_SECONDS = 6.0  # a worker looks after its pool every 5 s


@dataclass
class QueuePool(Pool):
    """`done` is where its tasks write down when they ran. `wanted` is the number asked for last, at `asked_at`."""

    done: Path = Path()
    wanted: int = 0
    asked_at: float = 0.0

    @property
    def node(self) -> str:
        return f"{self.service.name}@{os.uname().nodename}"

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    @cached_property
    def client(self) -> Any:
        """Return a Celery that sends to it."""
        from celery import Celery

        return Celery("sender", broker=self.url, set_as_current=False)

    def address(self) -> dict[str, str]:
        return {"touchpoint": "celery", "node": self.node}

    def turn(self, workers: int) -> None:
        """Ask for that many processes, as an operator does: what a busy pool refuses stays undone."""
        if workers == self.wanted and time.monotonic() - self.asked_at < SHOWS_SECONDS:
            return  # on its way
        self.wanted, self.asked_at = workers, time.monotonic()
        steps = workers - len(self.workers())
        command = "pool_grow" if steps > 0 else "pool_shrink"
        with self.client.connection_for_write() as connection:
            control, order = self.client.control, {"n": abs(steps)}
            control.broadcast(command, order, [self.node], connection, reply=True, limit=1, timeout=3)


@contextmanager
def queue_pool(folder: Folder, service: Service, room: Path, environment: dict[str, str]) -> Iterator[QueuePool]:
    """Run Redis and the worker while the block runs."""
    (port,) = free_tcp_ports(1)
    log_path, done = room / f"{service.name}.log", room / f"{service.name}.done"
    server = [shutil.which("redis-server") or "redis-server", "--save", "", "--port", str(port), "--bind", HOST]
    command = [
        sys.executable, "-m", "celery", "-A", service.app, "worker", "-n", f"{service.name}@%h",
        "-c", str(service.workers), "-l", "WARNING", *service.options,
    ]  # fmt: skip
    own = {**environment, **service.environment, "SERVICE": service.name, "PYTHONPATH": str(ROOT)}
    own["CELERY_BROKER_URL"] = f"redis://{HOST}:{port}/0"
    with quota(service.cpu_cores) as limited, log_path.open("wb") as log:
        redis = subprocess.Popen(server, cwd=room, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)
        process = subprocess.Popen(
            [*limited, *command],
            cwd=folder.path,
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        pool = QueuePool(service, port, process, done=done, wanted=service.workers)
        try:
            wait_until_there(pool, room)
            _wait_until_it_answers(pool)
            yield pool
        finally:
            end(process)
            end(redis)


def _wait_until_it_answers(pool: QueuePool) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with pool.client.connection_for_write() as connection:
            if pool.client.control.broadcast("ping", None, [pool.node], connection, reply=True, limit=1, timeout=1):
                return
    raise RuntimeError(f"{pool.node} did not answer within {READY_SECONDS:g} s")
