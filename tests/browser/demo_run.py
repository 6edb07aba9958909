"""The real demo, as somebody starts it: one supervisor, seven services, load, engine and dashboard."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from gunicorn_service import free_port, wait_for

from plugin_optimizer.demo.child import marked_processes

BASE = "/api/plugin-optimization"
START_SECONDS = 240.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that runs, seen from outside: its address, its logins and the process table."""

    directory: Path
    process: "subprocess.Popen[bytes]"
    url: str
    password: str
    token: str

    @property
    def dashboard(self) -> str:
        return f"{self.url}/plugin-optimization/"

    @property
    def state(self) -> Path:
        """Where the engine keeps its state."""
        return self.directory / "state"

    def ask(self, path: str) -> Any:
        """Return what the API answers to a script with the demo's token."""
        return self._send(urllib.request.Request(self.url + BASE + path))

    def tell(self, path: str, body: dict[str, str]) -> Any:
        """Post as a script with the demo's token does; return the answer."""
        headers = {"Content-Type": "application/json"}
        return self._send(urllib.request.Request(self.url + BASE + path, json.dumps(body).encode(), headers))

    def change_policy(self, name: str, changes: dict[str, object]) -> Any:
        """Change a policy as somebody else does, whatever it is now; None takes a field back."""
        headers = {"Content-Type": "application/json", "If-Match": "*"}
        url = f"{self.url}{BASE}/policies/{name}"
        return self._send(urllib.request.Request(url, json.dumps(changes).encode(), headers, method="PATCH"))

    def remove(self, path: str) -> Any:
        """Remove what is at a path, whatever it is now."""
        return self._send(urllib.request.Request(self.url + BASE + path, headers={"If-Match": "*"}, method="DELETE"))

    def _send(self, request: urllib.request.Request) -> Any:
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def left(self) -> list[psutil.Process]:
        return list(marked_processes(str(self.directory)))

    def workers(self, service: str) -> int:
        """Count the worker processes of a service in the process table: the children of its master."""
        family = {process.pid: process for process in self.running(f"demo.services.{service}:app")}
        return sum(1 for process in family.values() if parent_of(process) in family)

    def running(self, words: str) -> list[psutil.Process]:
        return [process for process in self.left() if words in command_of(process)]

    def kill_server(self) -> None:
        """End engine, API and dashboard as the kernel does when memory is short; the supervisor starts them again."""
        for process in self.running("plugin_optimizer.cli serve"):
            process.kill()

    def add_user(self, name: str, role: str, password: str) -> None:
        command = [sys.executable, "-m", "plugin_optimizer.cli", "user", "add", name, "--role", role]
        options = ["--password", password, "--config", str(self.directory / "config.toml")]
        subprocess.run([*command, *options], check=True, env=clean_environment(), capture_output=True, timeout=120)


def parent_of(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def clean_environment() -> dict[str, str]:
    """Return what a login shell has, without the settings of whoever runs the tests; PYTHONPATH says which code is tested."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}


@contextmanager
def running_demo(directory: Path) -> Iterator[Demo]:
    """Start it, wait for its welcome; in the end send TERM and see to it that nothing is left."""
    port, log = free_port(), directory.parent / "demo.log"
    command = [sys.executable, "-m", "plugin_optimizer.cli", "demo", "--port", str(port), "--directory", str(directory)]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=clean_environment()) as process,
    ):
        try:
            wait_for(
                lambda: process.poll() is not None or "Login" in log.read_text(), START_SECONDS, "the demo's welcome"
            )
            assert process.poll() is None, log.read_text()
            known = json.loads((directory / "credentials.json").read_text())
            yield Demo(directory, process, known["url"], known["password"], known["token"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)
    assert process.returncode == 0, log.read_text()
    assert list(marked_processes(str(directory))) == []
