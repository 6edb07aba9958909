"""A server on loopback that takes figures, and somebody who sends them by real HTTP."""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from web.conftest import BASE, make_app
from web.small_system import SmallSystem, small_system
from werkzeug.serving import make_server

from plugin_optimizer.domain import Sample
from plugin_optimizer.monitor.reported.limits import MetricsIn
from plugin_optimizer.monitor.reported.settings import PluginMetrics
from plugin_optimizer.monitor.reported.source import ReportedFigures
from plugin_optimizer.web import token as tokens

JSON, PROTOBUF = {"Content-Type": "application/json"}, {"Content-Type": "application/x-protobuf"}
GZIP = {"Content-Encoding": "gzip"}


@dataclass
class Receiver:
    """The server, a token for each name, and the loop's side of the inbox."""

    system: SmallSystem
    url: str
    secrets: dict[str, str]
    figures: ReportedFigures

    def post(
        self, path: str, body: Any = None, headers: Mapping[str, str] = JSON, token: str | None = "agent", **also: Any
    ) -> requests.Response:
        sent = {**headers, **({"Authorization": f"Bearer {self.secrets[token]}"} if token else {})}
        options = {"json": body} if isinstance(body, dict) else {"data": body}
        return requests.post(f"{self.url}{path}", headers=sent, timeout=60, **options, **also)

    def push(self, plugin_id: str, *samples: dict[str, Any], **options: Any) -> requests.Response:
        return self.post(f"/plugins/{plugin_id}/metrics/push", {"samples": list(samples)}, **options)

    def look(self, plugin_id: str = "orders", now: float | None = None) -> list[Sample]:
        """What the loop would find now."""
        at = now or time.time()
        self.figures.receive(at)
        return list(self.figures.of(plugin_id, at, None).samples)

    def hits(self) -> dict[str, int]:
        return {hit.reason: hit.count for hit in self.system.inbox.hits(0.0)}


@contextlib.contextmanager
def receiver(directory: Path, limits: MetricsIn | None = None) -> Iterator[Receiver]:
    """Two plugins of the token `agent`, one of the token `other`, and tokens of that and other roles."""
    system = small_system(directory)
    metrics = {
        "orders": PluginMetrics(token="agent"),
        "menu": PluginMetrics(token="agent"),
        "billing": PluginMetrics(token="other"),
    }
    system.config = replace(system.config, metrics=metrics, metrics_in=limits or MetricsIn())
    secrets = {name: tokens.mint() for name in ("agent", "other", "admin", "idle")}
    for name, secret in secrets.items():
        role = "admin" if name == "admin" else "sender"
        system.state.save_token(name, role, tokens.digest(secret), time.time() + 3600, time.time())
    server = make_server("127.0.0.1", 0, make_app(system), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    figures = ReportedFigures(metrics, system.config.metrics_in, system.inbox, 5.0)
    try:
        yield Receiver(system, f"http://127.0.0.1:{server.server_port}{BASE}", secrets, figures)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        figures.close()
        system.close()
