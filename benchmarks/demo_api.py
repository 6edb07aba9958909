"""What the measured demo run knows of the demo: its API, its credentials, its load report and the process table."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests

BASE = "/api/plugin-optimization"
Json = dict[str, Any]


@dataclass(frozen=True)
class DemoApi:
    """The API of a running demo, with its token."""

    directory: Path

    @property
    def credentials(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.directory / "credentials.json").read_text())
        return found

    def get(self, path: str, **query: str) -> Any:
        answer = self._ask("GET", path, params={"lang": "en", **query})
        answer.raise_for_status()
        return answer.json()

    def answers(self) -> bool:
        """Tell whether the server is there and lets us in."""
        try:
            self.get("/plugins")
        except (OSError, ValueError, requests.RequestException):
            return False
        return True

    def suggestions(self) -> list[Json]:
        found: list[Json] = self.get("/suggestions")
        return found

    def execute(self, suggestion: Json) -> requests.Response:
        return self._ask("POST", f"/execute/{suggestion['id']}", headers={"If-Match": f'"{suggestion["revision"]}"'})

    def execution(self, execution_id: str) -> Json:
        found: Json = self.get(f"/executions/{execution_id}")
        return found

    def plugin(self, plugin_id: str) -> Json:
        found: Json = self.get(f"/plugins/{plugin_id}")
        return found

    def client_p95(self, plugin_id: str) -> float | None:
        """Return the p95 of the last 30 s as the load generator felt it; None where nothing answered."""
        try:
            report = json.loads((self.directory / "load.json").read_text())
        except (OSError, ValueError):
            return None
        found: float | None = report["services"][plugin_id]["p95_seconds"]
        return found

    def _ask(self, method: str, path: str, headers: dict[str, str] | None = None, **rest: Any) -> requests.Response:
        credentials = self.credentials
        return requests.request(
            method,
            credentials["url"] + BASE + path,
            headers={"Authorization": f"Bearer {credentials['token']}", **(headers or {})},
            timeout=15,
            **rest,
        )


def worker_count(directory: Path, service: str) -> int:
    """Return the living workers of a service, counted from the process table."""
    config = str(directory / "services" / service / "gunicorn.conf.py")
    running = [process for process in psutil.process_iter() if config in _command(process)]
    pids = {process.pid for process in running}
    return sum(_parent(process) in pids for process in running)


def wait_until(holds: Callable[[], bool], seconds: float, pause: float = 1.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def _command(process: psutil.Process) -> list[str]:
    try:
        return [] if process.status() == psutil.STATUS_ZOMBIE else process.cmdline()
    except psutil.Error:
        return []


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return -1
