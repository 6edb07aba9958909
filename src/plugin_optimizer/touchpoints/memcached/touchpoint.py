"""The touchpoint of memcached: a cache whose size can be turned while it runs, and is lost when it is started again."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import ClassVar

from ...domain import (
    CacheServer,
    Capability,
    Gone,
    InvalidValue,
    Knob,
    Metric,
    NotFound,
    Plugin,
    Refused,
    Reversibility,
    Sample,
    Unobservable,
    Value,
)
from ..acquaintance import Acquaintance
from ..listening_servers import ListeningServers
from ..process_identity import read_stat
from ..process_sensors import memory_bytes, usable_memory_bytes
from ..server_address import ServerAddress
from ..server_memory import MEMORY_SHARE, MemoryBounds, is_here, room_bytes, whole_steps
from ..server_roster import ServerRoster
from .capabilities import CAPABILITIES
from .state import PORT, SERVERS, MemcachedState, read_state, talking

LIMIT = "cache_memlimit"
MEBIBYTE = 1 << 20
SMALLEST = 8 * MEBIBYTE  # what memcached itself takes at the least
SHRINK_MARGIN = 1.25  # times what is used: no limit goes below it
CLOCK_SECONDS = 3  # by which two readings of when it began may differ


@dataclass(frozen=True)
class MemcachedTouchpoint:
    """Finds, measures and turns memcacheds. `configured` are the plugins that are named in the configuration.

    Keeps only what measuring needs between two calls; all of it can be lost. Thread-safe.
    """

    configured: tuple[Plugin, ...] = ()
    kind: str = field(default="memcached", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _servers: ListeningServers = field(default_factory=lambda: ListeningServers(SERVERS), init=False, repr=False)
    _roster: ServerRoster = field(init=False, repr=False, compare=False)
    _acquaintance: Acquaintance = field(default_factory=Acquaintance, init=False, repr=False, compare=False)
    _before: dict[str, tuple[float, MemcachedState]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _bounds: MemoryBounds = field(default_factory=MemoryBounds, init=False, repr=False, compare=False)
    _lives: dict[str, tuple[int, int]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_roster", ServerRoster(self.kind, PORT, self.configured, scheme="memcached"))

    def discover(self) -> list[Plugin]:
        """Return the servers of this host that answer. Raises Unobservable."""
        return [plugin for plugin, why in self.found() if not why]

    def found(self) -> list[tuple[Plugin, str]]:
        """Return every server of this host that could be reached, and why one does not answer ("" where it does)."""
        with self._lock:
            plugins = self._roster.assign(self._servers.find())
        return [(plugin, self._acquaintance.trouble(plugin, self._state)) for plugin in plugins]

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what `stats` tells and a round trip; rates from the second call on. Raises Unobservable."""
        try:
            address = self._address(plugin)
            with talking(address) as client:
                began = time.perf_counter()
                client.version()
                round_trip_seconds = time.perf_counter() - began
                state = read_state(client)
        except Gone:
            return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]
        found = dict(self._values(plugin.plugin_id, address, state, now))
        found[Metric.RESPONSE_TIME_SECONDS] = round_trip_seconds
        return [Sample(plugin.plugin_id, metric, now, value) for metric, value in found.items()]

    def pool(self, plugin: Plugin) -> None:
        """Return None: it has no workers that requests wait for. Raises Gone, Unobservable."""
        self._state(plugin)

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return the size, as `stats` has it. Raises Gone, Unobservable."""
        state = self._state(plugin)
        self._lives[plugin.plugin_id] = self._life(plugin, state)
        return [self._knob(self._address(plugin), state)]

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        self._state(plugin)
        return {}

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Set the size, once. Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable."""
        with talking(self._address(plugin)) as client:
            state = read_state(client)
            known = self._lives.get(plugin.plugin_id)
            if known is not None and self._life(plugin, state) != known:
                raise Unobservable(f"{plugin.plugin_id} was started again since it was looked at")
            value = self._checked(plugin, state, knob, to)
            if value != state.limit_bytes and not client.cache_memlimit(value // MEBIBYTE):
                raise Refused(f"memcached did not take {LIMIT} {value // MEBIBYTE}")

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Return False: memcached has no file to keep it in; what is kept is set again after each restart."""
        self._checked(plugin, self._state(plugin), knob, to)
        return False

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the server. Raises Gone, Unobservable."""
        pid, began = self._life(plugin, self._state(plugin))
        return f"{pid}-{began}"

    def cache_server(self, plugin: Plugin) -> CacheServer:
        """Return how it does as a cache; it does not tell which keys were asked for. Raises Gone, Unobservable."""
        state = self._state(plugin)
        return CacheServer(
            knob=LIMIT,
            policy="lru",
            limit_bytes=state.limit_bytes,
            used_bytes=state.used_bytes,
            empty_bytes=0.0,
            entries=state.entries,
            entry_bytes=state.used_bytes / state.entries if state.entries else 0.0,
            expiring_ratio=0.0,
            curve_missing="cache_keys_unknown" if state.evicted else "cache_evicts_nothing",
        )

    def _address(self, plugin: Plugin) -> ServerAddress:
        return self._roster.address(plugin)

    def _state(self, plugin: Plugin) -> MemcachedState:
        with talking(self._address(plugin)) as client:
            return read_state(client)

    def _knob(self, address: ServerAddress, state: MemcachedState) -> Knob:
        here = is_here(address, state.pid, SERVERS)
        most = self._bounds.of(address.place, lambda: _most_bytes(state)) if here else 0
        return Knob(
            name=LIMIT,
            value=state.limit_bytes,
            minimum=min(SMALLEST, state.limit_bytes),
            maximum=max(most, state.limit_bytes),
            unit="bytes",
            step=MEBIBYTE,
            persistent=False,
            kind="cache_size",
            needed=ceil(SHRINK_MARGIN * state.used_bytes),
            down=Reversibility.LOSSY,
        )

    def _checked(self, plugin: Plugin, state: MemcachedState, knob: str, to: Value) -> int:
        if knob != LIMIT:
            raise NotFound(f"{plugin.plugin_id} has no knob {knob!r}; it has {LIMIT}")
        value = self._knob(self._address(plugin), state).checked(to)
        if value != state.limit_bytes and float(value) % MEBIBYTE:
            raise InvalidValue(f"{LIMIT} takes whole MiB, and {to!r} bytes are none")
        return int(value)

    def _life(self, plugin: Plugin, state: MemcachedState) -> tuple[int, int]:
        """Return its pid and when it began, as first read in this life: its own clock is coarse, the kernel's is not."""
        known = self._lives.get(plugin.plugin_id)
        here = is_here(self._address(plugin), state.pid, SERVERS)
        began = read_stat(state.pid).start_ticks if here else state.began_at
        same = known is not None and known[0] == state.pid and abs(known[1] - began) <= CLOCK_SECONDS
        return known if same and known is not None else (state.pid, began)

    def _values(
        self, plugin_id: str, address: ServerAddress, state: MemcachedState, now: float
    ) -> Iterator[tuple[Metric, float]]:
        with self._lock:
            earlier = self._before.get(plugin_id)
            self._before[plugin_id] = (now, state)
        yield Metric.UP, 1.0
        yield Metric.CACHE_ENTRIES, float(state.entries)
        yield from _memory(address, state)
        if earlier is None:
            return
        then, old = earlier
        same = old.pid == state.pid and abs(old.began_at - state.began_at) <= CLOCK_SECONDS
        yield Metric.RESTARTS, float(not same)
        if same and now > then:
            yield from _rates(old, state, now - then)


def _most_bytes(state: MemcachedState) -> int:
    return whole_steps(MEMORY_SHARE * room_bytes(state.pid, state.used_bytes), MEBIBYTE)


def _memory(address: ServerAddress, state: MemcachedState) -> Iterator[tuple[Metric, float]]:
    if not is_here(address, state.pid, SERVERS):
        yield Metric.MEMORY_BYTES, state.used_bytes
        return
    resident = memory_bytes(state.pid)
    yield Metric.MEMORY_BYTES, resident
    yield Metric.MEMORY_RATIO, resident / usable_memory_bytes(state.pid)


def _rates(old: MemcachedState, new: MemcachedState, seconds: float) -> Iterator[tuple[Metric, float]]:
    """Yield nothing of a counter that fell (`stats reset`): it counts again from the next look on."""
    cores = (new.cpu_seconds - old.cpu_seconds) / seconds
    if cores >= 0:
        yield Metric.CPU_CORES, cores
        yield Metric.CPU_RATIO, cores / max(1, new.threads)
    if new.evicted >= old.evicted:
        yield Metric.EVICTIONS_PER_SECOND, (new.evicted - old.evicted) / seconds
    hits, misses = new.hits - old.hits, new.misses - old.misses
    if hits >= 0 and misses >= 0 and hits + misses:
        yield Metric.CACHE_HIT_RATIO, hits / (hits + misses)
    commands = new.commands - old.commands
    if commands >= 0:
        yield Metric.THROUGHPUT_PER_SECOND, commands / seconds
        yield Metric.REQUESTS, float(commands)
