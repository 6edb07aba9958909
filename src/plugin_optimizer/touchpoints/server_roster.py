"""Which server of this host is which plugin: the one that the configuration names for its place, else one of its own."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..domain import Gone, InvalidValue, Plugin, Unobservable, plugin_id_from
from .listening_servers import Listening
from .names import free_id
from .server_address import ServerAddress

SECRETS = frozenset({"username", "password", "password_file", "ca_file"})


class ServerRoster:
    """Remembers under which id each place was met. `port` is the usual one of the kind. Thread-safe."""

    def __init__(self, kind: str, port: int, configured: Iterable[Plugin], scheme: str = "redis") -> None:
        self._kind, self._port, self._scheme = kind, port, scheme
        self._configured = {plugin.plugin_id: plugin for plugin in configured if plugin.touchpoint == kind}
        self._claims: dict[str, str] = {}  # plugin id by place
        self._lock = threading.Lock()
        for plugin in self._configured.values():
            try:
                self.address(plugin)
            except Unobservable:
                continue  # what is wrong with its address is said when it is looked at

    def address(self, plugin: Plugin) -> ServerAddress:
        """Return where a plugin is. Secrets come from the configuration of this process alone: whoever asks it about another
        place must not have it send them there.

        Raises Gone where the place belongs to another plugin (one server under two names would be turned twice), Unobservable
        for an address that is none.
        """
        known = self._configured.get(plugin.plugin_id)
        bare = {name: text for name, text in plugin.address.items() if name not in SECRETS}
        try:
            address = ServerAddress.of(known or replace(plugin, address=bare), self._port)
        except InvalidValue as error:
            raise Unobservable(f"{plugin.plugin_id}: {error}") from error
        if known is None:
            address = replace(address, username="", password_name="")
        with self._lock:
            owner = self._claims.setdefault(address.place, plugin.plugin_id)
        if owner != plugin.plugin_id:
            raise Gone(f"what listens at {address.place} is {owner}")
        return address

    def assign(self, servers: Sequence[Listening]) -> list[Plugin]:
        """Return a plugin for each server that can be reached from here, at the first of its places that is claimed."""
        with self._lock:
            return [self._plugin(server) for server in servers if not server.elsewhere and _urls(self._scheme, server)]

    def _plugin(self, server: Listening) -> Plugin:
        places = {ServerAddress.parse(url, self._port).place: url for url in _urls(self._scheme, server)}
        place = next((place for place in places if place in self._claims), next(iter(places)))
        plugin_id = self._claims.setdefault(place, self._new_id(server))
        known = self._configured.get(plugin_id)
        return known or Plugin(plugin_id, self._kind, {"url": places[place]})

    def _new_id(self, server: Listening) -> str:
        base = f"{self._kind}-{server.places[0][1]}" if server.places else _id_of(self._kind, server.paths[0])
        return free_id(base, {*self._claims.values(), *self._configured})


def _urls(scheme: str, server: Listening) -> list[str]:
    return [
        *(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}" for host, port in server.places),
        *(f"unix://{path}" for path in server.paths),
    ]


def _id_of(kind: str, path: str) -> str:
    try:
        return plugin_id_from(f"{kind}{path.replace('/', '-')}".removesuffix(".sock"))
    except InvalidValue:
        return f"{kind}-socket"
