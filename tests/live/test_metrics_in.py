"""Plugins that we cannot see ourselves, through the whole loop: figures come in by every door, findings come out."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from monitor.reported import otlp_messages as otlp
from monitor.reported.pages import Handler, serving
from werkzeug.serving import make_server

from plugin_optimizer.config import parse_config
from plugin_optimizer.demo.ports import free_udp_port
from plugin_optimizer.web import token as tokens
from plugin_optimizer.web.application import create_app

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
BASE = "/api/plugin-optimization"
PAGE = """\
http_requests_total{{code="200"}} {good}
http_requests_total{{code="500"}} {bad}
process_resident_memory_bytes 9e+08
"""


class Platform:
    """A server with its loop, and three plugins: one pushes OTLP, one has a page, one speaks StatsD; half of all fails."""

    def __init__(self, url: str, secrets: dict[str, str], statsd_port: int) -> None:
        self.url, self.secrets, self.statsd_port = url, secrets, statsd_port
        self.sent = 0

    def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.secrets['admin']}"}
        return requests.get(f"{self.url}{BASE}{path}", headers=headers, timeout=60).json()

    def send(self) -> None:
        """Report what was counted up to now: by OTLP at the address where exporters look first, and by StatsD."""
        self.sent += 1
        headers = {"Authorization": f"Bearer {self.secrets['agent']}", "Content-Type": "application/x-protobuf"}
        body = otlp.report(time.time(), 50 * self.sent, 50 * self.sent, "orders").SerializeToString()
        assert requests.post(f"{self.url}/v1/metrics", body, headers=headers, timeout=60).status_code == 200
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            lines = b"shop.menu.requests:100|c\nshop.menu.errors:50|c\nshop.menu.request.duration:40|ms"
            client.sendto(lines, ("127.0.0.1", self.statsd_port))


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    statsd_port, begun = free_udp_port(), time.time()

    def page(handler: Handler) -> None:
        counted = int(100 * (time.time() - begun))
        handler.say(PAGE.format(good=counted, bad=counted).encode())

    with serving() as pages:
        pages.respond = page
        reported = {"touchpoint": "reported"}
        config = parse_config({
            "engine": {"state_dir": str(tmp_path), "home": str(tmp_path / "home"), "interval_seconds": 1.0, "window_seconds": 60.0, "discover": False},
            "statsd": {"port": statsd_port},
            "policy": {"sustain_seconds": 5.0, "memory_limit_bytes": 1e9, "mode": "advise"},
            "plugins": {
                "orders": {**reported, "metrics": {"token": "agent", "cpu_limit_cores": 2.0}},
                "billing": {**reported, "metrics": {"scrape": f"{pages.url}/metrics", "scrape_seconds": 1.0}},
                "menu": {**reported, "metrics": {"statsd": "shop.menu"}},
            },
        })  # fmt: skip
        app = create_app(config)
        system: Any = app.extensions["plugin_optimizer"]
        secrets = {name: tokens.mint() for name in ("agent", "admin")}
        for name, role in (("agent", "sender"), ("admin", "admin")):
            system.state.save_token(name, role, tokens.digest(secrets[name]), time.time() + 3600, time.time())
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield Platform(f"http://127.0.0.1:{server.server_port}", secrets, statsd_port)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            system.close()


def test_what_others_measure_leads_to_findings(platform: Platform) -> None:
    """Each of the three is seen as active, its errors are found, and its figures are what was sent."""
    deadline = time.monotonic() + 240
    found: dict[str, Any] = {}
    while len(found) < 3:
        assert time.monotonic() < deadline, (found.keys(), platform.get("/health"), platform.get("/plugins"))
        platform.send()
        time.sleep(0.9)
        for plugin in platform.get("/plugins"):
            metrics = {finding["metric"] for finding in plugin["findings"]}
            if plugin["status"] == "active" and "error_ratio" in metrics:
                found.setdefault(plugin["plugin_id"], plugin)
    assert set(found) == {"orders", "billing", "menu"}
    for plugin in found.values():
        assert plugin["error_rate"] == pytest.approx(50.0, abs=1.0)
    assert found["orders"]["cpu_usage"] is not None
    assert found["orders"]["response_time"] == pytest.approx(1_025.0, rel=0.02)
    assert found["billing"]["memory_usage"] == pytest.approx(90.0)
    assert found["menu"]["response_time"] == pytest.approx(40.0, rel=0.02)
    doctor = platform.get("/doctor?plugin_id=orders")
    assert any(answer["plugin_id"] == "orders" for question in doctor["questions"] for answer in question["answer"])
