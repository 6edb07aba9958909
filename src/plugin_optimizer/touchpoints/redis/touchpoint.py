"""The touchpoint of Redis (and what speaks as it does: Valkey, KeyDB): a cache whose size and policy can be turned while it runs."""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ...domain import CacheServer, Capability, Gone, InvalidValue, Knob, Metric, Plugin, Sample, Unobservable, Value
from ..acquaintance import Acquaintance
from ..listening_servers import ListeningServers
from ..names import knob_named
from ..server_address import ServerAddress
from ..server_memory import MemoryBounds
from ..server_roster import ServerRoster
from .capabilities import CAPABILITIES
from .connection import PORT, ConfigForbidden, open_client, told_plainly
from .keys import KeySlices
from .knobs import LIMIT, SERVERS, RedisConfig, check_turn, knobs_of, most_bytes, read_config, runs_here
from .persistence import rewrite
from .report import report_of
from .sense import RedisSenses
from .state import RedisState, read_state

FORBIDDEN_SECONDS = 300.0


@dataclass(frozen=True)
class RedisTouchpoint:
    """Finds, measures and turns Redis servers. `configured` are the plugins that are named in the configuration.

    Keeps only what measuring needs between two calls (totals, a sample of keys); all of it can be lost. Thread-safe.
    """

    configured: tuple[Plugin, ...] = ()
    kind: str = field(default="redis", init=False)
    capabilities: ClassVar[tuple[Capability, ...]] = CAPABILITIES
    _servers: ListeningServers = field(default_factory=lambda: ListeningServers(SERVERS), init=False, repr=False)
    _roster: ServerRoster = field(init=False, repr=False, compare=False)
    _senses: RedisSenses = field(default_factory=RedisSenses, init=False, repr=False, compare=False)
    _slices: KeySlices = field(default_factory=KeySlices, init=False, repr=False, compare=False)
    _clients: dict[str, tuple[ServerAddress, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _forbidden: dict[str, tuple[str, float, str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _bounds: MemoryBounds = field(default_factory=MemoryBounds, init=False, repr=False, compare=False)
    _lives: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _acquaintance: Acquaintance = field(default_factory=Acquaintance, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_roster", ServerRoster(self.kind, PORT, self.configured))

    def discover(self) -> list[Plugin]:
        """Return the servers of this host that answer us without being named in the configuration, and those that are.

        Raises Unobservable.
        """
        return [plugin for plugin, why in self.found() if not why]

    def found(self) -> list[tuple[Plugin, str]]:
        """Return every server of this host that could be reached, and why one does not answer ("" where it does)."""
        with self._lock:
            plugins = self._roster.assign(self._servers.find())
        return [(plugin, self._acquaintance.trouble(plugin, self._greet)) for plugin in plugins]

    def _greet(self, plugin: Plugin) -> None:
        with self._talk(plugin) as (_, client):
            read_state(client)

    def sense(self, plugin: Plugin, now: float) -> list[Sample]:
        """Return what INFO tells, and a PING's round trip; rates from the second call on. Raises Unobservable."""
        try:
            with self._talk(plugin) as (address, client):
                state = read_state(client)
                self._slices.look(plugin.plugin_id, client, state, now)
                return self._senses.samples(plugin, address, client, state, now)
        except Gone:
            return [Sample(plugin.plugin_id, Metric.UP, now, 0.0)]

    def pool(self, plugin: Plugin) -> None:
        """Return None: it has no workers that requests wait for. Raises Gone, Unobservable."""
        with self._talk(plugin) as (_, client):
            client.ping()

    def knobs(self, plugin: Plugin) -> list[Knob]:
        """Return size and policy as CONFIG GET has them; none where it is forbidden, and none of a replica.

        Raises Gone, Unobservable (also while INFO and CONFIG GET do not say the same).
        """
        with self._talk(plugin) as (address, client):
            state = read_state(client)
            self._lives[plugin.plugin_id] = state.run_id
            if _no_knobs(state):
                return []
            try:
                config = self._config(plugin, client, state)
            except ConfigForbidden:
                return []
            if config.limit_bytes != read_state(client).limit_bytes:
                raise Unobservable(f"{plugin.plugin_id}: CONFIG GET and INFO do not name the same maxmemory")
            return self._knobs(plugin, address, state, config)

    def not_offered(self, plugin: Plugin) -> Mapping[str, str]:
        """Return why size and policy cannot be turned; empty where they can. Raises Gone, Unobservable."""
        with self._talk(plugin) as (_, client):
            state = read_state(client)
            why = _no_knobs(state)
            try:
                self._config(plugin, client, state)
            except ConfigForbidden as error:
                why = why or str(error)
        return {LIMIT: why, "maxmemory-policy": why} if why else {}

    def turn(self, plugin: Plugin, knob: str, to: Value) -> None:
        """Set a value, once. Raises NotFound, InvalidValue, Refused (nothing happened), Gone, Unobservable."""
        with self._talk(plugin) as (address, client):
            state = read_state(client)
            self._same_life(plugin, state)
            config = self._config(plugin, client, state)
            found = knob_named(self._knobs(plugin, address, state, config), plugin, knob)
            value = check_turn(found, to, state, config)
            if value != found.value:
                client.config_set(knob, value)

    def persist(self, plugin: Plugin, knob: str, to: Value) -> bool:
        """Write the running settings into the server's file; False where it was started without one: what is kept is
        set again after each restart. Raises NotFound, InvalidValue, Refused, Gone, Unobservable.
        """
        with self._talk(plugin) as (address, client):
            state = read_state(client)
            found = knob_named(self._knobs(plugin, address, state, self._config(plugin, client, state)), plugin, knob)
            found.checked(to)
            if not state.config_file:
                return False
            if found.value != to:
                raise InvalidValue(
                    f"{knob} of {plugin.plugin_id} runs with {found.value!r}: {to!r} cannot be made to last"
                )
            return rewrite(client, state.config_file, runs_here(address, state), knob, to)

    def incarnation(self, plugin: Plugin) -> str:
        """Name this life of the server: a restart takes settings back to what its file says. Raises Gone, Unobservable."""
        with self._talk(plugin) as (_, client):
            return read_state(client).run_id

    def cache_server(self, plugin: Plugin) -> CacheServer:
        """Return how it does as a cache, with the hit ratio of other sizes where its keys tell. Raises Gone, Unobservable."""
        with self._talk(plugin) as (_, client):
            state = read_state(client)
            forbidden = "cache_is_replica" if not state.primary else None
            try:
                self._config(plugin, client, state)
            except ConfigForbidden:
                forbidden = forbidden or "cache_config_forbidden"
        return report_of(state, self._slices.observed(plugin.plugin_id), forbidden)

    def _knobs(self, plugin: Plugin, address: ServerAddress, state: RedisState, config: RedisConfig) -> list[Knob]:
        return knobs_of(state, config, self._bounds.of(plugin.plugin_id, lambda: most_bytes(address, state, config)))

    def _config(self, plugin: Plugin, client: Any, state: RedisState) -> RedisConfig:
        """Ask CONFIG GET; where it was forbidden, not again for some minutes: each time is an error on the server's books."""
        life, since, why = self._forbidden.get(plugin.plugin_id, ("", 0.0, ""))
        if life == state.run_id and time.monotonic() - since < FORBIDDEN_SECONDS:
            raise ConfigForbidden(why)
        try:
            with told_plainly(self._roster.address(plugin)):
                return read_config(client)
        except ConfigForbidden as error:
            self._forbidden[plugin.plugin_id] = (state.run_id, time.monotonic(), str(error))
            raise

    def _same_life(self, plugin: Plugin, state: RedisState) -> None:
        """Let a restart between the look and the deed be looked at first: another server may listen there now."""
        seen = self._lives.get(plugin.plugin_id)
        if seen is not None and seen != state.run_id:
            raise Unobservable(f"{plugin.plugin_id} was started again since it was looked at")

    @contextlib.contextmanager
    def _talk(self, plugin: Plugin) -> Iterator[tuple[ServerAddress, Any]]:
        address = self._roster.address(plugin)
        with self._lock:
            known = self._clients.get(plugin.plugin_id)
            if known is None or known[0] != address:
                self._clients[plugin.plugin_id] = known = (address, open_client(address))
        with told_plainly(address):
            yield known


def _no_knobs(state: RedisState) -> str:
    return "" if state.primary else "it is a replica: its size follows its primary, and maxmemory is ignored there"
