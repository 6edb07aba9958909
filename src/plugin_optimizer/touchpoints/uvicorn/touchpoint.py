"""The touchpoint of uvicorn: any ASGI application behind `uvicorn --workers` on this host."""

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ...domain import Capability, Gone, Knob, Metric, NotFound, Plugin, Pool, Sample, Value
from ..gunicorn.code import check_code
from ..gunicorn.count import Counting
from ..gunicorn.process import settled
from ..gunicorn.reload import whole
from ..gunicorn.sense import Senses, mean_worker_memory_bytes, worker_keys
from ..process_identity import ProcessStat
from ..process_sensors import cpu_quota, usable_cores
from ..process_tree import check_alive
from ..service_roster import ServiceRoster
from ..tunables import plugin_of_process, tunable_knobs, turn_tunable
from .capabilities import CAPABILITIES
from .process import find_uvicorns, supervises, workers_of_uvicorn
from .service import UvicornService, service_of
from .workers import UvicornSteps

WORKERS = "workers"


@dataclass(frozen=True)
class UvicornTouchpoint:
    """Finds, measures and turns uvicorns. `home` is where the probes' channel lives.

    The number of workers is a knob where a supervisor catches TTIN and TTOU; one that serves alone is only measured. uvicorn
    has no place to keep a number: what was kept is turned again after a restart. Thread-safe.
    """

    home: Path
    kind: str = field(default="uvicorn", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _roster: ServiceRoster[UvicornService] = field(default_factory=ServiceRoster, init=False, repr=False, compare=False)
    _senses: Senses = field(default_factory=Senses, init=False, repr=False, compare=False)
    _steps: UvicornSteps = field(default_factory=UvicornSteps, init=False, repr=False, compare=False)
    _counting: Counting = field(init=False, repr=False, compare=False)
    _found: dict[str, UvicornService] = field(default_factory=dict, init=False, repr=False, compare=False)
    _most_workers: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_counting", Counting(present=workers_of_uvicorn))

    def discover(self) -> list[Plugin]:
        """Return the uvicorns we may see, ourselves left out. Raises Unobservable."""
        with self._lock:
            found = self._all()
        return [Plugin(plugin_id, self.kind, service.address) for plugin_id, service in found.items()]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what can be measured from outside; rates from the second call on. Raises Unobservable."""
        with self._lock:
            try:
                service = self._find(plugin)
                workers = settled(workers_of_uvicorn(service.master))
                return list(self._senses.samples(plugin, service, workers, now))
            except Gone:
                return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]

    def pool(self, plugin: Plugin) -> Pool:
        """Return how it serves requests; the memory of a worker is their mean. Raises Gone, Unobservable."""
        service = self._find(plugin)
        workers = settled(workers_of_uvicorn(service.master))
        return Pool(
            kind=self.kind,
            workers=len(workers),
            cores=usable_cores(service.master.pid),
            spawned={stat.pid: stat.start_seconds for stat in workers},
            worker_memory_bytes=mean_worker_memory_bytes(workers),
            quota=cpu_quota(service.master.pid),
        )

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return the number of workers, where there is a supervisor, and what the probes in the workers report.

        Raises Gone, Unobservable (also where no number can be told, because workers keep coming and ending).
        """
        with self._lock:
            service = self._find(plugin)
        return self._turned(plugin, service, self._counting.workers(plugin.plugin_id, service.master))

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why the number of workers is not among `knobs`, where it is not. Raises Gone, Unobservable."""
        if supervises(self._find(plugin).master):
            return {}
        return {WORKERS: "it serves without a supervisor, and TTIN would stop it; start it with --workers 2 or more"}

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Make one step: one worker more or less, or the order of a tunable to all processes.

        A new worker loads the code that lies on disk, and one that cannot start makes uvicorn end the whole service:
        more workers are refused where code is newer than those that run. Raises NotFound, InvalidValue, Refused (nothing
        happened), Gone, Unobservable.
        """
        with self._lock:
            service = self._find(plugin)
            present = workers_of_uvicorn(service.master)
            found = _named(self._turned(plugin, service, present), plugin, knob)
            value = found.checked(to)
            if knob != WORKERS:
                turn_tunable(self.home, plugin, knob, value)
            elif settled(present) == present:  # otherwise a step is just showing: wait until it does
                count = whole(WORKERS, value)
                if count > len(present):
                    check_code(service.master, service.settings, min(stat.start_seconds for stat in present))
                    self._counting.ask_for_one_more(plugin.plugin_id)
                self._steps.step(service.master, len(present), count)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Tell whether the value outlives a restart by itself: a tunable's does, the number of workers does not.

        Raises Gone, Unobservable, NotFound, InvalidValue.
        """
        service = self._find(plugin)
        found = _named(self._turned(plugin, service, workers_of_uvicorn(service.master)), plugin, knob)
        found.checked(to)
        return found.persistent

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the service: another one after a restart. A HUP keeps the number of workers. Raises Gone."""
        master = self._find(plugin).master
        return f"{master.pid}-{master.identity.start_ticks}"

    def _all(self) -> Mapping[str, UvicornService]:
        probes = plugin_of_process(self.home)
        ours = {os.getpid(), os.getppid()}
        services = []
        for master in find_uvicorns():
            if master.pid not in ours:
                keys = worker_keys(workers_of_uvicorn(master)) if probes else ()
                services.append(service_of(master, next((probes[key] for key in keys if key in probes), "")))
        found = self._roster.assign(services)
        self._found.clear()
        self._found.update(found)
        return found

    def _find(self, plugin: Plugin) -> UvicornService:
        """Return the service as it is now. Raises Gone, Unobservable."""
        with self._lock:
            known = self._found.get(plugin.plugin_id)
            if known is not None:
                try:
                    check_alive(known.master.identity)
                except Gone:
                    del self._found[plugin.plugin_id]
                else:
                    return known
            self._roster.remember(plugin)
            found = self._all().get(plugin.plugin_id)
        if found is None:
            raise Gone(f"no uvicorn that is {plugin.plugin_id} runs here ({dict(plugin.address)})")
        return found

    def _turned(self, plugin: Plugin, service: UvicornService, workers: Sequence[ProcessStat]) -> list[Knob]:
        own = [self._workers_knob(plugin, service, workers)] if supervises(service.master) else []
        return [*own, *self._tunables(plugin, workers)]

    def _workers_knob(self, plugin: Plugin, service: UvicornService, workers: Sequence[ProcessStat]) -> Knob:
        """The bound is generous, and never below what was seen: the way back must stay open."""
        seen = max(len(workers), self._most_workers.get(plugin.plugin_id, 1))
        self._most_workers[plugin.plugin_id] = seen
        most = max(int(4 * usable_cores(service.master.pid)) + 1, seen)
        return Knob(
            name=WORKERS, value=len(workers), minimum=1, maximum=most, unit="workers", persistent=False, kind=WORKERS
        )

    def _tunables(self, plugin: Plugin, workers: Sequence[ProcessStat]) -> list[Knob]:
        found = tunable_knobs(self.home, plugin, worker_keys(workers))
        return [knob for knob in found if knob.name != WORKERS]


def _named(knobs: Sequence[Knob], plugin: Plugin, name: str) -> Knob:
    for knob in knobs:
        if knob.name == name:
            return knob
    known = ", ".join(knob.name for knob in knobs) or "none: it serves without a supervisor"
    raise NotFound(f"{plugin.plugin_id} has no knob {name!r}; it has {known}")
