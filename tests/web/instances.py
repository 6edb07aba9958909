"""Several real servers over one state directory, each a process of its own on a free port."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from plugin_optimizer.domain import (
    Change,
    Direction,
    Goal,
    Message,
    Metric,
    Plugin,
    PluginStatus,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
)
from plugin_optimizer.knowledge import SqlStateStore, open_state
from plugin_optimizer.web import token as tokens

BASE = "/api/plugin-optimization"
PATIENCE_SECONDS = 60.0
SERVER = """
import sys
from werkzeug.serving import make_server
from plugin_optimizer.config import Config, Engine, Server
from plugin_optimizer.web.application import create_app
app = create_app(Config(server=Server(), engine=Engine(state_dir=sys.argv[1], start=False, discover=False)))
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""


@dataclass(frozen=True)
class Fleet:
    """The addresses of the servers, the state they share, and a token for it."""

    urls: Sequence[str]
    state: SqlStateStore
    token: str

    def post(self, number: int, path: str, body: Mapping[str, object], headers: Mapping[str, str]) -> tuple[int, Any]:
        """Ask one of the servers; return status and JSON."""
        url = self.urls[number % len(self.urls)]
        asked = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers}
        request = Request(f"{url}{BASE}{path}", json.dumps(body).encode(), asked, method="POST")
        try:
            with urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def offer(self, plugin_id: str, risk: Risk = Risk.LOW) -> tuple[str, int]:
        """Make an open suggestion; return its id and revision."""
        now = time.time()
        self.state.save_plugin(Plugin(plugin_id, "gunicorn", {"name": plugin_id}), PluginStatus.ACTIVE, now)
        goal = Goal(Metric.RESPONSE_TIME_P95_SECONDS, Direction.DOWN, Purpose.IMPROVE)
        made = Proposal(
            plugin_id, SuggestionType.INCREASE_WORKERS, Message("increase_workers", {"from_workers": 2, "to_workers": 4}),
            Change(plugin_id, "workers", 2, 4, goal), None, risk, 0.9,
        )  # fmt: skip
        suggestion = self.state.offer(made, now, now + 3600)
        return suggestion.id, suggestion.revision


@contextlib.contextmanager
def fleet(directory: Path, servers: int) -> Iterator[Fleet]:
    """Start that many servers, and end them."""
    state, token = open_state(directory / "state.db"), tokens.mint()
    state.save_token("clicks", "operator", tokens.digest(token), time.time() + 86_400, time.time())
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SERVER, str(directory)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        for _ in range(servers)
    ]
    try:
        yield Fleet([f"http://127.0.0.1:{_port(process)}" for process in processes], state, token)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
        state.close()


def click_at_once(servers: Fleet, path: str, requests: Sequence[tuple[Mapping[str, object], Mapping[str, str]]]) -> Any:
    """Send all requests (body and headers) at one moment, in turn to each server; return their answers."""
    together = threading.Barrier(len(requests))

    def click(number: int) -> tuple[int, Any]:
        together.wait(PATIENCE_SECONDS)
        return servers.post(number, path, *requests[number])

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(click, range(len(requests))))


def _port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())
