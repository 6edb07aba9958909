"""Scrapes and pulls beside the loop: a server that answers late holds up nobody."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from ...domain import Gone, Unobservable
from .limits import MetricsIn
from .meaning import Mapped
from .points import Point
from .promql import Puller
from .scrape import scrape
from .settings import PluginMetrics

log = logging.getLogger(__name__)
AT_ONCE = 16  # requests on their way; a server that hangs holds one for ten seconds
LOOK_SECONDS = 0.25
HELD_POINTS = 40_000  # of a plugin, that the loop has not looked at

Collect = Callable[[float], tuple[list[Point], Counter[str]]]


@dataclass(slots=True)
class Collected:
    """What came since the loop looked last, of so many `asked`. `gone`: nobody listens there; `trouble`: why something
    is missing; `refused`: how many points for which reason.
    """

    points: list[Point] = field(default_factory=list)
    gone: bool = False
    trouble: str = ""
    refused: Counter[str] = field(default_factory=Counter)
    asked: int = 0


@dataclass(slots=True)
class _Task:
    plugin_id: str
    every_seconds: float
    collect: Collect
    tells_up: bool  # what is asked is the plugin itself
    due: float = field(default_factory=time.monotonic)
    busy: bool = False


class Collecting:
    """Threads that ask what is due, and what they brought until somebody takes it. Raises nothing."""

    def __init__(
        self, metrics: Mapping[str, PluginMetrics], mapped: Mapping[str, Mapping[str, Mapped]], limits: MetricsIn
    ) -> None:
        self._tasks = list(_tasks(metrics, mapped, limits))
        self._held: dict[str, Collected] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="metrics-in")
        self._thread = threading.Thread(target=self._run, name="metrics-in", daemon=True)
        if self._tasks:
            self._thread.start()

    def take(self, plugin_id: str) -> Collected:
        """Return what was collected of a plugin since the last call."""
        with self._lock:
            return self._held.pop(plugin_id, Collected())

    def close(self) -> None:
        """Stop asking; what is being asked ends within its own time."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            now = time.monotonic()
            for task in self._tasks:
                if not task.busy and task.due <= now:
                    task.busy, task.due = True, max(task.due + task.every_seconds, now + task.every_seconds / 2)
                    self._pool.submit(self._ask, task)

    def _ask(self, task: _Task) -> None:
        found = Collected()
        try:
            found.points, found.refused = task.collect(time.time())
        except Gone as error:
            found.gone, found.trouble = task.tells_up, str(error)
        except Unobservable as error:
            found.trouble = str(error)
        except Exception as error:
            log.exception("metrics of %s", task.plugin_id)
            found.trouble = f"{type(error).__name__}: {error}"
        with self._lock:
            held = self._held.setdefault(task.plugin_id, Collected())
            room = HELD_POINTS - len(held.points)
            held.refused.update(found.refused)
            if len(found.points) > room:
                held.refused["too_many_points"] += len(found.points) - room
            held.points += found.points[:room]
            held.asked += 1
            held.gone, held.trouble = found.gone or held.gone, found.trouble or held.trouble
        task.busy = False


def _tasks(
    metrics: Mapping[str, PluginMetrics], mapped: Mapping[str, Mapping[str, Mapped]], limits: MetricsIn
) -> list[_Task]:
    tasks = []
    for plugin_id, settings in metrics.items():
        if settings.scrape:
            collect = partial(scrape, settings, mapped[plugin_id], limits)
            tasks.append(_Task(plugin_id, settings.scrape_seconds, collect, tells_up=True))
        if settings.prometheus:
            puller = Puller(settings, mapped[plugin_id], limits)
            tasks.append(_Task(plugin_id, settings.pull_seconds, puller.pull, tells_up=False))
    return tasks
