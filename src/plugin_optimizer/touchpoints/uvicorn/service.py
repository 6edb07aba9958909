"""Which uvicorn on this host is which plugin, and how it was set up."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...domain import InvalidValue, Plugin, plugin_id_from
from ..gunicorn.process import Master
from .process import option

DEFAULT_PORT = "8000"
_APP = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(\))?")
_SAYS_NOTHING = frozenset({"main", "app", "asgi", "server", "application", "wsgi", "api", "src"})
_LONGEST_ID = 63


@dataclass(frozen=True, slots=True)
class UvicornSettings:
    """What its command line and environment say. Each worker loads the application anew (`preload` is never on)."""

    app: str
    bind: str
    preload: bool = False
    config_path: Path | None = None
    slots_per_worker: int = 1  # the core that its event loop runs on


@dataclass(frozen=True, slots=True)
class UvicornService:
    """A running uvicorn. `probe_name` is the plugin its workers' probes report, '' where there is no probe."""

    master: Master
    settings: UvicornSettings
    probe_name: str = ""

    @property
    def address(self) -> Mapping[str, str]:
        return {
            "app": self.settings.app,
            "bind": self.settings.bind,
            "cwd": str(self.master.directory or ""),
            "pid": str(self.master.pid),
        }

    @property
    def base_id(self) -> str:
        """Return the plugin id it asks for: its probe's, else its application's module, else its directory."""
        module = self.settings.app.partition(":")[0]
        named = [part for part in module.split(".") if part not in _SAYS_NOTHING]
        directory = self.master.directory.name if self.master.directory is not None else ""
        for text in (self.probe_name, ".".join(named), directory):
            try:
                return plugin_id_from(text)
            except InvalidValue:
                continue
        return f"uvicorn-{self.master.pid}"


def service_of(master: Master, probe_name: str = "") -> UvicornService:
    arguments = master.invocation.arguments or ()
    app = next((word for word in arguments if _APP.fullmatch(word)), master.environment.get("UVICORN_APP", ""))
    host = option(master, "host") or "127.0.0.1"
    bind = option(master, "uds") or f"{host}:{option(master, 'port') or DEFAULT_PORT}"
    return UvicornService(master, UvicornSettings(app, bind), probe_name)


@dataclass(slots=True)
class UvicornRoster:
    """Remembers under which id each service was met; `claims` maps an id to the address it was last known by."""

    claims: dict[str, Mapping[str, str]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)  # names that we made up

    def remember(self, plugin: Plugin) -> None:
        """Take note that somebody asks for a plugin by this address: that goes before names that were only given here."""
        if plugin.plugin_id in self.given:
            return
        others = {name: claim for name, claim in self.claims.items() if name != plugin.plugin_id}
        self.claims = {plugin.plugin_id: dict(plugin.address), **others}

    def assign(self, services: Sequence[UvicornService]) -> Mapping[str, UvicornService]:
        """Return the services by plugin id: who is known by where it listens first, then the new ones by their address."""
        assigned: dict[str, UvicornService] = {}
        free = sorted(services, key=lambda service: (service.settings.bind, service.master.pid))
        for plugin_id, claim in self.claims.items():
            found = next((service for service in free if _is_claimed(claim, service)), None)
            if found is not None:
                assigned[plugin_id] = found
                free.remove(found)
        for service in free:
            plugin_id = self._new_id(service.base_id)
            assigned[plugin_id] = service
            self.claims[plugin_id] = service.address
            self.given.add(plugin_id)
        return assigned

    def _new_id(self, base: str) -> str:
        number, plugin_id = 1, base
        while plugin_id in self.claims:
            number += 1
            suffix = f"-{number}"
            plugin_id = base[: _LONGEST_ID - len(suffix)] + suffix
        return plugin_id


def _is_claimed(claim: Mapping[str, str], service: UvicornService) -> bool:
    """No two listen at one address; a claim without one names the application, or its directory, too."""
    given = [key for key in ("bind", "app", "cwd") if claim.get(key)]
    return ("bind" in given or "app" in given) and all(claim[key] == service.address[key] for key in given)
