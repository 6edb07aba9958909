"""The touchpoint of Docker: containers of this host with their limits of CPU and memory."""

import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
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
from ..process_sensors import CGROUP_ROOT
from ..server_memory import MemoryBounds
from .capabilities import CAPABILITIES
from .container import Container, container_of, figures_of
from .engine import Engine
from .kills import KillCounts
from .knobs import CPU, MEMORY, RUNNING, STATE, limit_knobs, not_limited, state_knob
from .roster import ContainerRoster

SOCKET = Path("/var/run/docker.sock")
MARGIN_SECONDS = 30.0  # for the engine to kill what did not end by itself, and to tell


@dataclass(frozen=True)
class DockerTouchpoint:
    """Finds, measures and turns containers behind one engine. `configured` are the plugins that the configuration names.

    `socket` is the engine's (DOCKER_HOST where it is a UNIX socket), `root` where the kernel's control groups are. Containers are
    updated, started and stopped, and never made anew. Thread-safe.
    """

    configured: tuple[Plugin, ...] = ()
    socket: Path = field(default_factory=lambda: socket_of(os.environ))
    root: Path = CGROUP_ROOT
    kind: str = field(default="docker", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _roster: ContainerRoster = field(init=False, repr=False, compare=False)
    _engine: Engine = field(init=False, repr=False, compare=False)
    _senses: GroupSenses = field(default_factory=GroupSenses, init=False, repr=False, compare=False)
    _bounds: MemoryBounds = field(default_factory=MemoryBounds, init=False, repr=False, compare=False)
    _kills: KillCounts = field(default_factory=KillCounts, init=False, repr=False, compare=False)
    _seen: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _ending: dict[str, tuple[str, float]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_roster", ContainerRoster(self.kind, self.configured))
        object.__setattr__(self, "_engine", Engine(self.socket))

    def discover(self) -> list[Plugin]:
        """Return the containers that run; none where no engine lets us ask. Raises Unobservable."""
        if not self.socket.exists() or not os.access(self.socket, os.R_OK | os.W_OK):
            return []
        return self._roster.assign(self._engine.running())

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what it counts; rates, restarts and kills from the second look on. Raises Unobservable."""
        try:
            container = self._container(plugin)
            if not container.running:
                return self._senses.down(plugin.plugin_id, container.life, container.restarts, now)
            told = self._engine.stats_now(container.id)
        except Gone:
            return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]
        kills = self._kills.so_far(self._engine, container.id)
        figures = figures_of(told, container, kills)
        found = self._senses.samples(plugin.plugin_id, figures, container.life, container.restarts, now)
        if container.healthy is not None:
            found.append(Sample(plugin.plugin_id, Metric.HEALTHY, now, float(container.healthy)))
        return found

    def pool(self, plugin: Plugin) -> None:
        """Return None: how requests are served is known by what runs in it. Raises Gone, Unobservable."""
        self._container(plugin)

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return its limits and whether it runs. Raises Gone, Unobservable (also where engine and kernel do not say the same), UnderWay while
        it does not end.
        """
        container = self._container(plugin)
        self._seen[plugin.plugin_id] = container.life
        return self._knobs(plugin, container)

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why a limit cannot be turned. Raises Gone, Unobservable."""
        container = self._container(plugin)
        return {**not_limited(container), **self._no_restart(plugin, container)}

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Order one value, once. Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable."""
        with self._lock:
            self._engine.forget()  # an order goes by what is so now
            container = self._container(plugin)
            if knob == fresh_start.NAME:  # its value says which life is meant
                self._restart(plugin, container, to)
                return
            self._same_life(plugin, container)
            found = knob_named(self._knobs(plugin, container), plugin, knob)
            if knob == STATE:
                self._start_or_stop(plugin, container, str(found.checked(to)))
                return
            value = check_limit(found, to, self._used(container) if knob == MEMORY else 0)
            if value != found.value:
                order = container.cpu_order(float(value)) if knob == CPU else container.memory_order(int(value))
                self._engine.update(container.id, order)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Tell whether the value outlives a restart by itself: an updated limit does, until the container is made anew.

        Raises NotFound, InvalidValue, Gone, Unobservable.
        """
        found = knob_named(self._knobs(plugin, self._container(plugin)), plugin, knob)
        found.checked(to)
        if found.persistent and found.value != to:
            raise InvalidValue(f"{knob} of {plugin.plugin_id} is {found.value!r}: {to!r} cannot be made to last")
        return found.persistent

    def incarnation(self, plugin: Plugin) -> str:
        """Name this container: one that is made anew has the limits it was made with. Raises Gone also while it does not run."""
        container = self._container(plugin)
        if not container.running:
            raise Gone(f"the container {container.name} does not run")
        return container.id

    def _knobs(self, plugin: Plugin, container: Container) -> list[Knob]:
        if container.owner or container.paused:
            return []
        if not container.running:
            return [state_knob(container), fresh_start.ended_life(container.started_at)]
        self._check_still(plugin, container)
        group = container.group(self.root)
        _check_kernel(container, group)
        most = self._bounds.of(plugin.plugin_id, lambda: most_bytes(group)) if group is not None else 0
        found = [*limit_knobs(container, group, self._used(container), most), state_knob(container)]
        return found if self._no_restart(plugin, container) else [*found, fresh_start.life_knob(container.started_at)]

    def _restart(self, plugin: Plugin, container: Container, to: Value) -> None:
        self._check_still(plugin, container)
        if not container.running:
            raise Unobservable(
                f"the container {container.name} does not run: it has stopped, or is just being restarted"
            )
        if fresh_start.to_restart(container.started_at, to):
            knob_named(self._knobs(plugin, container), plugin, fresh_start.NAME)  # it is offered still
            self._end(plugin, container, self._engine.restart)

    def _no_restart(self, plugin: Plugin, container: Container) -> Mapping[str, str]:
        """Return why a restart is not among the knobs."""
        if container.owner:
            return {fresh_start.NAME: f"it belongs to {container.owner}"}
        if container.in_memory:
            return fresh_start.why_not(plugin, f"what it keeps in {', '.join(container.in_memory)}")
        group = container.group(self.root)
        program = fresh_start.kept_in_memory(group.pids() if group is not None else [container.pid])
        return fresh_start.why_not(plugin, f"what {program} holds in memory" if program else "")

    def _used(self, container: Container) -> int:
        if not container.memory:
            return 0
        return figures_of(self._engine.stats(container.id), container, None).used_bytes or 0

    def _start_or_stop(self, plugin: Plugin, container: Container, to: str) -> None:
        if to == state_knob(container).value:
            return
        if to == RUNNING:
            self._engine.start(container.id)
        else:
            self._end(plugin, container, self._engine.stop)

    def _end(self, plugin: Plugin, container: Container, order: Callable[[str, int], None]) -> None:
        """Order what begins with its end, and remember that: the engine answers when that is over, and may take longer than we wait."""
        seconds = container.stop_seconds
        until = time.monotonic() + seconds + MARGIN_SECONDS if seconds >= 0 else math.inf
        self._ending[plugin.plugin_id] = (container.life, until)
        try:
            order(container.id, seconds)
        except Refused:
            del self._ending[plugin.plugin_id]
            raise

    def _check_still(self, plugin: Plugin, container: Container) -> None:
        """Raise UnderWay while it has yet to end as we ordered."""
        life, until = self._ending.get(plugin.plugin_id, ("", 0.0))
        if container.life == life and container.running and time.monotonic() < until:
            kills = f"kills it after {container.stop_seconds} s" if until < math.inf else "was told never to kill it"
            raise UnderWay(f"the container {container.name} is still stopping: Docker {kills}")

    def _container(self, plugin: Plugin) -> Container:
        """Return its container as it is now. Raises Gone where there is none of that name, Unobservable."""
        name = self._roster.name_of(plugin)
        if not self.socket.exists():
            raise Gone(f"no Docker Engine is at {self.socket}, so the container {name} does not run")
        return container_of(self._engine.inspect(name))

    def _same_life(self, plugin: Plugin, container: Container) -> None:
        """Let a restart between the look and the deed be looked at first: another container may have taken the name."""
        seen = self._seen.get(plugin.plugin_id)
        if seen is not None and seen != container.life:
            raise Unobservable(
                f"the container {container.name} was started again, or made anew, since it was looked at"
            )


def socket_of(environment: Mapping[str, str]) -> Path:
    """Return the engine's socket: DOCKER_HOST where that is one, else the usual place."""
    host = environment.get("DOCKER_HOST", "")
    return Path(host.removeprefix("unix://")) if host.startswith("unix://") else SOCKET


def _check_kernel(container: Container, group: ControlGroup | None) -> None:
    """Raise Unobservable while the engine's word and the kernel's differ: an update is under way, or was lost."""
    if group is None:
        return
    cores, memory = group.cpu_cores(), group.memory_bytes()
    if not math.isclose(cores or 0.0, container.cores or 0.0, abs_tol=0.001):
        raise Unobservable(f"{container.name}: Docker says {container.cores} cores, the kernel {cores}")
    if abs((memory or 0) - container.memory) >= os.sysconf("SC_PAGE_SIZE"):
        raise Unobservable(f"{container.name}: Docker says {container.memory} bytes of memory, the kernel {memory}")
