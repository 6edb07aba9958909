"""The engine as its users have it: `plugin-optimizer serve`, asked over its API; every suggestion is clicked."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from plugin_optimizer.demo.ports import free_tcp_ports

from .pool import HOST, ROOT, Pool

Json = dict[str, Any]
START_SECONDS = 60.0
REASONS_EVERY = 10
# As in the demo: a verdict after minutes, where production takes more time to be sure.
POLICY: dict[str, float] = {
    "sustain_seconds": 15.0,
    "settle_seconds": 20.0,
    "verify_seconds": 300.0,
    "cooldown_seconds": 30.0,
}


def cache_of(service: str) -> str:
    """Return the plugin that is the service's cache."""
    return f"{service}-cache"


@dataclass(slots=True)
class Clicker:
    """Notes each suggestion when it first comes (seconds since the start), and executes what can be executed."""

    api: str
    began: float
    suggestions: dict[str, Json] = field(default_factory=dict)
    executions: dict[str, Json] = field(default_factory=dict)
    reasons: dict[str, set[str]] = field(default_factory=dict)
    looks: int = 0
    errors: list[str] = field(default_factory=list)

    def look(self) -> None:
        """One round: new suggestions, clicks, and what became of earlier ones."""
        now = time.monotonic() - self.began
        self.looks += 1
        if self.looks % REASONS_EVERY == 0:
            self._note_reasons()
        for found in self._get("/suggestions"):
            known = self.suggestions.setdefault(found["id"], {"first_seconds": now})
            known.update(found)
            if found["state"] == "open" and found["executable"] and found["id"] not in self.executions:
                self._click(found, now)
        for identity, execution in self.executions.items():
            if execution.get("result") not in ("success", "rolled_back", "failed"):
                execution.update(self._get(f"/executions/{execution['execution_id']}"))
                execution.setdefault("seen", []).append((now, execution["state"]))
                self.executions[identity] = execution

    def _note_reasons(self) -> None:
        """Collect why nothing is suggested for a plugin, and what is only advised."""
        for plugin in self._get("/plugins"):
            found = self._get(f"/plugins/{plugin['plugin_id']}")
            codes = {silence["code"] for silence in found["silences"]}
            self.reasons.setdefault(plugin["plugin_id"], set()).update(codes)

    def _click(self, suggestion: Json, now: float) -> None:
        headers = {"If-Match": f'"{suggestion["revision"]}"', "Idempotency-Key": suggestion["id"]}
        answer = requests.post(f"{self.api}/execute/{suggestion['id']}", headers=headers, timeout=15)
        if answer.status_code in (200, 202):
            self.executions[suggestion["id"]] = {"clicked_seconds": now, "suggestion": suggestion, **answer.json()}
        elif answer.status_code not in (409, 412, 429):  # those are asked again at the next look
            self.errors.append(f"{answer.status_code} {answer.text[:300]}")

    def _get(self, path: str) -> Any:
        answer = requests.get(f"{self.api}{path}", params={"lang": "en"}, timeout=15)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def engine(pools: dict[str, Pool], room: Path, home: Path) -> Iterator[str]:
    """Serve while the block runs; yield the API's address."""
    (port,) = free_tcp_ports(1)
    config = room / "engine.toml"
    config.write_text(_config(pools, room, home, port))
    (entry,) = {pool.entry for pool in pools.values()}  # the engine runs on the host of what it manages
    command = [*entry, sys.executable, "-m", "plugin_optimizer.cli", "serve", "--no-login", "--config", str(config)]
    with (
        (room / "engine.log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as process,
    ):
        api = f"http://{HOST}:{port}/api/plugin-optimization"
        try:
            _wait(process, api, room / "engine.log")
            yield api
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: "subprocess.Popen[bytes]", api: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if requests.get(f"{api}/suggestions", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the engine did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.2)


def _config(pools: dict[str, Pool], room: Path, home: Path, port: int) -> str:
    tables: dict[str, Mapping[str, Any]] = {
        "server": {"host": HOST, "port": port, "login": False},
        "engine": {"interval_seconds": 5.0, "state_dir": str(room / "state"), "home": str(home), "discover": False},
        "statsd": {"enabled": False},
        "policy": POLICY,
    }
    for name, pool in pools.items():
        tables[f"plugins.{name}"] = pool.address()
        tables[f"plugins.{name}.policy"] = dict(pool.service.policy)
        if pool.cache_url:
            tables[f"plugins.{cache_of(name)}"] = {"touchpoint": "redis", "url": pool.cache_url}
        if pool.unit:
            tables[f'plugins."{pool.unit}"'] = {"touchpoint": "systemd", "unit": pool.unit}
    lines = []
    for table, values in tables.items():
        lines += ["", f"[{table}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"
