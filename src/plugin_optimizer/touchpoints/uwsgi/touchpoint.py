"""The touchpoint of uWSGI: a master and its workers on this host, by its stats server, master FIFO and ini file."""

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ...domain import Capability, Gone, Knob, Message, Metric, Plugin, Pool, Sample, Unobservable, Value
from ..gunicorn.code import check_code
from ..gunicorn.count import Counting
from ..gunicorn.process import settled
from ..gunicorn.reload import whole
from ..gunicorn.sense import Senses, mean_worker_memory_bytes, worker_keys
from ..names import knob_named
from ..process_identity import ProcessStat
from ..process_sensors import cpu_quota, usable_cores
from ..tunables import tunable_knobs, turn_tunable
from .backlog import waiting_connections
from .capabilities import CAPABILITIES
from .fifo import fifo_of
from .knobs import INITIAL, WORKERS, Seen, by_fifo, offers, option_of
from .lookup import UwsgiLookup
from .process import life_of
from .reload import Reloads, offered
from .sense import RECYCLES, StatsSenses
from .service import UwsgiService
from .steps import UwsgiSteps


@dataclass(frozen=True)
class UwsgiTouchpoint:
    """Finds, measures and turns uWSGIs. `home` is where the probes' channel lives.

    Keeps only what measuring and stepping need between two calls; all of it can be lost. Thread-safe.
    """

    home: Path
    kind: str = field(default="uwsgi", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _lookup: UwsgiLookup = field(init=False, repr=False, compare=False)
    _counting: Counting = field(init=False, repr=False, compare=False)
    _senses: Senses = field(default_factory=Senses, init=False, repr=False, compare=False)
    _told: StatsSenses = field(default_factory=StatsSenses, init=False, repr=False, compare=False)
    _steps: UwsgiSteps = field(default_factory=UwsgiSteps, init=False, repr=False, compare=False)
    _reloads: Reloads = field(default_factory=Reloads, init=False, repr=False, compare=False)
    _most_workers: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_lookup", UwsgiLookup(self.home))
        object.__setattr__(self, "_counting", Counting(present=self._lookup.workers))

    def discover(self) -> list[Plugin]:
        """Return the uWSGIs we may see, Emperors and ourselves left out. Raises Unobservable."""
        with self._lock:
            found = self._lookup.all()
        return [Plugin(plugin_id, self.kind, service.address) for plugin_id, service in found.items()]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what processes and stats server tell; rates from the second call on. Raises Unobservable."""
        with self._lock:
            try:
                service = self._lookup.find(plugin)
                workers, counted = self._countable(service)
                samples = {s.metric: s for s in self._senses.samples(plugin, service, workers, now)}
                life = life_of(service.master)
            except Gone:
                return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]
            if not counted:
                samples.pop(Metric.WORKERS)
            told = self._figures(plugin, service, life)
        return list({**samples, **{m: Sample(plugin.plugin_id, m, now, value) for m, value in told.items()}}.values())

    def pool(self, plugin: Plugin) -> Pool:
        """Return how it serves requests: a worker's thread accepts only when it is free, as gunicorn's sync workers do.

        Raises Gone, Unobservable.
        """
        with self._lock:
            service = self._lookup.find(plugin)
            workers = settled(self._lookup.workers(service.master))
        settings = service.settings
        threads = settings.slots_per_worker
        return Pool(
            kind="gevent" if settings.event_loop else "gthread" if threads > 1 else "sync",
            workers=len(workers),
            threads=threads,
            cores=usable_cores(service.master.pid),
            reuse_port=settings.has("reuse-port"),
            spawned={stat.pid: stat.start_seconds for stat in workers},
            worker_memory_bytes=mean_worker_memory_bytes(workers),
            quota=cpu_quota(service.master.pid),
        )

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return the number of workers or its bounds, what a reload can change, and what probes in the workers report.

        Raises Gone, Unobservable (also while it is being reloaded, and where workers keep coming and ending).
        """
        with self._lock:
            service, life, workers = self._standing(plugin)
            own = [
                knob for knob in offers(self._seen(plugin, service, life, workers)).values() if isinstance(knob, Knob)
            ]
        names = {knob.name for knob in own}
        return [*own, *(knob for knob in self._tunables(plugin, workers) if knob.name not in names)]

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why something is not among `knobs`, by name. Raises Gone, Unobservable."""
        with self._lock:
            service = self._lookup.find(plugin)
            workers, counted = self._countable(service)
            found = offers(self._seen(plugin, service, life_of(service.master), workers))
        why = {name: reason for name, reason in found.items() if isinstance(reason, str)}
        return why if counted else {**why, WORKERS: "which of its processes are workers cannot be told; add --stats"}

    def unlocks(self, plugin: Plugin) -> list[Message]:
        """Return the lines in its ini file that would make more possible. Raises Gone, Unobservable."""
        with self._lock:
            settings = self._lookup.find(plugin).settings
        if settings.hidden:
            return [Message("unlock_uwsgi_title")]
        lines = [] if settings.has("stats") else [Message("unlock_uwsgi_stats")]
        return lines if by_fifo(settings) else [*lines, Message("unlock_uwsgi_workers")]

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Make one step: one worker more or less by the FIFO, a reload, or the order of a tunable to all processes.

        Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable.
        """
        with self._lock:
            service = self._lookup.find(plugin)
            life, present = life_of(service.master), self._lookup.workers(service.master)
            seen = self._seen(plugin, service, life, settled(present))
            if knob not in offers(seen):
                self._turn_tunable(plugin, settled(present), knob, to)
            elif knob == WORKERS and by_fifo(seen.settings):
                self._step(plugin, life, seen, present, whole(WORKERS, offered(seen, WORKERS).checked(to)))
            elif self._reloads.turn(plugin.plugin_id, life, seen, settled(present), knob, to):
                self._senses.told_to_go[plugin.plugin_id] = worker_keys(present)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Write the value into the ini file; for workers that are turned while it runs that is `cheaper-initial`.

        False where there is no such file or something else decides. Raises Gone, Unobservable, NotFound, InvalidValue, Refused.
        """
        with self._lock:
            service = self._lookup.find(plugin)
            workers = settled(self._lookup.workers(service.master))
            seen = self._seen(plugin, service, life_of(service.master), workers)
            if knob not in offers(seen):
                return knob_named(self._tunables(plugin, workers), plugin, knob).persistent
            found = offered(seen, knob)
            number = whole(knob, found.checked(to))
            if found.persistent:
                option = INITIAL if knob == WORKERS and by_fifo(seen.settings) else option_of(knob)
                self._reloads.write(seen, option, number)
            return found.persistent

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the service: another one after a restart or a reload. Raises Gone, Unobservable."""
        with self._lock:
            return life_of(self._lookup.find(plugin).master)

    def _standing(self, plugin: Plugin) -> tuple[UwsgiService, str, Sequence[ProcessStat]]:
        service = self._lookup.find(plugin)
        life = life_of(service.master)
        self._reloads.check_done(plugin.plugin_id, life)
        return service, life, self._counting.workers(plugin.plugin_id, service.master)

    def _seen(self, plugin: Plugin, service: UwsgiService, life: str, workers: Sequence[ProcessStat]) -> Seen:
        cores, seen = usable_cores(service.master.pid), max(len(workers), self._most_workers.get(plugin.plugin_id, 1))
        self._most_workers[plugin.plugin_id] = seen
        slots = 0
        with contextlib.suppress(Unobservable):
            stats = self._lookup.stats(service)
            slots = max((worker.slots for worker in stats.workers if worker.pid), default=0) if stats else 0
        return Seen(
            service=service,
            force=self._reloads.in_force(plugin.plugin_id, life, service, workers),
            fifo=fifo_of(service.master),
            live=len(workers),
            slots=slots,
            most=max(int(4 * cores) + 1, seen),
        )

    def _step(self, plugin: Plugin, life: str, seen: Seen, present: Sequence[ProcessStat], to: int) -> None:
        if settled(present) != present or seen.fifo is None:  # a step is just showing: wait until it does
            return
        if to > len(present):
            oldest = min((stat.start_seconds for stat in present), default=0.0)
            check_code(seen.service.master, seen.settings, oldest)
        if self._steps.step(plugin.plugin_id, seen.service.master, life, seen.fifo, len(present), to):
            self._counting.ask_for_one_more(plugin.plugin_id)

    def _countable(self, service: UwsgiService) -> tuple[list[ProcessStat], bool]:
        """Return the workers, and whether they can be told from other processes. Raises Gone, Unobservable."""
        try:
            return settled(self._lookup.workers(service.master)), True
        except Gone:
            raise
        except Unobservable:
            return [], False

    def _figures(self, plugin: Plugin, service: UwsgiService, life: str) -> Mapping[Metric, float]:
        try:
            stats = self._lookup.stats(service)
        except Unobservable:
            return {}
        if stats is None:
            return {}
        recycles = any(service.settings.has(name) for name in RECYCLES)
        waiting = waiting_connections(service.master.pid)
        return self._told.figures(plugin.plugin_id, life, stats, waiting, recycles=recycles)

    def _tunables(self, plugin: Plugin, workers: Sequence[ProcessStat]) -> list[Knob]:
        return tunable_knobs(self.home, plugin, worker_keys(workers))

    def _turn_tunable(self, plugin: Plugin, workers: Sequence[ProcessStat], name: str, to: Value) -> None:
        knob = knob_named(self._tunables(plugin, workers), plugin, name)
        turn_tunable(self.home, plugin, name, knob.checked(to))
