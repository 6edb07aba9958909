"""What the probe costs a request: CPU time per request of a Flask JSON view, bare and instrumented, in one process.

    .venv/bin/python benchmarks/probe_overhead.py [--rounds 150] [--requests 200] [--repeats 1]

Beside it, in the same run, the others of `probe_peers.py` that are installed. Rounds of all variants alternate; the minimum of
each is compared, since everything else on the host only adds. What background threads use is counted apart, over all rounds. Then
the sampler of CPU, as a share of a core: in a process that does nothing, in one that computes, and with 64 threads that wait; and
what a request costs while a memory burst traces allocations.
"""

import argparse
import io
import json
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from probe_peers import installed

from plugin_optimizer.probe import instrument
from plugin_optimizer.probe.sampler import Sampler
from plugin_optimizer.probe.served import ServedRequests

GOAL_MICROSECONDS = 20.0
GOAL_SHARE = 0.01  # of a core, for the sampler
SAMPLED_SECONDS = 3.0
WAITING_THREADS = 64
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
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_USER_AGENT": "benchmark",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
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

    def begin_anew(self) -> None:
        self.served, self.best, self.background_total = 0, float("inf"), 0.0

    def round(self, connection: socket.socket) -> None:
        """Serve so many requests as a WSGI server would."""
        respond: Any = served_well
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


def served_well(status: str, *_: object) -> None:
    """Stand in for the server's `start_response`; what costs little because it fails is no figure."""
    if not status.startswith("200"):
        raise RuntimeError(f"a request was answered with {status}")


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
    parser.add_argument("--repeats", type=int, default=1, help="how often all of it is done; medians are shown")
    options = parser.parse_args()
    client, served = connected()
    with client, served, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        os.environ["PLUGIN_OPTIMIZER_HOME"] = home
        variants = made(options.requests)
        repeats = [measured(variants, options.rounds, served) for _ in range(options.repeats)]
        tracing = traced(variants["bare"], served)
        sampler = {name: round(statistics.median(share() for _ in range(3)), 4) for name, share in SAMPLED.items()}
    print(json.dumps(result(repeats) | {"tracing_times": round(tracing, 1), "sampler": sampler}, indent=1))


def made(requests: int) -> dict[str, Variant]:
    """Return the variants by name: bare, ours, then the others that are installed."""
    apps = {
        "bare": (make_app("bare"), 1.0),
        "probe": (instrument(make_app("probe"), plugin="probe"), 1.0),
        "probe_attributes": (instrument(make_app("attributes"), plugin="attributes", attributes=("channel",)), 1.0),
    }
    apps |= {name: (peer(make_app(f"peer{n}")), share) for n, (name, (peer, share)) in enumerate(installed().items())}
    return {name: Variant(app, max(10, round(requests * share))) for name, (app, share) in apps.items()}


def measured(variants: dict[str, Variant], rounds: int, connection: socket.socket) -> dict[str, tuple[float, float]]:
    """Return (least CPU of a request, mean CPU of background threads per request) of each, in microseconds."""
    for variant in variants.values():
        variant.begin_anew()
    for _ in range(rounds):
        for variant in variants.values():
            variant.round(connection)
    return {name: (variant.best, variant.background) for name, variant in variants.items()}


def traced(bare: Variant, connection: socket.socket) -> float:
    """Return what a request costs while allocations are traced, against what it costs else."""
    found = []
    for _ in range(20):
        bare.begin_anew()
        bare.round(connection)
        before = bare.best
        tracemalloc.start(1)
        bare.begin_anew()
        bare.round(connection)
        tracemalloc.stop()
        found.append(bare.best / before)
    return statistics.median(found)


def sampled(work: Callable[[], object], waiting: int = 0) -> float:
    """Return the share of a core that a sampler uses in a process that does some work beside so many waiting threads."""
    ended = threading.Event()
    threads = [threading.Thread(target=ended.wait) for _ in range(waiting)]
    for thread in threads:
        thread.start()
    sampler, began = Sampler(ServedRequests()), time.monotonic()
    sampler.start()
    while time.monotonic() - began < SAMPLED_SECONDS:
        work()
    elapsed = time.monotonic() - began
    sampler.stop()
    ended.set()
    for thread in threads:
        thread.join()
    return sampler.own_seconds / elapsed


def compute() -> object:
    return [json.dumps({"order": number}) for number in range(100)]


def rest() -> None:
    time.sleep(0.05)


SAMPLED: dict[str, Callable[[], float]] = {
    "idle": lambda: sampled(rest),
    "busy": lambda: sampled(compute),
    "busy_beside_64_waiting": lambda: sampled(compute, WAITING_THREADS),
}


def result(repeats: list[dict[str, tuple[float, float]]]) -> dict[str, object]:
    """Return medians over the repeats of what each adds to the bare view, and how many times as much as the probe in the request itself."""
    names = [name for name in repeats[0] if name != "bare"]
    added = {
        name: {
            "request": round(statistics.median(each[name][0] - each["bare"][0] for each in repeats), 1),
            "background": round(statistics.median(each[name][1] - each["bare"][1] for each in repeats), 1),
            "times_the_probe": round(statistics.median(_ratio(each, name) for each in repeats), 1),
        }
        for name in names
    }
    return {
        "unit": "CPU microseconds per request",
        "repeats": len(repeats),
        "bare": round(statistics.median(each["bare"][0] for each in repeats), 1),
        "added": added,
        "goal": GOAL_MICROSECONDS,
        "met": added["probe"]["request"] <= GOAL_MICROSECONDS,
        "sampler_goal": GOAL_SHARE,
    }


def _ratio(each: dict[str, tuple[float, float]], name: str) -> float:
    return (each[name][0] - each["bare"][0]) / (each["probe"][0] - each["bare"][0])


if __name__ == "__main__":
    main()
