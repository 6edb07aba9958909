"""What the probe costs a request: CPU time per request of a Flask JSON view, bare and instrumented, in one process.

    .venv/bin/python benchmarks/probe_overhead.py [--rounds 30] [--requests 2000]

Rounds of both alternate; the minimum of each is compared, since everything else on the host only adds.
The CPU of the whole process counts: the background thread that writes the records is included.
"""

import argparse
import json
import os
import socket
import tempfile
import time
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


def cpu_microseconds(app: Flask, connection: socket.socket, requests: int) -> float:
    """Serve so many requests as a WSGI server would; return CPU time per request."""
    respond: Any = lambda *_: None  # noqa: E731
    began = time.process_time()
    for _ in range(requests):
        body = app.wsgi_app(environ(connection), respond)
        for _part in body:
            pass
        body.close()  # type: ignore[attr-defined]
    return (time.process_time() - began) / requests * _MICRO


def connected() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        served, _ = server.accept()
    client.sendall(b"GET / HTTP/1.1\r\n\r\n")
    return client, served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--requests", type=int, default=2_000)
    options = parser.parse_args()
    client, served = connected()
    with client, served, tempfile.TemporaryDirectory() as home:
        os.environ["PLUGIN_OPTIMIZER_HOME"] = home
        apps = {
            "bare": make_app("bare"),
            "probe": instrument(make_app("probe"), plugin="probe"),
            "probe_attributes": instrument(make_app("attributes"), plugin="attributes", attributes=("channel",)),
        }
        best = dict.fromkeys(apps, float("inf"))
        for _ in range(options.rounds):
            for name, app in apps.items():
                best[name] = min(best[name], cpu_microseconds(app, served, options.requests))
    added = {name: round(best[name] - best["bare"], 2) for name in apps if name != "bare"}
    goal = {"goal_microseconds": GOAL_MICROSECONDS, "met": added["probe"] <= GOAL_MICROSECONDS}
    print(json.dumps({"cpu_microseconds_per_request": best, "added_microseconds": added, **goal}, indent=1))


if __name__ == "__main__":
    main()
