"""From a plugin to the gunicorn that runs it now."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from ...domain import Gone, Plugin, Refused, Unobservable
from ..process_identity import ProcessIdentity
from ..process_tree import check_alive
from ..tunables import plugin_of_process
from .control import ControlSocket, NotItsSocket, find_control_socket
from .process import Master, find_masters, workers_of
from .roster import OUR_OWN_NAME, Roster, Service
from .settings import GunicornSettings, settings_of, with_shown
from .version import installed_version


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
        services = [self._service(master, probes) for master in find_masters()]
        return self.roster.assign([service for service in services if not _is_ours(service)])

    def find(self, plugin: Plugin) -> Service:
        """Return the service as it is now, its settings read afresh. Raises Gone, Unobservable."""
        known, service = self._found.get(plugin.plugin_id, (None, None))
        if known is not None and service is not None and known.address == plugin.address:
            try:
                check_alive(service.master.identity)
                return replace(service, settings=self._settings(service.master))
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

    def _service(self, master: Master, probes: Mapping[tuple[int, int], str]) -> Service:
        return Service(master, self._settings(master), _probe_name(master, probes) if probes else "")

    def _settings(self, master: Master) -> GunicornSettings:
        invocation = master.invocation
        settings = settings_of(invocation.arguments, master.environment, master.directory, invocation.title)
        if invocation.arguments is not None:
            return settings
        settings = with_shown(settings, {"bind": _listening(master.pid)})
        try:
            control = self.control_socket(Service(master, settings))
            return settings if control is None else with_shown(settings, control.config())
        except (Unobservable, Refused):
            return settings

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


def _probe_name(master: Master, probes: Mapping[tuple[int, int], str]) -> str:
    try:
        workers = workers_of(master)
    except Unobservable:
        return ""
    return next((probes[key] for stat in workers if (key := (stat.pid, stat.start_ticks)) in probes), "")


def _listening(pid: int) -> list[str]:
    """Return the TCP addresses a process listens on; empty where we may not look."""
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return []
    return sorted(f"{c.laddr.ip}:{c.laddr.port}" for c in connections if c.status == psutil.CONN_LISTEN)


def _is_ours(service: Service) -> bool:
    """Tell whether this gunicorn serves the optimizer itself, whichever way it was started."""
    return service.settings.name == OUR_OWN_NAME or service.master.pid in (os.getpid(), os.getppid())
