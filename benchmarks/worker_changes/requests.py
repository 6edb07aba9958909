"""Changes the number of a gunicorn's workers while clients ask it, on new and on kept connections."""

import http.client
import random
import select
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from plugin_optimizer.domain import Plugin
from plugin_optimizer.touchpoints.gunicorn import GunicornTouchpoint
from tests.gunicorn_service import GunicornService, start_gunicorn

from .outcome import Changes, Outcome

NAPPING = """
import time

def app(environ, start_response):
    time.sleep(float(environ["PATH_INFO"].strip("/")))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
"""
ARGUMENTS = {"sync": (), "gthread": ("--worker-class", "gthread", "--threads", "4")}
SHORT, LONG, LONG_SHARE = "/0.03", "/0.4", 0.05  # seconds: some requests are in flight whenever a worker is to go
PAUSE_SECONDS = (0.2, 0.6)
PATIENCE_SECONDS = 60.0


@dataclass
class Clients:
    """`coming` clients that open a connection for each request and `kept` ones that keep theirs, each with a pause of its own
    between two requests, until the block ends. A kept connection that the server closed while it was idle is opened anew, as
    clients and proxies do (it can be read from: urllib3.util.wait_for_read); one that breaks over a request is a failure.
    """

    port: int
    coming: int
    kept: int
    sent: int = 0
    failures: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        numbers = range(self.coming + self.kept)
        self._threads = [threading.Thread(target=self._ask_often, args=(number,)) for number in numbers]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask_often(self, number: int) -> None:
        chance, keeps = random.Random(number), number >= self.coming
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        while not self._over.wait(chance.uniform(*PAUSE_SECONDS)):
            if connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
                connection.close()
            self._ask(connection, LONG if chance.random() < LONG_SHARE else SHORT, "kept" if keeps else "new")
            if not keeps:
                connection.close()
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, path: str, kind: str) -> None:
        why = ""
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            why = "" if answer.status == 200 else f"status {answer.status}"
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            why = repr(error)
        with self._lock:
            self.sent += 1
            if why:
                self.failures.append(f"{kind} connection: {why}")


def watched(service: GunicornService, touchpoint: GunicornTouchpoint) -> Plugin:
    """Return the plugin that this service is."""
    return next(found for found in touchpoint.discover() if found.address["bind"].endswith(f":{service.port}"))


def measure(worker_class: str, number: int, until: float, room: Path) -> Outcome:
    """Make `number` changes to a gunicorn of that class of worker."""
    touchpoint = GunicornTouchpoint(room / "home")
    with start_gunicorn(room, NAPPING, workers=1, extra=ARGUMENTS[worker_class], name=worker_class) as service:
        plugin, begun = watched(service, touchpoint), time.monotonic()
        changes = Changes(
            f"gunicorn, {worker_class}",
            number,
            until,
            turn=lambda to: touchpoint.turn(plugin, "workers", to),
            count=lambda: len(service.worker_pids()),
        )
        with Clients(service.port, coming=5, kept=3) as clients:
            taken = tuple(changes.taken_seconds())
        return Outcome(
            changes.target,
            time.monotonic() - begun,
            taken,
            changes.not_come,
            changes.fewest,
            requests=clients.sent,
            failed=len(clients.failures),
            failures=tuple(clients.failures[:5]),
        )
