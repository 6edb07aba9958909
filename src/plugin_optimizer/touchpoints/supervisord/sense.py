"""Measuring a group of processes from outside: each with what it has started itself."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import Gone, Metric
from ..process_identity import ProcessStat, read_stat
from ..process_sensors import memory_bytes, usable_cores, usable_memory_bytes
from ..process_tree import children_of
from .rpc import FAILED, ProcessInfo

Key = tuple[int, int]  # pid, start tick


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at `at` (monotonic seconds): CPU seconds so far of each live process, and the pid under each name."""

    at: float
    cpu_seconds: Mapping[Key, float]
    pids: Mapping[str, int]


@dataclass(slots=True)
class GroupSenses:
    """Turns totals into rates: remembers the last look at each plugin."""

    last: dict[str, Look] = field(default_factory=dict)

    def figures(
        self, plugin_id: str, infos: Sequence[ProcessInfo], processes: Sequence[ProcessStat]
    ) -> Mapping[Metric, float]:
        """Return what is so now, and rates from the second look on. Without live processes nothing but that it is down."""
        before = self.last.get(plugin_id)
        families = {(stat.pid, stat.start_ticks): _family(stat) for stat in processes}
        used = {key: sum(each.cpu_seconds for each in family) for key, family in families.items()}
        look = Look(time.monotonic(), used, {info.full_name: info.pid for info in infos if info.live})
        self.last[plugin_id] = look
        if not processes:
            return {Metric.UP: 0.0}
        sizes = [_memory(family) for family in families.values()]
        pid = processes[0].pid
        figures = {
            Metric.UP: 1.0,
            Metric.WORKERS: float(len(processes)),
            Metric.FAILED_WORKERS: float(sum(info.state in FAILED for info in infos)),
            Metric.RESTARTS: 0.0 if before is None else float(_restarts(before, look)),
            Metric.MEMORY_BYTES: sum(sizes),
            Metric.WORKER_MEMORY_BYTES: max(sizes),
            Metric.MEMORY_RATIO: sum(sizes) / usable_memory_bytes(pid),
        }
        return {**figures, **_cpu(before, look, usable_cores(pid))}


def _restarts(before: Look, after: Look) -> int:
    """Count names under which another process runs than before: what was started or stopped on purpose is none."""
    return sum(1 for name, pid in after.pids.items() if before.pids.get(name, pid) != pid)


def _cpu(before: Look | None, after: Look, cores: float) -> Mapping[Metric, float]:
    if before is None or after.at <= before.at:
        return {}
    both = before.cpu_seconds.keys() & after.cpu_seconds.keys()
    used = sum(max(0.0, after.cpu_seconds[key] - before.cpu_seconds[key]) for key in both)
    rate = used / (after.at - before.at)
    return {Metric.CPU_CORES: rate, Metric.CPU_RATIO: min(1.0, rate / cores)}


def _family(stat: ProcessStat) -> list[ProcessStat]:
    """Return a process and all below it that live."""
    found, waiting = [], [stat]
    while waiting:
        each = waiting.pop()
        with contextlib.suppress(Gone):
            found.append(read_stat(each.pid))
            waiting += [child for child in children_of(each.pid) if child.alive]
    return found


def _memory(family: Sequence[ProcessStat]) -> float:
    total = 0.0
    for stat in family:
        with contextlib.suppress(Gone):
            total += memory_bytes(stat.pid)
    return total


def mean_memory_bytes(processes: Sequence[ProcessStat]) -> float:
    """Return the mean over the processes, what each has started itself included; NaN without any."""
    sizes = [_memory(_family(stat)) for stat in processes]
    return sum(sizes) / len(sizes) if sizes else float("nan")
