"""Changes the number of a Celery worker's processes while tasks come, and counts those that were lost or run twice."""

import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Self

from plugin_optimizer.touchpoints.celery import CeleryTouchpoint
from tests.celery_service import CeleryWorker, redis_server, start_celery

from .outcome import Changes, Outcome

PER_SECOND, TASK_SECONDS = 10.0, 0.08
LAST_TASK_SECONDS = 120.0


class Sender:
    """Puts tasks into the queue in an open loop (Poisson arrivals) until the block ends; `sent` are their names."""

    def __init__(self, worker: CeleryWorker) -> None:
        self.worker, self.sent = worker, list[str]()
        self._over, self._thread = threading.Event(), threading.Thread(target=self._send)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _send(self) -> None:
        chance, due = random.Random(1), time.monotonic()
        while True:
            due += chance.expovariate(PER_SECOND)
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            name = f"t{len(self.sent)}"
            self.worker.send([name], TASK_SECONDS)
            self.sent.append(name)


def measure(number: int, until: float, room: Path) -> Outcome:
    """Make `number` changes to a prefork worker whose tasks wait in Redis."""
    with redis_server(room) as url, start_celery(room, f"{url}/0", "-c", "1") as worker:
        touchpoint, begun = CeleryTouchpoint(room / "home"), time.monotonic()
        plugin = next(found for found in touchpoint.discover() if found.address["pid"] == str(worker.pid))
        changes = Changes(
            "Celery, prefork, Redis",
            number,
            until,
            turn=lambda to: touchpoint.turn(plugin, "workers", to),
            count=lambda: len(worker.children()),
        )
        with Sender(worker) as sender:
            taken = tuple(changes.taken_seconds())
        begun_tasks, ended_tasks = _runs(worker, len(sender.sent))
        return Outcome(
            changes.target,
            time.monotonic() - begun,
            taken,
            changes.not_come,
            changes.fewest,
            put=len(sender.sent),
            run=sum(ended_tasks.values()),
            lost=sum(not ended_tasks[name] for name in sender.sent),
            twice=sum(count > 1 for count in begun_tasks.values()),
        )


def _runs(worker: CeleryWorker, sent: int) -> tuple["Counter[str]", "Counter[str]"]:
    """Return how often each task began and ended, once as many ended as were sent (or none does any more)."""
    deadline = time.monotonic() + LAST_TASK_SECONDS
    while len(worker.runs("end")) < sent and time.monotonic() < deadline:
        time.sleep(0.5)
    return Counter(worker.runs("begin")), Counter(worker.runs("end"))
