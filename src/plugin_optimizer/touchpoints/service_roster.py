"""Which service of this host (a parent process and its workers) is which plugin, in this start and in the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from ..domain import Plugin
from .names import free_id


class Rostered(Protocol):
    """A service that was found. `address` has `bind`, `app` and `cwd`; `base_id` is the plugin id that it asks for."""

    @property
    def address(self) -> Mapping[str, str]: ...
    @property
    def base_id(self) -> str: ...
    @property
    def order(self) -> tuple[str, int]:
        """Return by what services that nobody named yet are ordered: where they listen, and their pid."""
        ...


Service = TypeVar("Service", bound=Rostered)


@dataclass(slots=True)
class ServiceRoster(Generic[Service]):
    """Remembers under which id each service was met; `claims` maps an id to the address it was last known by."""

    claims: dict[str, Mapping[str, str]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)  # names that we made up

    def remember(self, plugin: Plugin) -> None:
        """Take note that somebody asks for a plugin by this address: that goes before names that were only given here."""
        if plugin.plugin_id in self.given:
            return
        others = {name: claim for name, claim in self.claims.items() if name != plugin.plugin_id}
        self.claims = {plugin.plugin_id: dict(plugin.address), **others}

    def assign(self, services: Sequence[Service]) -> Mapping[str, Service]:
        """Return the services by plugin id: who is known by where it listens first, then the new ones by their address."""
        assigned: dict[str, Service] = {}
        free = sorted(services, key=lambda service: service.order)
        for plugin_id, claim in self.claims.items():
            found = next((service for service in free if _is_claimed(claim, service)), None)
            if found is not None:
                assigned[plugin_id] = found
                free.remove(found)
        for service in free:
            plugin_id = free_id(service.base_id, self.claims)
            assigned[plugin_id] = service
            self.claims[plugin_id] = service.address
            self.given.add(plugin_id)
        return assigned


def _is_claimed(claim: Mapping[str, str], service: Rostered) -> bool:
    """No two listen at one address; a claim without one names the application, or its directory, too. One that tells neither is
    known by its directory alone.
    """
    address = service.address
    given = [key for key in ("bind", "app", "cwd") if claim.get(key)]
    enough = "bind" in given or "app" in given or not (address["bind"] or address["app"])
    return bool(given) and enough and all(claim[key] == address[key] for key in given)
