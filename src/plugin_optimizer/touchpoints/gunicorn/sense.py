"""Measuring a parent and its workers from outside."""

import contextlib
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ...domain import Gone, Metric, Plugin, Sample
from ..process_identity import ProcessIdentity, ProcessStat
from ..process_sensors import cpu_seconds, memory_bytes, usable_cores, usable_memory_bytes
from .process import Master

WorkerKeys = frozenset[tuple[int, int]]


class Slots(Protocol):
    @property
    def slots_per_worker(self) -> int:
        """Return how many cores one worker can use at most."""
        ...


class Measured(Protocol):
    """A service of one parent and its workers, as far as measuring goes."""

    @property
    def master(self) -> Master: ...
    @property
    def settings(self) -> Slots: ...


@dataclass(frozen=True, slots=True)
class Memory:
    """What was seen at the last look, at `at` (monotonic seconds). Workers are (pid, start tick)."""

    master: ProcessIdentity
    cpu_seconds: float
    at: float
    workers: WorkerKeys


@dataclass(slots=True)
class Senses:
    """Turns totals into rates: remembers the last look at each plugin, and which workers we ourselves told to go."""

    last: dict[str, Memory] = field(default_factory=dict)
    told_to_go: dict[str, WorkerKeys] = field(default_factory=dict)

    def samples(
        self, plugin: Plugin, service: Measured, workers: Sequence[ProcessStat], now: float
    ) -> Iterator[Sample]:
        """Yield the samples of a service that was found. Raises Gone, Unobservable."""
        before, after = self.last.get(plugin.plugin_id), _look(service, workers)
        self.last[plugin.plugin_id] = after
        figures = {
            Metric.UP: 1.0,
            Metric.WORKERS: float(len(workers)),
            Metric.RESTARTS: 0.0 if before is None else float(replaced(self._by_themselves(plugin, before), after)),
            **_cpu_figures(service, before, after),
            **_memory_figures(service, workers),
        }
        for metric, value in figures.items():
            yield Sample(plugin.plugin_id, metric, now, value)

    def _by_themselves(self, plugin: Plugin, before: Memory) -> Memory:
        """Leave out the workers whose end is our own doing: a reload that was ordered is no restart."""
        return replace(before, workers=before.workers - self.told_to_go.get(plugin.plugin_id, frozenset()))


def worker_keys(workers: Sequence[ProcessStat]) -> WorkerKeys:
    return frozenset((stat.pid, stat.start_ticks) for stat in workers)


def replaced(before: Memory, after: Memory) -> int:
    """Count the workers that ended and were succeeded by others: what growing or shrinking does not explain.

    | before | after | replaced |
    |--------|-------|----------|
    | a b    | a b c | 0        |
    | a b c  | b     | 0        |
    | a b    | b c   | 1        |
    | a b    | c d e | 2        |
    A new master is one at least.
    """
    count = min(len(before.workers - after.workers), len(after.workers - before.workers))
    return count if before.master == after.master else max(1, count)


def mean_worker_memory_bytes(workers: Sequence[ProcessStat]) -> float:
    """Return the mean PSS of the workers, NaN if there is none."""
    measured = list(_memory_of([stat.pid for stat in workers]).values())
    return statistics.fmean(measured) if measured else float("nan")


def _look(service: Measured, workers: Sequence[ProcessStat]) -> Memory:
    return Memory(service.master.identity, cpu_seconds(service.master.identity), time.monotonic(), worker_keys(workers))


def _cpu_figures(service: Measured, before: Memory | None, after: Memory) -> Mapping[Metric, float]:
    if before is None or before.master != after.master or after.at <= before.at:
        return {}
    cores = (after.cpu_seconds - before.cpu_seconds) / (after.at - before.at)  # below 0: the gate calls it a reset
    slots = max(1, len(after.workers)) * service.settings.slots_per_worker
    usable = min(float(slots), usable_cores(service.master.pid))
    return {Metric.CPU_CORES: cores, Metric.CPU_RATIO: cores / usable}


def _memory_figures(service: Measured, workers: Sequence[ProcessStat]) -> Mapping[Metric, float]:
    of_workers = _memory_of([stat.pid for stat in workers])
    total = memory_bytes(service.master.pid) + sum(of_workers.values())
    figures = {Metric.MEMORY_BYTES: total, Metric.MEMORY_RATIO: total / usable_memory_bytes(service.master.pid)}
    return {**figures, Metric.WORKER_MEMORY_BYTES: max(of_workers.values())} if of_workers else figures


def _memory_of(pids: Sequence[int]) -> Mapping[int, float]:
    found = {}
    for pid in pids:
        with contextlib.suppress(Gone):  # it ended in between
            found[pid] = memory_bytes(pid)
    return found
