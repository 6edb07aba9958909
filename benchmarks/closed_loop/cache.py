"""A Redis of a scenario's service: of the size the scenario says, ended with it."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from plugin_optimizer.demo.ports import free_tcp_ports

from .scenario import Service

HOST = "127.0.0.1"
START_SECONDS = 60.0


@contextmanager
def cache(service: Service, room: Path) -> Iterator[str]:
    """Yield its address while the block runs; empty where the service has none."""
    if not service.redis_bytes:
        yield ""
        return
    (port,) = free_tcp_ports(1)
    command = [
        "redis-server", "--bind", HOST, "--port", str(port), "--save", "", "--dir", str(room),
        "--maxmemory", str(service.redis_bytes), "--maxmemory-policy", "allkeys-lru",
    ]  # fmt: skip
    with (room / f"{service.name}-cache.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(process, port)
        yield f"redis://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    with redis.Redis(host=HOST, port=port) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return
