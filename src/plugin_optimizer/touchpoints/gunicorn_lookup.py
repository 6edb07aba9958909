"""From a plugin to the gunicorn that runs it now."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..domain import Gone, Plugin, Unobservable
from .gunicorn_control import ControlSocket, NotItsSocket, find_control_socket
from .gunicorn_process import Master, check_alive, find_masters, workers_of
from .gunicorn_roster import OUR_OWN_NAME, Roster, Service
from .gunicorn_settings import GunicornSettings, settings_of
from .gunicorn_version import installed_version
from .process_identity import ProcessIdentity
from .tunables import plugin_of_process


@dataclass(slots=True)
class GunicornLookup:
    """Finds services, and finds them again. Not thread-safe."""

    home: Path
    roster: Roster = field(default_factory=Roster)
    _found: dict[str, tuple[Plugin, Service]] = field(default_factory=dict)
    _controls: dict[ProcessIdentity, ControlSocket] = field(default_factory=dict)

    def all(self) -> Mapping[str, Service]:
        """Return all services by plugin id. Raises Unobservable."""
        probes = plugin_of_process(self.home)
        services = [_service(master, probes) for master in find_masters()]
        return self.roster.assign([service for service in services if not _is_ours(service)])

    def find(self, plugin: Plugin) -> Service:
        """Return the service as it is now, its settings read afresh. Raises Gone, Unobservable."""
        known, service = self._found.get(plugin.plugin_id, (None, None))
        if known is not None and service is not None and known.address == plugin.address:
            try:
                check_alive(service.master)
                return replace(service, settings=_settings(service.master))
            except Gone:
                self._forget(plugin)
        return self._search(plugin)

    def _search(self, plugin: Plugin) -> Service:
        self.roster.remember(plugin)
        service = self.all().get(plugin.plugin_id)
        if service is not None:
            self._found[plugin.plugin_id] = (plugin, service)
            return service
        if not Path("/proc/1").exists():
            raise Unobservable("other users' processes are hidden here (hidepid); run as the service's user or root")
        raise Gone(f"no gunicorn that is {plugin.plugin_id} runs here ({dict(plugin.address)})")

    def control_socket(self, service: Service) -> ControlSocket | None:
        """Return the master's control socket. None for versions without one, where none answers, and where another
        master took its path (all of one user share the default one); a silence is no reason to change to signals.

        Raises Unobservable.
        """
        identity = service.master.identity
        found = self._controls.get(identity)
        try:
            if found is not None:
                found.stats()
                return found
        except NotItsSocket:
            del self._controls[identity]
        found = find_control_socket(service.master, service.settings, installed_version(service.master))
        if found is not None:
            self._controls[identity] = found
        return found

    def _forget(self, plugin: Plugin) -> None:
        _, service = self._found.pop(plugin.plugin_id)
        self._controls.pop(service.master.identity, None)


def _service(master: Master, probes: Mapping[tuple[int, int], str]) -> Service:
    return Service(master, _settings(master), _probe_name(master, probes) if probes else "")


def _settings(master: Master) -> GunicornSettings:
    invocation = master.invocation
    return settings_of(invocation.arguments, master.environment, master.directory, invocation.title)


def _probe_name(master: Master, probes: Mapping[tuple[int, int], str]) -> str:
    try:
        workers = workers_of(master)
    except Unobservable:
        return ""
    return next((probes[key] for stat in workers if (key := (stat.pid, stat.start_ticks)) in probes), "")


def _is_ours(service: Service) -> bool:
    """Tell whether this gunicorn serves the optimizer itself, whichever way it was started."""
    return service.settings.name == OUR_OWN_NAME or service.master.pid in (os.getpid(), os.getppid())
