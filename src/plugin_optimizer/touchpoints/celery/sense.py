"""Measuring a Celery worker from outside: its processes, what it says of itself, and what waits at its broker.

| figure | from |
|---|---|
| `workers`, CPU, memory (PSS) | the processes of the pool |
| `throughput_per_second`, `requests` | tasks its processes began (`stats`), from one look to the next |
| `queue_length_tasks` | lists at the broker and tasks fetched but not begun |
| `busy_ratio` | processes with a task, at the moment of each look |
| `service_time_seconds` | busy processes / throughput over the last minute: the utilization law (Denning, Buzen, The Operational Analysis of Queueing Network Models, 1978, section 3) |
| `queue_wait_seconds` | waiting tasks / throughput: Little's law, over the last minute, what a task that comes now has to wait |

Events would tell each task, but on Redis each listener's events pile up in a list of its own when it dies, and the
broker is not ours to fill.
"""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import Gone, Metric, Plugin, Sample
from ..process_identity import ProcessIdentity, ProcessStat
from ..process_sensors import cpu_seconds, memory_bytes, usable_cores, usable_memory_bytes
from .broker import Waiting
from .control import Held
from .process import CeleryMaster, ProcessKeys, keys_of

SPAN_SECONDS = 60.0  # over which tasks are counted for a rate


@dataclass(frozen=True, slots=True)
class TaskLook:
    """What was learnt of a worker's tasks at `at` (monotonic seconds): `accepted` in all since it started. `queues` are those it
    fetches from, with their broker: other workers may fetch from them as well.
    """

    at: float
    accepted: int
    held: Held
    waiting: Waiting
    uptime_seconds: float
    queues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProcessLook:
    """What was seen of its processes at `at` (monotonic seconds)."""

    master: ProcessIdentity
    at: float
    cpu_seconds: float
    processes: ProcessKeys


@dataclass(slots=True)
class CelerySenses:
    """Turns totals into rates: remembers the last looks at each plugin."""

    processes: dict[str, ProcessLook] = field(default_factory=dict)
    tasks: dict[str, list[TaskLook]] = field(default_factory=dict)

    def process_samples(
        self, plugin: Plugin, master: CeleryMaster, pool: Sequence[ProcessStat], now: float
    ) -> Iterator[Sample]:
        """Yield what the processes tell. Raises Gone, Unobservable."""
        look = ProcessLook(master.identity, time.monotonic(), cpu_seconds(master.identity), keys_of(pool))
        before = self.processes.get(plugin.plugin_id)
        self.processes[plugin.plugin_id] = look
        figures = {
            Metric.UP: 1.0,
            Metric.WORKERS: float(len(pool)),
            Metric.RESTARTS: float(_restarts(before, look, master)),
            **_cpu_figures(before, look),
            **_memory_figures(master, pool),
        }
        yield from (Sample(plugin.plugin_id, metric, now, value) for metric, value in figures.items())

    def task_samples(self, plugin: Plugin, look: TaskLook, processes: int, now: float) -> Iterator[Sample]:
        """Yield what its tasks tell; rates from the second look on."""
        looks = self._remember(plugin.plugin_id, look)
        figures = {
            Metric.QUEUE_LENGTH: float(look.waiting.length + look.held.reserved),
            Metric.BUSY_RATIO: min(1.0, look.held.active / max(1, processes)),
            **task_rates(looks, self._begun_by_others(plugin.plugin_id, look)),
        }
        yield from (Sample(plugin.plugin_id, metric, now, value) for metric, value in figures.items())

    def forget(self, plugin: Plugin) -> None:
        self.tasks.pop(plugin.plugin_id, None)

    def _begun_by_others(self, plugin_id: str, look: TaskLook) -> float:
        """Return how many tasks a second other workers of this host began that fetch from one of these queues."""
        others = [looks for other, looks in self.tasks.items() if other != plugin_id and looks[-1].queues & look.queues]
        return sum(_begun_per_second(looks) for looks in others if look.at - looks[-1].at < SPAN_SECONDS)

    def _remember(self, plugin_id: str, look: TaskLook) -> list[TaskLook]:
        looks = self.tasks.setdefault(plugin_id, [])
        if looks and (look.uptime_seconds < looks[-1].uptime_seconds or look.accepted < looks[-1].accepted):
            looks.clear()  # it began anew: totals count from there
        looks.append(look)
        while len(looks) > 2 and looks[1].at <= look.at - SPAN_SECONDS:
            looks.pop(0)
        return looks


def task_rates(looks: Sequence[TaskLook], begun_by_others: float = 0.0) -> Mapping[Metric, float]:
    """Return the figures that need two looks or more, oldest first; a wait that nothing ends has none.

    `begun_by_others` is how many tasks a second other workers began from the same queues.
    """
    if len(looks) < 2 or looks[-1].at <= looks[0].at:
        return {}
    last, previous = looks[-1], looks[-2]
    figures = {
        Metric.REQUESTS: float(last.accepted - previous.accepted),
        Metric.THROUGHPUT_PER_SECOND: (last.accepted - previous.accepted) / max(last.at - previous.at, 1e-9),
    }
    waiting, rate = last.waiting.length + last.held.reserved, _begun_per_second(looks)
    busy = sum(look.held.active for look in looks) / len(looks)
    if rate > 0 and busy:
        figures |= {Metric.SERVICE_TIME_SECONDS: busy / rate}
    if rate + begun_by_others > 0:
        figures |= {Metric.QUEUE_WAIT_SECONDS: waiting / (rate + begun_by_others)}
    elif not waiting:
        figures |= {Metric.QUEUE_WAIT_SECONDS: 0.0}
    return figures


def _begun_per_second(looks: Sequence[TaskLook]) -> float:
    seconds = looks[-1].at - looks[0].at
    return (looks[-1].accepted - looks[0].accepted) / seconds if seconds > 0 else 0.0


def _restarts(before: ProcessLook | None, after: ProcessLook, master: CeleryMaster) -> int:
    """Count processes that ended and were succeeded by others; none where they are replaced on purpose (a limit of tasks)."""
    if before is None:
        return 0
    if before.master != after.master:
        return 1
    if master.options.recycles:
        return 0
    return min(len(before.processes - after.processes), len(after.processes - before.processes))


def _cpu_figures(before: ProcessLook | None, after: ProcessLook) -> Mapping[Metric, float]:
    if before is None or before.master != after.master or after.at <= before.at:
        return {}
    cores = (after.cpu_seconds - before.cpu_seconds) / (after.at - before.at)
    usable = min(float(max(1, len(after.processes))), usable_cores(after.master.pid))
    return {Metric.CPU_CORES: cores, Metric.CPU_RATIO: cores / usable}


def _memory_figures(master: CeleryMaster, pool: Sequence[ProcessStat]) -> Mapping[Metric, float]:
    each = [float(size) for size in process_memory_bytes(pool)]
    total = memory_bytes(master.pid) + sum(each)
    figures = {Metric.MEMORY_BYTES: total, Metric.MEMORY_RATIO: total / usable_memory_bytes(master.pid)}
    return {**figures, Metric.WORKER_MEMORY_BYTES: max(each)} if each else figures


def process_memory_bytes(pool: Sequence[ProcessStat]) -> Iterator[float]:
    """Yield the PSS of each process that still lives."""
    for stat in pool:
        with contextlib.suppress(Gone):
            yield memory_bytes(stat.pid)
