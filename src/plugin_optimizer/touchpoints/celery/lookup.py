"""From a plugin to the Celery worker that runs it now, and to the way of speaking with it."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...domain import Gone, Plugin, Unobservable
from ..process_identity import ProcessIdentity
from ..process_tree import check_alive
from .broker import BrokerNotSupported, broker_urls, configured_url
from .control import WorkerControl, WorkerStats
from .process import CeleryMaster, PoolProcesses, find_masters, own_number
from .roster import CeleryRoster

# A worker that did not answer is left in peace for a while, so that one that hangs holds up nobody else's turn.
SILENT_SECONDS, UNKNOWN_SECONDS = 10.0, 60.0  # one whose broker could not even be told is not asked so soon


class BrokerUnknown(Unobservable):
    """Nothing tells where a worker's broker is."""


@dataclass(slots=True)
class CeleryLookup:
    """Finds workers, and finds them again. Not thread-safe."""

    roster: CeleryRoster = field(default_factory=CeleryRoster)
    pools: PoolProcesses = field(default_factory=PoolProcesses)
    _found: dict[str, tuple[Plugin, CeleryMaster]] = field(default_factory=dict)
    _controls: dict[ProcessIdentity, WorkerControl] = field(default_factory=dict)
    _silent: dict[ProcessIdentity, tuple[float, str]] = field(default_factory=dict)  # until when (monotonic), and why

    def all(self) -> Mapping[str, CeleryMaster]:
        """Return all workers by plugin id."""
        return self.roster.assign(_masters())

    def find(self, plugin: Plugin) -> CeleryMaster:
        """Return the worker that runs the plugin. Raises Gone, Unobservable (also where several fit)."""
        known, master = self._found.get(plugin.plugin_id, (None, None))
        if known is not None and master is not None and known.address == plugin.address:
            try:
                check_alive(master.identity)
            except Gone:
                self._found.pop(plugin.plugin_id)
                self._controls.pop(master.identity, None)
            else:
                return master
        self.roster.remember(plugin)
        master = self.all().get(plugin.plugin_id)
        if master is not None:
            self._found[plugin.plugin_id] = (plugin, master)
            return master
        rivals = self.roster.rivals(plugin.plugin_id, _masters())
        if rivals:
            places = ", ".join(sorted({f"{rival.options.app} in {rival.directory}" for rival in rivals}))
            raise Unobservable(
                f"{len(rivals)} Celery workers fit {plugin.plugin_id} ({places}): "
                f"set plugins.{plugin.plugin_id}.cwd or .app to the one that is meant"
            )
        if not Path("/proc/1").exists():
            raise Unobservable("other users' processes are hidden here (hidepid); run as the worker's user or root")
        raise Gone(f"no Celery worker that is {plugin.plugin_id} runs here ({dict(plugin.address)})")

    def control(self, plugin: Plugin, master: CeleryMaster) -> WorkerControl:
        """Return the way to this very worker. Raises Unobservable saying what would open one, Refused (no package)."""
        until, why = self._silent.get(master.identity, (0.0, ""))
        if time.monotonic() < until:
            raise Unobservable(why)
        found = self._controls.get(master.identity)
        if found is not None:
            return found
        try:
            found = self._controls[master.identity] = _search(plugin, master)
        except (BrokerUnknown, BrokerNotSupported) as error:
            self._silent[master.identity] = (time.monotonic() + UNKNOWN_SECONDS, str(error))
            raise
        except Unobservable as error:
            self._silent[master.identity] = (time.monotonic() + SILENT_SECONDS, str(error))
            raise
        return found

    def stats(self, plugin: Plugin, master: CeleryMaster) -> WorkerStats:
        """Return what the worker says of itself, once that is known to be this process. Raises Unobservable, Refused."""
        control = self.control(plugin, master)
        try:
            stats = control.stats()
        except Unobservable as error:
            self._silent[master.identity] = (time.monotonic() + SILENT_SECONDS, str(error))
            raise
        if stats.pid != own_number(master.pid):
            self._controls.pop(master.identity, None)
            raise Unobservable(f"another worker answers to {master.node}; give each its own name (-n)")
        self.pools.note(master, stats.pids)
        return stats

    def spoke(self, master: CeleryMaster) -> bool:
        """Tell whether this worker ever answered."""
        return master.identity in self._controls


def _masters() -> list[CeleryMaster]:
    return [master for master in find_masters() if master.pid != os.getpid()]


def _search(plugin: Plugin, master: CeleryMaster) -> WorkerControl:
    """Ask at every place where its broker may be for a worker that is this process."""
    stated = plugin.address.get("broker", "")
    urls = [configured_url(stated)] if stated else list(broker_urls(master))
    if not urls:
        raise BrokerUnknown(
            f"the broker of {master.node} cannot be told (Redis only): set CELERY_BROKER_URL for the worker, or "
            f"plugins.{plugin.plugin_id}.broker to a URL, env:NAME or file:/path"
        )
    pid, reasons = own_number(master.pid), []
    for url in urls:
        control = WorkerControl(url, master.node)
        try:
            if control.stats().pid == pid:
                return control
        except Unobservable as error:
            reasons.append(str(error))
    raise Unobservable(
        reasons[-1] if reasons else f"another worker answers to {master.node}; give each its own name (-n)"
    )
