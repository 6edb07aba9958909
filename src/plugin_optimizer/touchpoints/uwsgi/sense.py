"""Measuring a uWSGI from outside: its processes, what its stats server tells, and what waits at its sockets.

| figure | from |
|---|---|
| `workers`, CPU, memory (PSS) | the live processes of the workers and the master |
| `requests`, `throughput_per_second` | requests its workers finished, from one look to the next |
| `service_time_seconds` | time inside requests / requests finished |
| `busy_ratio` | time inside requests / (slots x time); where requests last longer than a look, the share of busy slots at this moment |
| `queue_wait_seconds` | connections that wait to be accepted / throughput: Little's law |
| `response_time_seconds` | both together |
| `restarts` | processes that were replaced; where uWSGI replaces them on purpose (a limit of requests, age or memory), those that a time limit (harakiri) ended |

Errors are not told: its `exceptions` are only those that no framework turned into an answer.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...domain import Metric
from .stats import UwsgiStats

RECYCLES = ("max-requests", "max-worker-lifetime", "reload-on-rss", "evil-reload-on-rss")
SPAN_SECONDS = 10.0  # over which connections that wait are set against requests that end


@dataclass(frozen=True, slots=True)
class StatsLook:
    """What the stats server told at `at` (monotonic seconds), in this `life` of the service."""

    life: str
    at: float
    stats: UwsgiStats

    @property
    def requests(self) -> float:
        return self.stats.total("requests")

    @property
    def running_seconds(self) -> float:
        return self.stats.total("running_seconds")

    @property
    def harakiris(self) -> float:
        return self.stats.total("harakiris")


@dataclass(slots=True)
class StatsSenses:
    """Turns totals into rates: remembers the last looks at each plugin."""

    looks: dict[str, list[StatsLook]] = field(default_factory=dict)

    def figures(
        self, plugin_id: str, life: str, stats: UwsgiStats, waiting: int | None, *, recycles: bool
    ) -> Mapping[Metric, float]:
        """Return what the second and later looks tell; nothing at the first one of each life."""
        looks = self.looks.setdefault(plugin_id, [])
        look = StatsLook(life, time.monotonic(), stats)
        if looks and (looks[-1].life != life or look.requests < looks[-1].requests):
            looks.clear()
        looks.append(look)
        while len(looks) > 2 and looks[1].at <= look.at - SPAN_SECONDS:
            looks.pop(0)
        if len(looks) < 2 or look.at <= looks[-2].at:
            return {}
        found = dict(_rates(looks[-2], look))
        found |= dict(_waits(looks, waiting, found.get(Metric.SERVICE_TIME_SECONDS)))
        if recycles:
            found[Metric.RESTARTS] = look.harakiris - looks[-2].harakiris
        return found


def _rates(before: StatsLook, after: StatsLook) -> Iterator[tuple[Metric, float]]:
    seconds, requests = after.at - before.at, after.requests - before.requests
    running = after.running_seconds - before.running_seconds
    live = [worker for worker in after.stats.workers if worker.pid and worker.status != "cheap"]
    slots = sum(worker.slots for worker in live)
    yield Metric.REQUESTS, requests
    yield Metric.THROUGHPUT_PER_SECOND, requests / seconds
    if requests > 0 and running >= 0:
        yield Metric.SERVICE_TIME_SECONDS, running / requests
    if slots:
        short = requests >= slots and 0 <= running / requests < seconds
        busy = running / (slots * seconds) if short else sum(worker.busy_slots for worker in live) / slots
        yield Metric.BUSY_RATIO, min(1.0, busy)


def _waits(
    looks: list[StatsLook], waiting: int | None, service_seconds: float | None
) -> Iterator[tuple[Metric, float]]:
    """The rate is that of the last ten seconds: a queue that nothing ends tells no wait."""
    rate = (looks[-1].requests - looks[0].requests) / (looks[-1].at - looks[0].at)
    wait = None if waiting is None else 0.0 if not waiting else waiting / rate if rate > 0 else None
    if wait is not None:
        yield Metric.QUEUE_WAIT_SECONDS, wait
    if service_seconds is not None:
        yield Metric.RESPONSE_TIME_SECONDS, service_seconds + (wait or 0.0)
