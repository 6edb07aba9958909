"""Runs a server command on a free port of loopback, with its state in a directory of its own."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from gunicorn_service import free_port, wait_for

ROOT = Path(__file__).resolve().parents[2]
BASE = "/api/plugin-optimization"


@dataclass
class Served:
    """A running server. `process` is what was started; its children are its workers."""

    process: "subprocess.Popen[bytes]"
    directory: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lock_inode(self) -> int:
        return (self.directory / "state" / "engine.lock").stat().st_ino

    def family(self) -> set[int]:
        return {self.process.pid, *(child.pid for child in psutil.Process(self.process.pid).children(recursive=True))}

    def runners(self) -> list[int]:
        """The processes that hold the runner's lock, as the kernel knows them."""
        rows = [line.split() for line in Path("/proc/locks").read_text().splitlines() if "->" not in line]
        return [int(row[4]) for row in rows if row[5].endswith(f":{self.lock_inode}")]

    def ask(self, path: str, token: str | None = None, method: str = "GET") -> tuple[int, Any]:
        request = urllib.request.Request(self.url + BASE + path, method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError((self.directory / "server.log").read_text()[-4000:])
        try:
            return self.ask("/health")[0] == 200
        except (OSError, ValueError):
            return False


def write_config(directory: Path, port: int, server: str = "") -> Path:
    config = directory / "config.toml"
    config.write_text(
        f"[server]\nport = {port}\n{server}\n"
        f"[engine]\ninterval_seconds = 0.5\nstate_dir = '{directory / 'state'}'\nhome = '{directory / 'home'}'\n"
        "window_seconds = 60.0\ndiscover = false\n[statsd]\nenabled = false\n"
    )
    return config


def environment(directory: Path) -> dict[str, str]:
    return {
        "PLUGIN_OPTIMIZER_CONFIG": str(directory / "config.toml"),
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{directory}",
    }


@contextmanager
def served(directory: Path, command: Sequence[str], server: str = "") -> Iterator[Served]:
    """Start the command (`{port}` in it is the port), wait for its first answer, and end all of it in the end."""
    port = free_port()
    write_config(directory, port, server)
    with (directory / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [word.replace("{port}", str(port)) for word in command],
            cwd=directory,
            env=environment(directory),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    made = Served(process, directory, port)
    try:
        wait_for(made.answers, 120, "the server to answer")
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(60)
