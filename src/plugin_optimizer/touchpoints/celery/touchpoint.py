"""The touchpoint of Celery: workers of this host whose tasks wait in Redis."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import ClassVar

from ...domain import (
    Capability,
    Gone,
    InvalidValue,
    Knob,
    Metric,
    NotFound,
    Plugin,
    Pool,
    Refused,
    Sample,
    Unobservable,
    Value,
)
from ..process_identity import ProcessStat
from ..process_sensors import cpu_quota, usable_cores
from .broker import waiting_at
from .capabilities import CAPABILITIES
from .control import WorkerControl, WorkerStats
from .incarnation import Starts
from .lookup import CeleryLookup
from .options import PREFORK
from .process import CeleryMaster, keys_of
from .rate_limits import RateLimits
from .roster import address_of
from .sense import CelerySenses, TaskLook, process_memory_bytes
from .steps import PoolSteps
from .tasks import CountedTasks

WORKERS, MOST, FEWEST = "workers", "autoscale_max", "autoscale_min"
WORKER_LIMIT = "worker_limit"  # the kind of knob: how many processes an autoscaler may start


@dataclass(frozen=True)
class CeleryTouchpoint:
    """Finds, measures and turns Celery's prefork workers. `home` is where it notes whose consumers it has to bring back.

    Keeps only what measuring and stepping need between two calls; all of it can be lost. Thread-safe.
    """

    home: Path
    kind: str = field(default="celery", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _lookup: CeleryLookup = field(default_factory=CeleryLookup, init=False, repr=False, compare=False)
    _senses: CelerySenses = field(default_factory=CelerySenses, init=False, repr=False, compare=False)
    _starts: Starts = field(default_factory=Starts, init=False, repr=False, compare=False)
    _steps: PoolSteps = field(init=False, repr=False, compare=False)
    _counted: CountedTasks = field(init=False, repr=False, compare=False)
    _limits: RateLimits = field(default_factory=RateLimits, init=False, repr=False, compare=False)
    _most_workers: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _queues: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_steps", PoolSteps(self.home))
        object.__setattr__(self, "_counted", CountedTasks(self.home))

    def discover(self) -> list[Plugin]:
        """Return the workers we may see."""
        with self._lock:
            self._counted.tidy()
            return [Plugin(name, self.kind, address_of(master)) for name, master in self._lookup.all().items()]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what can be measured from outside; rates from the second call on. Raises Unobservable.

        What its processes tell is told as well where its broker does not answer. A worker that was left without a consumer
        gets it back here.
        """
        with self._lock:
            try:
                master = self._lookup.find(plugin)
                pool = self._lookup.pools.standing(master)
                samples = list(self._senses.process_samples(plugin, master, pool, now))
            except Gone:
                return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]
            told = {
                s.metric: s for s in (*self._asked(plugin, master, len(pool), now), *self._probed(plugin, pool, now))
            }
            return [*samples, *told.values()]

    def pool(self, plugin: Plugin) -> Pool:
        """Return how it runs tasks; the memory of a worker is their mean. Raises Gone, Unobservable."""
        with self._lock:
            master = self._lookup.find(plugin)
            processes = self._lookup.pools.standing(master)
        sizes = list(process_memory_bytes(processes))
        return Pool(
            kind="prefork" if master.options.pool in PREFORK else master.options.pool,
            workers=len(processes),
            cores=usable_cores(master.pid),
            spawned={stat.pid: stat.start_seconds for stat in processes},
            worker_memory_bytes=fmean(sizes) if sizes else float("nan"),
            quota=cpu_quota(master.pid),
        )

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return the number of processes, or the bounds of the autoscaler that owns it, and the rate limits of its tasks; none where
        nothing can be turned. Raises Gone, Unobservable.
        """
        with self._lock:
            master = self._lookup.find(plugin)
            try:
                stats = self._lookup.stats(plugin, master)
                control, life = self._lookup.control(plugin, master), self._life(master, stats)
                limits = self._limits.knobs(control, life, stats)
            except (Unobservable, Refused):
                self._lookup.find(plugin)  # it may have ended just now
                if self._lookup.spoke(master):
                    raise
                return []
            return [*self._knobs(plugin, master, stats), *limits]

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why `workers`, prefetching and limits of tasks are not among the knobs. Raises Gone."""
        with self._lock:
            master = self._lookup.find(plugin)
            try:
                stats = self._lookup.stats(plugin, master)
                control, life = self._lookup.control(plugin, master), self._life(master, stats)
                reasons, why = self._limits.not_offered(control, life, stats), _why_not(stats)
            except (Unobservable, Refused) as error:
                reasons, why = {}, str(error)
        return {WORKERS: why, **reasons} if why else reasons

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Order the way to `to` processes (or bounds). More come at once; fewer go without a task being lost (`celery_shrink`).

        Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable.
        """
        with self._lock:
            master = self._lookup.find(plugin)
            control, stats = self._lookup.control(plugin, master), self._lookup.stats(plugin, master)
            value = self._checked(plugin, master, stats, knob, to)
            if knob not in (WORKERS, MOST, FEWEST):
                self._limits.turn(control, knob, value)
                return
            count = int(value)
            if knob == WORKERS:
                self._steps.step(control, master, len(self._lookup.pools.standing(master)), count)
                return
            most, fewest = stats.autoscale or (count, count)
            bounds = (count, fewest) if knob == MOST else (most, count)
            if bounds[0] < bounds[1]:
                raise Refused(f"{MOST} has to be {FEWEST} or more, not {bounds[0]} with {bounds[1]}")
            self._steps.set_bounds(control, master, stats, bounds)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Return False: nothing outside the worker's own command line survives its restart. Raises Gone, Unobservable,
        NotFound, InvalidValue, Refused.
        """
        with self._lock:
            master = self._lookup.find(plugin)
            self._checked(plugin, master, self._lookup.stats(plugin, master), knob, to)
        return False

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the worker: another one after a restart or a HUP, which take the pool back to what is configured.

        Raises Gone, Unobservable.
        """
        with self._lock:
            master = self._lookup.find(plugin)
            return self._life(master, self._lookup.stats(plugin, master))

    def _life(self, master: CeleryMaster, stats: WorkerStats) -> str:
        return self._starts.name(master.identity, stats.uptime_seconds)

    def _asked(self, plugin: Plugin, master: CeleryMaster, processes: int, now: float) -> list[Sample]:
        try:
            control = self._lookup.control(plugin, master)
            self._steps.bring_back(control)
            return list(self._senses.task_samples(plugin, self._look(plugin, master, control), processes, now))
        except (Unobservable, Refused):
            self._senses.forget(plugin)  # that nobody can be asked is why there are no knobs (`not_offered`)
            return []

    def _probed(self, plugin: Plugin, pool: Sequence[ProcessStat], now: float) -> list[Sample]:
        """Return what the probes counted: what a task took is known better there."""
        figures = self._counted.figures(plugin.plugin_id, keys_of(pool))
        return [Sample(plugin.plugin_id, metric, now, value) for metric, value in figures.items()]

    def _look(self, plugin: Plugin, master: CeleryMaster, control: WorkerControl) -> TaskLook:
        stats, held = self._lookup.stats(plugin, master), control.held()
        queues = self._queues[plugin.plugin_id] = control.queues() or self._queues.get(plugin.plugin_id, ())
        waiting, names = waiting_at(control.url, queues), frozenset(f"{control.url} {queue}" for queue in queues)
        return TaskLook(time.monotonic(), stats.accepted, held, waiting, stats.uptime_seconds, names)

    def _checked(self, plugin: Plugin, master: CeleryMaster, stats: WorkerStats, name: str, to: Value) -> float:
        control, knobs = self._lookup.control(plugin, master), self._knobs(plugin, master, stats)
        if all(knob.name != name for knob in knobs):
            knobs += self._limits.knobs(control, self._life(master, stats), stats)
        for knob in knobs:
            if knob.name == name:
                return whole(name, knob.checked(to)) if knob.unit == "workers" else number(knob.checked(to))
        why = self.not_offered(plugin).get(name.partition(".")[0])
        if why:
            raise Refused(why)
        raise NotFound(
            f"{plugin.plugin_id} has no knob {name!r}; it has {', '.join(knob.name for knob in knobs) or 'none'}"
        )

    def _knobs(self, plugin: Plugin, master: CeleryMaster, stats: WorkerStats) -> list[Knob]:
        if not stats.prefork:
            return []
        processes = len(self._lookup.pools.standing(master))
        seen = max(processes, self._most_workers.get(plugin.plugin_id, 1), *(stats.autoscale or ()))
        self._most_workers[plugin.plugin_id] = seen
        most = max(int(4 * usable_cores(master.pid)) + 1, seen)  # the way back must stay open
        if stats.autoscale is None:
            return [Knob(WORKERS, processes, 1, most, unit="workers", persistent=False, kind=WORKERS)]
        upper, lower = stats.autoscale
        return [
            Knob(MOST, upper, 1, most, unit="workers", persistent=False, kind=WORKER_LIMIT),
            Knob(FEWEST, lower, min(1, lower), most, unit="workers", persistent=False),
        ]


def number(value: Value) -> float:
    assert isinstance(value, int | float)  # the knob has checked it
    return float(value)


def whole(name: str, value: Value) -> float:
    """Return the value where it is a whole number. Raises InvalidValue."""
    if not number(value).is_integer():
        raise InvalidValue(f"{name} takes a whole number, not {value}")
    return number(value)


def _why_not(stats: WorkerStats) -> str:
    """Return why the number of processes cannot be turned, empty where it can."""
    if not stats.prefork:
        return f"a {stats.pool_name} pool has no processes to add or remove; start it with --pool=prefork"
    if stats.autoscale is not None:
        return f"--autoscale owns the number of processes; {MOST} and {FEWEST} are its bounds"
    return ""
