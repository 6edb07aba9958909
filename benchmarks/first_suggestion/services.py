"""Services as they are found: started by nobody who knows the engine, with too little of what they need, under bounded load."""

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cache_load import CacheLoad
from tests.celery_service import CeleryWorker, redis_server, start_celery
from tests.gunicorn_service import start_gunicorn
from tests.open_loop import OpenLoop
from tests.redis_service import MEBIBYTE, start_redis

PLAIN = """
import time

def app(environ, start_response):
    time.sleep(0.2)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""
# The line that `discover` asks for, with the plugin's name as it tells it.
INSTRUMENTED = '{source}\nfrom plugin_optimizer.probe import instrument\napp = instrument(app, plugin="{plugin_id}")\n'
REQUESTS_PER_SECOND = 6.0  # one worker answers five; at most 200 wait (tests/open_loop.py)
TASKS_PER_SECOND, TASK_SECONDS = 8.0, 0.25  # one process does four
MOST_TASKS = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """A service that runs. `kind` is its touchpoint; `one_line` does what discovery asks for, None where nothing is needed."""

    kind: str
    pid_or_port: str
    one_line: Callable[[str], None] | None = None

    def is_this(self, address: Mapping[str, str]) -> bool:
        """Tell whether an address that discovery tells is this service's: by its port, or by its process."""
        places = (address.get("bind", ""), address.get("url", ""))
        return address.get("pid") == self.pid_or_port or any(
            re.search(rf":{self.pid_or_port}\b", place) for place in places
        )


@contextmanager
def gunicorn(room: Path) -> Iterator[Found]:
    """A gunicorn with one sync worker where more are needed."""
    environment = {"HOME": str(room), "PLUGIN_OPTIMIZER_HOME": str(room / "home")}
    with start_gunicorn(room, PLAIN, workers=1, name="shop", env=environment) as service:

        def add_line(plugin_id: str) -> None:
            source = INSTRUMENTED.format(source=PLAIN, plugin_id=plugin_id)
            (service.directory / "service_app.py").write_text(source)
            service.signal(signal.SIGHUP)

        with OpenLoop(service.port, REQUESTS_PER_SECOND):
            yield Found("gunicorn", str(service.port), add_line)


@contextmanager
def celery(room: Path) -> Iterator[Found]:
    """A Celery worker with one process where more are needed; its tasks wait in a Redis."""
    with redis_server(room) as url, start_celery(room, f"{url}/0", "-c", "1") as worker, Sending(worker):
        yield Found("celery", str(worker.pid))


@contextmanager
def redis(room: Path) -> Iterator[Found]:
    """A Redis with 4 MB for 12,000 keys of 700 bytes (Zipf 0.9), which would take some 11."""
    options = ("--maxmemory", str(4 * MEBIBYTE), "--maxmemory-policy", "allkeys-lru")
    with start_redis(room, *options) as service, CacheLoad(service, 12_000, 300.0):
        yield Found("redis", str(service.port))


SERVICES: Mapping[str, Callable[[Path], AbstractContextManager[Found]]] = {
    "gunicorn": gunicorn,
    "celery": celery,
    "redis": redis,
}


@dataclass
class Sending:
    """Puts tasks into the queue at a steady rate while the block runs."""

    worker: CeleryWorker
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> None:
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _send(self) -> None:
        due = time.monotonic()
        for number in range(MOST_TASKS):
            due += 1.0 / TASKS_PER_SECOND
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            self.worker.send([f"t{number}"], TASK_SECONDS)
