"""What a control group did since the last look, from counters that only grow within one life of it."""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from ..domain import Metric, Sample
from .control_group import GroupCounts, GroupFigures
from .group_limits import host_cores

OF_GROUPS = (
    Metric.UP,
    Metric.RESTARTS,
    Metric.CPU_CORES,
    Metric.CPU_RATIO,
    Metric.THROTTLED_RATIO,
    Metric.THROTTLED_CORES,
    Metric.MEMORY_BYTES,
    Metric.MEMORY_RATIO,
    Metric.OOM_KILLS,
)


@dataclass(frozen=True, slots=True)
class GroupLook:
    """One look: `life` tells one start of what runs in the group from the next, `restarts` how often it was restarted."""

    at: float
    life: str
    restarts: int
    counts: GroupCounts | None  # None while nothing of it runs


@dataclass(slots=True)
class GroupSenses:
    """Remembers the last totals of each plugin. All of it can be lost: then rates begin with the second look."""

    before: dict[str, GroupLook] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def samples(self, plugin_id: str, figures: GroupFigures, life: str, restarts: int, now: float) -> list[Sample]:
        """Return what can be told now."""
        look = GroupLook(now, life, restarts, figures.counts)
        with self.lock:
            earlier = self.before.get(plugin_id)
            self.before[plugin_id] = look
        values = {Metric.UP: 1.0, **dict(_memory(figures))}
        if earlier is not None:
            values.update(_since(earlier, look, figures.cores))
        return [Sample(plugin_id, metric, now, value) for metric, value in values.items()]

    def down(self, plugin_id: str, life: str, restarts: int, now: float) -> list[Sample]:
        """Return what can be told of one that does not run: that, and how often it was tried again since the last look."""
        with self.lock:
            earlier = self.before.get(plugin_id)
            self.before[plugin_id] = GroupLook(now, life, restarts, None)
        up = Sample(plugin_id, Metric.UP, now, 0.0)
        return [up] if earlier is None else [up, Sample(plugin_id, Metric.RESTARTS, now, _restarted(earlier, restarts))]


def _memory(figures: GroupFigures) -> Iterator[tuple[Metric, float]]:
    used, host = figures.used_bytes, float(psutil.virtual_memory().total)
    if used is None:
        return
    yield Metric.MEMORY_BYTES, float(used)
    yield Metric.MEMORY_RATIO, used / min(figures.limit_bytes or host, host)


def _since(old: GroupLook, new: GroupLook, limit: float | None) -> Iterator[tuple[Metric, float]]:
    """Yield nothing of counters that began anew: with the next life of a unit its group is another one."""
    yield Metric.RESTARTS, max(_restarted(old, new.restarts), float(old.life != new.life))
    seconds, before, after = new.at - old.at, old.counts, new.counts
    if old.life != new.life or seconds <= 0 or before is None or after is None:
        return
    if before.cpu_seconds is not None and after.cpu_seconds is not None and after.cpu_seconds >= before.cpu_seconds:
        cores = (after.cpu_seconds - before.cpu_seconds) / seconds
        yield Metric.CPU_CORES, cores
        yield Metric.CPU_RATIO, cores / min(limit or math.inf, host_cores())
    if limit is not None and after.periods >= before.periods:
        periods = after.periods - before.periods
        yield Metric.THROTTLED_RATIO, min(1.0, (after.throttled - before.throttled) / periods) if periods else 0.0
        yield Metric.THROTTLED_CORES, max(0.0, after.throttled_seconds - before.throttled_seconds) / seconds
    if before.oom_kills is not None and after.oom_kills is not None and after.oom_kills >= before.oom_kills:
        yield Metric.OOM_KILLS, float(after.oom_kills - before.oom_kills)


def _restarted(old: GroupLook, restarts: int) -> float:
    """Return how often it was restarted since; the count begins anew when somebody starts it by hand."""
    return float(max(0, restarts - old.restarts))
