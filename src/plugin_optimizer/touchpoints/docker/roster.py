"""Which container is which plugin: by its name, which outlives the container itself."""

import re
import socket
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ...domain import Gone, InvalidValue, Plugin, Unobservable, plugin_id_from
from ..names import free_id

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,250}")  # as Docker itself checks names of containers
SHOWN_ID = 12


class ContainerRoster:
    """Remembers under which id each container was met; the configuration's names go first. Thread-safe."""

    def __init__(self, kind: str, configured: Iterable[Plugin]) -> None:
        self._kind = kind
        self._configured = {plugin.plugin_id: plugin for plugin in configured if plugin.touchpoint == kind}
        self._claims: dict[str, str] = {}  # plugin id by name of a container
        self._lock = threading.Lock()
        for plugin in self._configured.values():
            self._claims.setdefault(plugin.address.get("container", ""), plugin.plugin_id)

    def name_of(self, plugin: Plugin) -> str:
        """Return the name of a plugin's container. Raises Unobservable for an address without one, Gone where it is another's."""
        name = self._configured.get(plugin.plugin_id, plugin).address.get("container", "")
        if not NAME.fullmatch(name):
            raise Unobservable(f'{plugin.plugin_id}: container = "{name[:80]}" is no name of a container')
        with self._lock:
            owner = self._claims.setdefault(name, plugin.plugin_id)
        if owner != plugin.plugin_id:
            raise Gone(f"the container {name} is the plugin {owner}")
        return name

    def assign(self, listed: Iterable[Mapping[str, Any]]) -> list[Plugin]:
        """Return a plugin for each container that runs, ourselves left out."""
        own = socket.gethostname()  # inside a container, unless somebody named it otherwise, the short id
        with self._lock:
            return [
                self._plugin(name, str(each["Id"]))
                for each in listed
                if (name := _name(each)) and not str(each["Id"]).startswith(own)
            ]

    def _plugin(self, name: str, container_id: str) -> Plugin:
        plugin_id = self._claims.get(name) or self._new_id(name)
        self._claims[name] = plugin_id
        known = self._configured.get(plugin_id)
        return known or Plugin(plugin_id, self._kind, {"container": name, "id": container_id[:SHOWN_ID]})

    def _new_id(self, name: str) -> str:
        try:
            base = plugin_id_from(f"{name[:50]}.container")
        except InvalidValue:
            base = "a.container"
        return free_id(base, {*self._claims.values(), *self._configured})


def _name(listed: Mapping[str, Any]) -> str:
    """Return its own name: a link of another container to it has more slashes."""
    names = [str(name).lstrip("/") for name in listed.get("Names") or ()]
    return next((name for name in names if NAME.fullmatch(name)), "")
