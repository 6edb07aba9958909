"""What a Redis server did since the last look, from counters that only grow within one life of it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...domain import Metric, Plugin, Sample, Unobservable
from ..process_sensors import usable_memory_bytes
from ..server_address import ServerAddress
from .knobs import runs_here
from .state import RedisState

LEAST_CALLS = 5  # commands, for a mean to mean anything
PINGS = 3


@dataclass(slots=True)
class RedisSenses:
    """Remembers the last totals of each plugin. All of it can be lost: then rates begin with the second look."""

    before: dict[str, tuple[float, RedisState]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def samples(
        self, plugin: Plugin, address: ServerAddress, client: Any, state: RedisState, now: float
    ) -> list[Sample]:
        found = dict(self._values(plugin.plugin_id, address, state, now))
        found[Metric.RESPONSE_TIME_SECONDS] = round_trip_seconds(client)
        return [Sample(plugin.plugin_id, metric, now, value) for metric, value in found.items()]

    def _values(
        self, plugin_id: str, address: ServerAddress, state: RedisState, now: float
    ) -> Iterator[tuple[Metric, float]]:
        with self.lock:
            earlier = self.before.get(plugin_id)
            self.before[plugin_id] = (now, state)
        yield Metric.UP, 1.0
        yield Metric.MEMORY_BYTES, state.resident_bytes
        yield Metric.CACHE_ENTRIES, float(state.keys)
        yield Metric.EXPIRING_RATIO, state.expiring_ratio
        if state.fragmentation > 0:
            yield Metric.FRAGMENTATION_RATIO, state.fragmentation
        if (limit := _memory_limit(address, state)) > 0:
            yield Metric.MEMORY_RATIO, state.resident_bytes / limit
        if earlier is None:
            return
        then, old = earlier
        yield Metric.RESTARTS, float(old.run_id != state.run_id)
        if old.run_id == state.run_id and now > then:
            yield from _rates(old, state, now - then)


def _rates(old: RedisState, new: RedisState, seconds: float) -> Iterator[tuple[Metric, float]]:
    """Yield nothing of a counter that fell (CONFIG RESETSTAT): it counts again from the next look on."""
    cores = (new.cpu_seconds - old.cpu_seconds) / seconds
    if cores >= 0:
        yield Metric.CPU_CORES, cores
        yield Metric.CPU_RATIO, cores  # commands run one after the other: one core is all it can use for them
    if new.evicted >= old.evicted:
        yield Metric.EVICTIONS_PER_SECOND, (new.evicted - old.evicted) / seconds
    hits, misses = new.hits - old.hits, new.misses - old.misses
    if hits >= 0 and misses >= 0 and hits + misses:
        yield Metric.CACHE_HIT_RATIO, hits / (hits + misses)
    commands = new.commands - old.commands
    if commands < 0:
        return
    yield Metric.THROUGHPUT_PER_SECOND, commands / seconds
    yield Metric.REQUESTS, float(commands)
    if commands and 0 <= new.errors - old.errors <= commands:
        yield Metric.ERROR_RATIO, (new.errors - old.errors) / commands
    spent = new.command_seconds - old.command_seconds
    if commands >= LEAST_CALLS and spent >= 0:
        yield Metric.SERVICE_TIME_SECONDS, spent / commands


def _memory_limit(address: ServerAddress, state: RedisState) -> float:
    """Return what its process may use: the host's memory, or its group's limit if that is less."""
    if not runs_here(address, state):
        return state.host_bytes
    try:
        return usable_memory_bytes(state.pid)
    except Unobservable:
        return state.host_bytes


def round_trip_seconds(client: Any) -> float:
    """Return the middle of three PINGs: what a client on this host waits for the least command."""
    taken = []
    for _ in range(PINGS):
        began = time.perf_counter()
        client.ping()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[PINGS // 2]
