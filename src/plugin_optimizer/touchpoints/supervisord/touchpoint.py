"""The touchpoint of supervisord: groups of processes whose number is turned one process at a time."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from ...domain import Capability, Gone, Knob, Message, Metric, NotFound, Plugin, Pool, Refused, Sample, UnderWay, Value
from ..gunicorn.incarnation import Incarnations
from ..gunicorn.reload import whole
from ..process_identity import ProcessStat
from ..process_sensors import cpu_quota, usable_cores
from .capabilities import CAPABILITIES
from .groups import Group, Groups, address_of
from .rpc import FAILED
from .sense import GroupSenses, mean_memory_bytes
from .steps import step, tidy, why_no_more

PROCESSES = "processes"


@dataclass(frozen=True)
class SupervisordTouchpoint:
    """Finds, measures and turns groups of processes. Keeps only what measuring needs between two calls. Thread-safe."""

    kind: str = field(default="supervisord", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _groups: Groups = field(default_factory=Groups, init=False, repr=False, compare=False)
    _senses: GroupSenses = field(default_factory=GroupSenses, init=False, repr=False, compare=False)
    _lives: Incarnations = field(default_factory=Incarnations, init=False, repr=False, compare=False)
    _most: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def discover(self) -> list[Plugin]:
        """Return the groups of the supervisords that answer us."""
        return [plugin for plugin, trouble in self.found() if not trouble]

    def found(self) -> list[tuple[Plugin, str]]:
        """Return every group, and each supervisord that does not answer with the reason."""
        with self._lock:
            groups = self._groups.all()
            troubles = dict(self._groups.troubles)
        answering = [(Plugin(name, self.kind, address_of(group)), "") for name, group in groups.items()]
        return [*answering, *((Plugin(name, self.kind), trouble.why) for name, trouble in troubles.items())]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what its processes tell, and how many of them do not come up. Raises Unobservable."""
        with self._lock:
            try:
                group = self._groups.find(plugin)
                tidy(group)
                figures = self._senses.figures(plugin.plugin_id, group.all, group.stats())
            except (Gone, Refused):
                figures = {Metric.UP: 0.0}
        return [Sample(plugin.plugin_id, metric, now, value) for metric, value in figures.items()]

    def pool(self, plugin: Plugin) -> Pool:
        """Return how many processes it has. What each serves at a time is not known. Raises Gone, Unobservable."""
        with self._lock:
            group = self._groups.find(plugin)
            processes = group.stats()
        pid = processes[0].pid if processes else group.master.pid
        return Pool(
            kind="processes",
            workers=len(processes),
            cores=usable_cores(pid),
            spawned={stat.pid: stat.start_seconds for stat in processes},
            worker_memory_bytes=mean_memory_bytes(processes),
            quota=cpu_quota(pid),
        )

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return the number of processes where there can be several. Raises Gone, Unobservable; UnderWay while one does not go."""
        with self._lock:
            group = self._groups.find(plugin)
            if group.under_way:
                raise UnderWay(group.under_way)
            return [] if self._why_not(group) else [self._knob(plugin, group, group.stats())]

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why the number of processes cannot be turned. Raises Gone, Unobservable."""
        with self._lock:
            why = self._why_not(self._groups.find(plugin))
        return {PROCESSES: why} if why else {}

    def unlocks(self, plugin: Plugin) -> list[Message]:
        """Return the lines in its configuration that would make more possible. Raises Gone, Unobservable."""
        with self._lock:
            if plugin.plugin_id in self._groups.troubles:
                return [Message("unlock_supervisord_interface")]
            why = why_no_more(self._groups.find(plugin))
        return [Message("unlock_supervisord_include", {"detail": why})] if why else []

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Start or stop one process. Raises NotFound, InvalidValue, Refused, Gone, Unobservable."""
        with self._lock:
            group = self._groups.find(plugin)
            step(group, self._checked(plugin, group, knob, to))

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Tell whether its files say as many: what was added stands in one, what was stopped is started again by a restart.

        Raises NotFound, InvalidValue, Refused, Gone, Unobservable.
        """
        with self._lock:
            group = self._groups.find(plugin)
            self._checked(plugin, group, knob, to)
            return _is_kept(group)

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the group: another one once all its processes are new. Raises Gone, Unobservable."""
        with self._lock:
            group = self._groups.find(plugin)
            keys = frozenset((stat.pid, stat.start_ticks) for stat in group.stats())
            return self._lives.name(plugin.plugin_id, group.master, keys, None)

    def _why_not(self, group: Group) -> str:
        if group.program is None and len(group.own) > 1:
            return "its group has several programs, or none that its configuration names"
        if len(group.own) > 1 or group.further:
            return ""
        return why_no_more(group)

    def _checked(self, plugin: Plugin, group: Group, name: str, to: Value) -> int:
        if name != PROCESSES:
            raise NotFound(f"{plugin.plugin_id} has no knob {name!r}; it has {PROCESSES}")
        why = self._why_not(group)
        if why:
            raise Refused(f"the number of processes of {group.name} is not turned: {why}")
        return whole(PROCESSES, self._knob(plugin, group, group.stats()).checked(to))

    def _knob(self, plugin: Plugin, group: Group, processes: list[ProcessStat]) -> Knob:
        """Without a file to add to there are no more than the group's own; the way back stays open."""
        seen = max(len(processes), self._most.get(plugin.plugin_id, 1))
        self._most[plugin.plugin_id] = seen
        bears = len(group.own) if why_no_more(group) else int(4 * usable_cores(group.master.pid)) + 1
        return Knob(
            name=PROCESSES,
            value=len(processes),
            minimum=min(1, len(processes)),
            maximum=max(bears, seen, len(group.own)),
            unit="processes",
            persistent=_is_kept(group),
            kind="workers",
        )


def _is_kept(group: Group) -> bool:
    """Tell whether a restart of supervisord brings as many processes as run now."""
    program = group.program
    starts = program is None or program.options.get("autostart", "true").lower() in ("true", "1", "yes", "on")
    return starts and all(info.live or info.state in FAILED for info in group.own)
