"""The touchpoint of gunicorn: any WSGI or ASGI application behind a gunicorn master on this host."""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ...domain import Capability, Gone, Knob, Metric, NotFound, Plugin, Pool, Refused, Sample, Value
from ..file_replacement import read_replaceable
from ..process_identity import ProcessStat
from ..process_sensors import cpu_quota, usable_cores
from ..tunables import tunable_knobs, turn_tunable
from .capabilities import CAPABILITIES
from .config import with_number
from .count import Counting, staying
from .incarnation import Incarnations
from .lookup import GunicornLookup
from .process import present_workers, settled, workers_of
from .reload import Reloads, whole
from .reload_knobs import Seen, offers
from .roster import Service
from .running import running
from .sense import Senses, mean_worker_memory_bytes, worker_keys
from .settings import DEFAULTS, Origin
from .version import installed_version
from .workers import WorkerSteps, by_control_socket

WORKERS = "workers"
RELOADED = frozenset(DEFAULTS)  # the knobs that a reload turns


@dataclass(frozen=True)
class GunicornTouchpoint:
    """Finds, measures and turns gunicorns. `home` is where the probes' channel lives.

    Keeps only what measuring and stepping need between two calls (last totals, last step); all of it can be lost.
    Thread-safe.
    """

    home: Path
    kind: str = field(default="gunicorn", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _lookup: GunicornLookup = field(init=False, repr=False, compare=False)
    _senses: Senses = field(default_factory=Senses, init=False, repr=False, compare=False)
    _steps: WorkerSteps = field(default_factory=WorkerSteps, init=False, repr=False, compare=False)
    _incarnations: Incarnations = field(default_factory=Incarnations, init=False, repr=False, compare=False)
    _counting: Counting = field(default_factory=Counting, init=False, repr=False, compare=False)
    _reloads: Reloads = field(default_factory=Reloads, init=False, repr=False, compare=False)
    _most_workers: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lookup", GunicornLookup(self.home))

    def discover(self) -> list[Plugin]:
        """Return the gunicorns we may see, ourselves left out. Raises Unobservable."""
        with self._lock:
            found = self._lookup.all()
        return [Plugin(plugin_id, self.kind, service.address) for plugin_id, service in found.items()]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what can be measured from outside; rates from the second call on. Raises Unobservable."""
        with self._lock:
            try:
                service = self._lookup.find(plugin)
                workers = workers_of(service.master)
                self._incarnations.note(plugin.plugin_id, service.master, worker_keys(workers))
                return list(self._senses.samples(plugin, service, workers, now))
            except Gone:
                return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]

    def pool(self, plugin: Plugin) -> Pool:
        """Return how it serves requests; the memory of a worker is their mean. Raises Gone, Unobservable."""
        service, workers = self._staying(plugin)
        seen = self._seen(plugin, service, workers)
        return Pool(
            kind=service.settings.kind,
            workers=len(workers),
            threads=seen.running.number("threads", service.settings.threads) or service.settings.threads,
            cores=usable_cores(service.master.pid),
            reuse_port=service.settings.reuse_port,
            spawned={stat.pid: stat.start_seconds for stat in workers},
            worker_memory_bytes=mean_worker_memory_bytes(workers),
            quota=cpu_quota(service.master.pid),
        )

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return the number of workers, what a reload can change, and what the probes in the workers report.

        Raises Gone, Unobservable (also where no number can be told, because workers keep coming and ending).
        """
        with self._lock:
            service = self._lookup.find(plugin)
            leaving = self._reloads.leaving(plugin.plugin_id, service.master)
        workers = self._counting.workers(plugin.plugin_id, service.master, leaving)
        tunables = self._tunables(plugin, workers)
        own = {knob.name for knob in tunables}  # the application's word for something of its own
        reloaded = [knob for knob in self._reloads.knobs(self._seen(plugin, service, workers)) if knob.name not in own]
        return [self._workers_knob(plugin, service, workers), *reloaded, *tunables]

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why each knob that a reload could turn is not among `knobs`, by name. Raises Gone, Unobservable."""
        service, workers = self._staying(plugin)
        found = offers(self._seen(plugin, service, workers))
        return {name: why for name, why in found.items() if isinstance(why, str)}

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Make one step: one worker more or less, a reload, or the order of a tunable to all processes.

        Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable.
        """
        with self._lock:
            service = self._lookup.find(plugin)
            present = present_workers(service.master)
            if self._is_reloaded(plugin, knob, present):
                self._reload(plugin, service, present, knob, to)
                return
            if knob != WORKERS:
                self._turn_tunable(plugin, settled(present), knob, to)
                return
            count = whole(WORKERS, self._workers_knob(plugin, service, settled(present)).checked(to))
            if settled(present) == present:  # otherwise a step is just showing: wait until it does
                self._step(service, len(present), count)
                if count > len(present):
                    self._counting.ask_for_one_more(plugin.plugin_id)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Write the number into the config file of the service; a tunable is kept already.

        False where there is no such file or something else (command line, environment) decides. Raises Gone,
        Unobservable, NotFound, InvalidValue, Refused (the file computes the number, or is better left alone).
        """
        service, workers = self._staying(plugin)
        seen = self._seen(plugin, service, workers)
        if self._is_reloaded(plugin, knob, workers):
            return self._reloads.persist(seen, knob, to)
        if knob != WORKERS:
            return _named(self._tunables(plugin, workers), plugin, knob).persistent
        count = whole(WORKERS, self._workers_knob(plugin, service, workers).checked(to))
        path = _config_that_decides(service)
        if path is None:
            return False
        self._reloads.write(path, WORKERS, count, seen.oldest_seconds)
        return True

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the service: another one after a restart, a re-execution or a reload (HUP), each of
        which takes the settings back to what is configured. Raises Gone, Unobservable.
        """
        with self._lock:
            service, workers = self._observed(plugin)
            control = self._lookup.control_socket(service)
            return self._incarnations.name(plugin.plugin_id, service.master, worker_keys(workers), control)

    def _observed(self, plugin: Plugin) -> tuple[Service, Sequence[ProcessStat]]:
        with self._lock:
            service = self._lookup.find(plugin)
        return service, workers_of(service.master)

    def _staying(self, plugin: Plugin) -> tuple[Service, Sequence[ProcessStat]]:
        """Return it without the workers that a reload of ours told to go, as soon as there are others."""
        with self._lock:
            service, workers = self._observed(plugin)
            leaving = self._reloads.leaving(plugin.plugin_id, service.master)
        return service, staying(workers, leaving) or workers

    def _seen(self, plugin: Plugin, service: Service, workers: Sequence[ProcessStat]) -> Seen:
        with self._lock:
            control = self._lookup.control_socket(service)
            return Seen(
                settings=service.settings,
                version=installed_version(service.master),
                running=running(self.home, plugin, worker_keys(workers), control),
                oldest_seconds=min((stat.start_seconds for stat in workers), default=math.inf),
            )

    def _is_reloaded(self, plugin: Plugin, knob: str, workers: Sequence[ProcessStat]) -> bool:
        return knob in RELOADED and all(found.name != knob for found in self._tunables(plugin, workers))

    def _reload(self, plugin: Plugin, service: Service, present: Sequence[ProcessStat], knob: str, to: Value) -> None:
        stay = staying(settled(present), self._reloads.leaving(plugin.plugin_id, service.master))
        seen = self._seen(plugin, service, stay)
        going = self._reloads.turn(plugin.plugin_id, service.master, seen, present, knob, to)
        if going:
            self._senses.told_to_go[plugin.plugin_id] = going

    def _workers_knob(self, plugin: Plugin, service: Service, workers: Sequence[ProcessStat]) -> Knob:
        """The bound is generous (I/O-bound services need more workers than cores), and never below what was seen
        or is configured: the way back must stay open.
        """
        seen = max(len(workers), self._most_workers.get(plugin.plugin_id, 1), service.settings.workers or 1)
        self._most_workers[plugin.plugin_id] = seen
        return Knob(
            name=WORKERS,
            value=len(workers),
            minimum=1,
            maximum=max(int(4 * usable_cores(service.master.pid)) + 1, seen),
            unit="workers",
            persistent=_can_keep(service),
            kind=WORKERS,
        )

    def _step(self, service: Service, live: int, to: int) -> None:
        control = self._lookup.control_socket(service)
        if control is None:
            self._steps.by_signal(service.master, service.settings, live, to)
        else:
            by_control_socket(control, service.master, service.settings, live, to)

    def _tunables(self, plugin: Plugin, workers: Sequence[ProcessStat]) -> list[Knob]:
        found = tunable_knobs(self.home, plugin, worker_keys(workers))
        return [knob for knob in found if knob.name != WORKERS]

    def _turn_tunable(self, plugin: Plugin, workers: Sequence[ProcessStat], name: str, to: Value) -> None:
        knob = _named(self._tunables(plugin, workers), plugin, name)
        turn_tunable(self.home, plugin, name, knob.checked(to))


def _named(knobs: Sequence[Knob], plugin: Plugin, name: str) -> Knob:
    for knob in knobs:
        if knob.name == name:
            return knob
    known = ", ".join([WORKERS, *(knob.name for knob in knobs)])
    raise NotFound(f"{plugin.plugin_id} has no knob {name!r}; it has {known}")


def _config_that_decides(service: Service) -> Path | None:
    """Return the config file if a number in it would count; not where something stronger sets it."""
    settings = service.settings
    may_keep = settings.workers_origin in (Origin.FILE, Origin.DEFAULT)
    return settings.config_path if may_keep else None


def _can_keep(service: Service) -> bool:
    path = _config_that_decides(service)
    try:
        return path is not None and bool(with_number(read_replaceable(path).content, WORKERS, 1))
    except Refused:
        return False
