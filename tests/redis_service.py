"""Starts real Redis servers on loopback for tests, each in its own folder and on its own port."""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis

from tests.gunicorn_service import free_port, wait_for

MEBIBYTE = 1 << 20


@dataclass
class RedisService:
    """A Redis that runs until `stop()`; also a context manager. With `config` it has a file that it may rewrite."""

    directory: Path
    port: int
    config: str | None = None
    arguments: Sequence[str] = ()
    password: str | None = None
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def config_path(self) -> Path:
        return self.directory / "redis.conf"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def client(self) -> Any:
        return redis.Redis(port=self.port, password=self.password, protocol=2)

    def start(self) -> None:
        first = [str(self.config_path)] if self.config is not None else []
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.directory)]
        with (self.directory / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", *first, *options, *self.arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(self._ready, what=f"Redis to listen on port {self.port}")

    def _ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"Redis ended at its start:\n{(self.directory / 'redis.log').read_text()[-3000:]}")
        try:
            return bool(self.client.ping())
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:
            return False

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def fill(self, keys: int, value_bytes: int = 700, *, seconds_to_live: int | None = None) -> None:
        """Set so many keys of that size, one after the other."""
        with self.client.pipeline(transaction=False) as sent:
            for number in range(keys):
                sent.set(f"key:{number}", b"x" * value_bytes, ex=seconds_to_live)
            sent.execute(raise_on_error=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_redis(
    tmp_path: Path, *arguments: str, config: str | None = None, password: str | None = None
) -> RedisService:
    """Start a Redis on a free port and wait until it answers. `config` is the text of its file."""
    port = free_port()
    directory = tmp_path / f"redis-{port}"
    directory.mkdir(parents=True)
    service = RedisService(directory, port, config, arguments, password)
    if config is not None:
        service.config_path.write_text(config)
    try:
        service.start()
    except BaseException:
        service.stop()
        raise
    return service


def until(promise: Any, seconds: float = 60.0) -> Any:
    """Return the first true answer of `promise`."""
    deadline = time.monotonic() + seconds
    while not (answer := promise()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.02)
    return answer
