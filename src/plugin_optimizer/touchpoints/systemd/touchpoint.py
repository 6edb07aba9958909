"""The touchpoint of systemd: services of this host with their limits of CPU and memory."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import ClassVar

from ...domain import (
    Capability,
    Gone,
    InvalidValue,
    Knob,
    Metric,
    Plugin,
    Refused,
    Sample,
    UnderWay,
    Unobservable,
    Value,
)
from .. import fresh_start
from ..control_group import ControlGroup
from ..group_limits import check_limit, most_bytes
from ..group_senses import GroupSenses
from ..names import knob_named
from ..process_identity import read_boot_id
from ..server_memory import MemoryBounds
from .capabilities import CAPABILITIES
from .limits import RUNNING, STATE, drop_in, kept, limit_knobs, not_limited, same, state_knob, text_of
from .roster import UnitRoster, holds, own_groups
from .systemctl import Systemctl, Unit, booted

GROUPS = "sys/fs/cgroup"


@dataclass(frozen=True)
class SystemdTouchpoint:
    """Finds, measures and turns services of the system's manager. `configured` are the plugins that the configuration names.

    `systemctl` are the words that call it, `root` is where that manager's files are (they differ in tests alone). A limit is what
    the kernel has for the unit's group, whatever the manager says of it. Thread-safe.
    """

    configured: tuple[Plugin, ...] = ()
    systemctl: tuple[str, ...] = ("systemctl",)
    root: Path = Path("/")
    kind: str = field(default="systemd", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _roster: UnitRoster = field(init=False, repr=False, compare=False)
    _systemctl: Systemctl = field(init=False, repr=False, compare=False)
    _senses: GroupSenses = field(default_factory=GroupSenses, init=False, repr=False, compare=False)
    _bounds: MemoryBounds = field(default_factory=MemoryBounds, init=False, repr=False, compare=False)
    _lives: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_roster", UnitRoster(self.kind, self.configured))
        object.__setattr__(self, "_systemctl", Systemctl(self.systemctl))

    def discover(self) -> list[Plugin]:
        """Return the services that run and are not the system's own, and those configured. Raises Unobservable."""
        if not booted(self.root):
            return []
        with self._lock:
            return self._roster.assign(self._systemctl.all())

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what its group counts; rates and restarts from the second look on. Raises Unobservable."""
        try:
            unit = self._unit(plugin)
        except Gone:
            return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]
        if not unit.group or not (unit.runs or unit.under_way):
            return self._senses.down(plugin.plugin_id, unit.invocation, unit.restarts, now)
        found = self._senses.samples(plugin.plugin_id, self._group(unit).figures(), unit.invocation, unit.restarts, now)
        return found if unit.runs else [replace(s, value=0.0) if s.metric is Metric.UP else s for s in found]

    def pool(self, plugin: Plugin) -> None:
        """Return None: how requests are served is known by what runs in it. Raises Gone, Unobservable."""
        self._unit(plugin)

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return its limits as the kernel has them, and whether it runs. Raises Gone, Unobservable; UnderWay while it still starts
        or does not stop.
        """
        unit = self._unit(plugin)
        self._lives[plugin.plugin_id] = unit.invocation
        return self._knobs(plugin, unit)

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why a limit cannot be turned. Raises Gone, Unobservable."""
        unit = self._unit(plugin)
        return {**not_limited(unit, self._group(unit)), **self._no_restart(plugin, unit)} if unit.group else {}

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Order one value, once. Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable.

        A limit is set until the host starts again; where one is kept for good already, there: a reload of the manager would put
        that one back otherwise (systemd issue 16592).
        """
        with self._lock:
            self._systemctl.forget()  # an order goes by what is so now
            unit = self._unit(plugin)
            if knob == fresh_start.NAME:  # its value says which life is meant
                self._restart(plugin, unit, to)
                return
            self._same_life(plugin, unit)
            _check_still(unit)
            found = knob_named(self._knobs(plugin, unit), plugin, knob)
            if knob == STATE:
                self._run_or_stop(unit, str(found.checked(to)))
                return
            value = check_limit(found, to, self._group(unit).used_bytes() or 0)
            if value == found.value:
                return
            lasting = kept(drop_in(unit.name, knob, self.root), knob) is not None
            order = self._systemctl.set_lasting if lasting else self._systemctl.set_now
            order(unit.name, knob, text_of(found, value))

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Keep a limit in a drop-in of the manager's, and look into it; False for what cannot be kept: whether it runs, and a unit
        that somebody made for the moment. Raises NotFound, InvalidValue, Refused, Gone, Unobservable.
        """
        with self._lock:
            unit = self._unit(plugin)
            found = knob_named(self._knobs(plugin, unit), plugin, knob)
            found.checked(to)
            if not found.persistent:
                return False
            if found.value != to:
                raise InvalidValue(
                    f"{knob} of {unit.name} is {found.value!r} in the kernel: {to!r} cannot be made to last"
                )
            path = drop_in(unit.name, knob, self.root)
            if not same(found, kept(path, knob), to):
                self._systemctl.set_lasting(unit.name, knob, text_of(found, to))
            if not same(found, kept(path, knob), to):
                raise Unobservable(
                    f"systemd was told to keep {knob} of {unit.name} at {to!r}, and {path} does not say so"
                )
            return True

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the unit. Raises Gone also while it does not run: then nothing is turned on it."""
        unit = self._unit(plugin)
        if not unit.runs:
            raise Gone(f"{unit.name} does not run ({unit.active}, {unit.sub})")
        return f"{read_boot_id()}-{unit.invocation}"

    def _run_or_stop(self, unit: Unit, to: str) -> None:
        if to == state_knob(unit).value:
            return
        if holds(unit, own_groups()):
            raise Refused(f"{unit.name} is the unit that we run in: to stop it is to stop ourselves in the middle")
        (self._systemctl.restart if to == RUNNING else self._systemctl.stop)(unit.name)

    def _restart(self, plugin: Plugin, unit: Unit, to: Value) -> None:
        _check_still(unit)
        if not unit.runs:
            raise Unobservable(f"{unit.name} does not run: it has stopped, or is just being restarted")
        if fresh_start.to_restart(unit.life, to):
            knob_named(self._knobs(plugin, unit), plugin, fresh_start.NAME)  # it is offered still
            self._systemctl.restart(unit.name)

    def _no_restart(self, plugin: Plugin, unit: Unit) -> Mapping[str, str]:
        """Return why a restart is not among the knobs."""
        if holds(unit, own_groups()):
            return {fresh_start.NAME: "it is the unit that we run in"}
        if unit.transient or not unit.by_hand:
            return {fresh_start.NAME: "it is not there to be started by hand"}
        if unit.along:
            return {fresh_start.NAME: f"it would restart {', '.join(unit.along)} as well"}
        return fresh_start.why_not(plugin, _loses(self._group(unit)))

    def _knobs(self, plugin: Plugin, unit: Unit) -> list[Knob]:
        _check_still(unit)
        if not unit.runs or not unit.group:
            return [state_knob(unit), *([fresh_start.ended_life(unit.last_life)] if unit.last_life else [])]
        group = self._group(unit)
        most = self._bounds.of(plugin.plugin_id, lambda: most_bytes(group))
        found = [*limit_knobs(group, most, persistent=not unit.transient), state_knob(unit)]
        return found if not unit.life or self._no_restart(plugin, unit) else [*found, fresh_start.life_knob(unit.life)]

    def _group(self, unit: Unit) -> ControlGroup:
        return ControlGroup(PurePosixPath(unit.group), self.root / GROUPS)

    def _unit(self, plugin: Plugin) -> Unit:
        """Return its unit as it is now. Raises Gone where there is none of that name, Unobservable."""
        name = self._roster.unit_of(plugin)
        if not booted(self.root):
            raise Gone(f"no systemd runs here, so {name} does not")
        with self._lock:
            unit = self._systemctl.unit(name)
        if not unit.loaded:
            raise Gone(f"systemd knows no {name}")
        return unit

    def _same_life(self, plugin: Plugin, unit: Unit) -> None:
        """Let a restart between the look and the deed be looked at first: its limits may be others."""
        seen = self._lives.get(plugin.plugin_id)
        if seen is not None and seen != unit.invocation:
            raise Unobservable(f"{unit.name} was started again since it was looked at")


def _check_still(unit: Unit) -> None:
    """Raise UnderWay where the manager has begun what it has not ended: what comes of it is not known yet."""
    if unit.under_way:
        raise UnderWay(unit.under_way)


def _loses(group: ControlGroup) -> str:
    program = fresh_start.kept_in_memory(group.pids())
    return f"what {program} holds in memory" if program else ""
