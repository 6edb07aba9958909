"""What the probe costs a request: CPU time per request of a Flask JSON view, bare and instrumented, in one process.

    .venv/bin/python benchmarks/probe_overhead.py [--rounds 150] [--requests 200]

Rounds of all variants alternate; the minimum of each is compared, since everything else on the host only adds.
The background thread, which writes what the requests left, is counted apart, over all rounds.
"""

import argparse
import json
import os
import socket
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask

from plugin_optimizer.probe import instrument

GOAL_MICROSECONDS = 20.0
_MICRO = 1e6


def make_app(name: str) -> Flask:
    app = Flask(name)

    @app.get("/orders/<int:number>")
    def order(number: int) -> dict[str, object]:
        return {"order": number, "items": ["bibimbap", "tea"], "total": 12_500}

    return app


def environ(connection: socket.socket) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/orders/7",
        "QUERY_STRING": "channel=web",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "gunicorn.socket": connection,
    }


@dataclass
class Variant:
    """One application under measurement; figures in microseconds of CPU per request."""

    app: Flask
    requests: int
    served: int = 0
    best: float = float("inf")
    background_total: float = 0.0

    def round(self, connection: socket.socket) -> None:
        """Serve so many requests as a WSGI server would."""
        respond: Any = lambda *_: None  # noqa: E731
        process, thread = time.process_time(), time.thread_time()
        for _ in range(self.requests):
            body: Any = self.app.wsgi_app(environ(connection), respond)
            for _part in body:
                pass
            body.close()
        own = time.thread_time() - thread
        self.best = min(self.best, own / self.requests * _MICRO)
        self.background_total += (time.process_time() - process - own) * _MICRO
        self.served += self.requests

    @property
    def background(self) -> float:
        return self.background_total / self.served


def connected() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        served, _ = server.accept()
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    return client, served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=150)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    client, served = connected()
    with client, served, tempfile.TemporaryDirectory() as home:
        os.environ["PLUGIN_OPTIMIZER_HOME"] = home
        apps = {
            "bare": make_app("bare"),
            "probe": instrument(make_app("probe"), plugin="probe"),
            "probe_attributes": instrument(make_app("attributes"), plugin="attributes", attributes=("channel",)),
        }
        variants = {name: Variant(app, options.requests) for name, app in apps.items()}
        for _ in range(options.rounds):
            for variant in variants.values():
                variant.round(served)
    print(json.dumps(result(variants), indent=1))


def result(variants: dict[str, Variant]) -> dict[str, object]:
    bare = variants["bare"]
    added = {
        name: {
            "request": round(variant.best - bare.best, 1),
            "background": round(variant.background - bare.background, 1),
        }
        for name, variant in variants.items()
        if variant is not bare
    }
    return {
        "unit": "CPU microseconds per request",
        "bare": round(bare.best, 1),
        "added": added,
        "goal": GOAL_MICROSECONDS,
        "met": added["probe"]["request"] <= GOAL_MICROSECONDS,
    }


if __name__ == "__main__":
    main()
