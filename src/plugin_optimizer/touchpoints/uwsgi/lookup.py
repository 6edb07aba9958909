"""From a plugin to the uWSGI that runs it now, its workers, and what its stats server says."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from ...domain import Gone, Plugin, Unobservable
from ..gunicorn.process import Master
from ..gunicorn.sense import worker_keys
from ..process_identity import ProcessStat
from ..process_tree import check_alive, environment_of
from ..service_roster import ServiceRoster
from ..tunables import plugin_of_process
from .process import find_uwsgis, own_number, workers_of_uwsgi
from .service import UwsgiService
from .settings import settings_of
from .stats import UwsgiStats, read_stats


@dataclass(slots=True)
class UwsgiLookup:
    """Finds services, and finds them again. Not thread-safe."""

    home: Path
    roster: ServiceRoster[UwsgiService] = field(default_factory=ServiceRoster)
    _found: dict[str, UwsgiService] = field(default_factory=dict)

    def all(self) -> Mapping[str, UwsgiService]:
        """Return all services by plugin id. Raises Unobservable."""
        probes = plugin_of_process(self.home)
        ours = {os.getpid(), os.getppid()}
        services = [self._service(master, probes) for master in find_uwsgis() if master.pid not in ours]
        found = self.roster.assign(services)
        self._found = dict(found)
        return found

    def find(self, plugin: Plugin) -> UwsgiService:
        """Return the service as it is now, its settings read afresh. Raises Gone, Unobservable."""
        known = self._found.get(plugin.plugin_id)
        if known is not None:
            try:
                check_alive(known.master.identity)
                return _afresh(known)
            except Gone:
                del self._found[plugin.plugin_id]
        self.roster.remember(plugin)
        found = self.all().get(plugin.plugin_id)
        if found is not None:
            return found
        if not Path("/proc/1").exists():
            raise Unobservable("other users' processes are hidden here (hidepid); run as the service's user or root")
        raise Gone(f"no uWSGI that is {plugin.plugin_id} runs here ({dict(plugin.address)})")

    def stats(self, service: UwsgiService) -> UwsgiStats | None:
        """Return what its stats server says, None where it has none. Raises Unobservable, also where another uWSGI answers."""
        address = service.stats_address
        if not address:
            return None
        found = read_stats(address)
        if found.pid != own_number(service.master.pid):
            raise Unobservable(f"another uWSGI, {found.pid}, answers at {address}")
        return found

    def workers(self, master: Master) -> list[ProcessStat]:
        """Return the live workers, oldest first. Raises Gone, Unobservable."""
        settings = settings_of(master)
        service = UwsgiService(master, settings)
        try:
            stats = self.stats(service)
        except (
            Unobservable
        ):  # it may be busy, or somebody else's: processes tell as much, unless there are others beside
            stats = None
        return workers_of_uwsgi(master, stats.pids if stats is not None else (), settings.other_processes)

    def _service(self, master: Master, probes: Mapping[tuple[int, int], str]) -> UwsgiService:
        settings = settings_of(master)
        listens = "" if settings.bind else _listens(master.pid)
        return UwsgiService(master, settings, self._probe_name(master, probes) if probes else "", listens)

    def _probe_name(self, master: Master, probes: Mapping[tuple[int, int], str]) -> str:
        try:
            keys = worker_keys(self.workers(master))
        except Unobservable:
            return ""
        return next((probes[key] for key in keys if key in probes), "")


def _listens(pid: int) -> str:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:  # another user's, or it ended
        return ""
    places = sorted(f"{c.laddr.ip}:{c.laddr.port}" for c in connections if c.status == psutil.CONN_LISTEN)
    return places[0] if places else ""


def _afresh(service: UwsgiService) -> UwsgiService:
    """A reload changes environment and settings, and the process stays the same."""
    master = replace(service.master, environment=environment_of(service.master.pid))
    return replace(service, master=master, settings=settings_of(master))
