"""Which gunicorn on this host is which plugin, in this start and in the next one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import InvalidValue, Plugin, plugin_id_from
from .process import Master
from .settings import GunicornSettings

OUR_OWN_NAME = "plugin-optimizer"
_LONGEST_ID = 63
_WHERE = ("app", "config", "cwd")


@dataclass(frozen=True, slots=True)
class Service:
    """A running gunicorn. `probe_name` is the plugin its workers' probes report, '' where there is no probe."""

    master: Master
    settings: GunicornSettings
    probe_name: str = ""

    @property
    def address(self) -> Mapping[str, str]:
        settings, master = self.settings, self.master
        config = "" if settings.config_path is None else str(settings.config_path)
        address = {
            "name": settings.name,
            "bind": ",".join(settings.binds),
            "app": settings.app,
            "config": config,
            "cwd": str(master.directory or ""),
            "pid": str(master.pid),
            "python": master.identity.command[0] if master.invocation.arguments is not None else "",
        }
        return {**address, "statsd_prefix": settings.statsd_prefix} if settings.statsd_prefix else address

    @property
    def base_id(self) -> str:
        """Return the plugin id it asks for: its probe's, else its name, else its application's module."""
        named = self.settings.name if self.settings.name != self.settings.app else ""
        for text in (self.probe_name, named, self.settings.app.partition(":")[0]):
            try:
                return plugin_id_from(text)
            except InvalidValue:
                continue
        return f"gunicorn-{self.settings.port or self.master.pid}"


@dataclass(slots=True)
class Roster:
    """Remembers under which id each service was met, so that ids stay when services come, go and move.

    `claims` maps a plugin id to the address it was last known by.
    """

    claims: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def remember(self, plugin: Plugin) -> None:
        self.claims[plugin.plugin_id] = dict(plugin.address)

    def assign(self, services: Sequence[Service]) -> Mapping[str, Service]:
        """Return the services by plugin id: who claims one by name and bind first, then who claims one that only
        moved to another bind, then the new ones in the order of their ports.
        """
        free = sorted(services, key=lambda service: (service.settings.port, service.master.pid))
        assigned: dict[str, Service] = {}
        for claimed in (self._at_home(free, assigned), self._moved(services, free, assigned)):
            for plugin_id, service in claimed:
                assigned[plugin_id] = service
                free.remove(service)
        for service in free:
            plugin_id = self._new_id(service.base_id)
            assigned[plugin_id] = service
            self.claims[plugin_id] = service.address
        return assigned

    def _at_home(self, free: list[Service], assigned: Mapping[str, Service]) -> Iterator[tuple[str, Service]]:
        for plugin_id, claim in self.claims.items():
            found = next((s for s in free if _may_be(plugin_id, s) and _same_place(claim, s)), None)
            if found is not None and plugin_id not in assigned:
                yield plugin_id, found

    def _moved(
        self, services: Sequence[Service], free: list[Service], assigned: Mapping[str, Service]
    ) -> Iterator[tuple[str, Service]]:
        running = {str(service.master.pid) for service in services}
        for plugin_id, claim in self.claims.items():
            if plugin_id in assigned or claim.get("pid") in running:
                continue
            found = [s for s in free if _may_be(plugin_id, s) and _same_program(claim, s)]
            if len(found) == 1:
                yield plugin_id, found[0]

    def _new_id(self, base: str) -> str:
        number, plugin_id = 1, base
        while plugin_id in self.claims:
            number += 1
            suffix = f"-{number}"
            plugin_id = base[: _LONGEST_ID - len(suffix)] + suffix
        return plugin_id


def _may_be(plugin_id: str, service: Service) -> bool:
    """Tell whether nothing speaks against the id: a probe names its plugin itself."""
    if not service.probe_name:
        return True
    return re.fullmatch(rf"{re.escape(service.base_id)}(-\d+)?", plugin_id) is not None


def _same_place(claim: Mapping[str, str], service: Service) -> bool:
    """Two masters cannot serve at one address, so name and bind tell a service from all others."""
    given = [key for key in ("name", "bind") if claim.get(key)]
    return "bind" in given and all(claim[key] == service.address[key] for key in given)


def _same_program(claim: Mapping[str, str], service: Service) -> bool:
    """Without its bind, everything else has to be known and the same; a claim by name alone takes that name."""
    if "bind" not in claim:
        return bool(claim.get("name")) and claim["name"] == service.settings.name
    return all(claim.get(key) == service.address[key] for key in ("name", *_WHERE))
