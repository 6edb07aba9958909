"""Which unit of this host is which plugin."""

import os
import re
import threading
from collections.abc import Iterable

from ...domain import Gone, InvalidValue, Plugin, Unobservable, plugin_id_from
from ..names import free_id
from ..process_identity import read_process_file
from .systemctl import UNIT, Unit

# The system's own: what is wrong with these is not what this product is about. `run-…` are commands of a moment.
HOUSEKEEPING = re.compile(
    r"(systemd-|initrd-|user@|user-runtime-dir@|getty@|serial-getty@|console-|container-getty@|dbus|init\.|ssh|cron|anacron|rsyslog|"
    r"polkit|udev|apt-|dpkg-|man-db|e2scrub|fstrim|logrotate|modprobe@|emergency|rescue|networking|plugin-optimizer|run-)"
)
LONG_RUNNING = frozenset({"simple", "exec", "forking", "notify", "notify-reload", "dbus", "idle"})


class UnitRoster:
    """Remembers under which id each unit was met; the configuration's names go first. Thread-safe."""

    def __init__(self, kind: str, configured: Iterable[Plugin]) -> None:
        self._kind = kind
        self._configured = {plugin.plugin_id: plugin for plugin in configured if plugin.touchpoint == kind}
        self._claims: dict[str, str] = {}  # plugin id by unit
        self._lock = threading.Lock()
        for plugin in self._configured.values():
            self._claims.setdefault(plugin.address.get("unit", ""), plugin.plugin_id)

    def unit_of(self, plugin: Plugin) -> str:
        """Return the name of a plugin's unit. Raises Unobservable for an address without one, Gone where it is another plugin's."""
        name = self._configured.get(plugin.plugin_id, plugin).address.get("unit", "")
        if not UNIT.fullmatch(name):
            raise Unobservable(
                f'{plugin.plugin_id}: unit = "{name[:80]}" is no service; expected is one like orders.service'
            )
        with self._lock:
            owner = self._claims.setdefault(name, plugin.plugin_id)
        if owner != plugin.plugin_id:
            raise Gone(f"{name} is the plugin {owner}")
        return name

    def assign(self, units: Iterable[Unit]) -> list[Plugin]:
        """Return a plugin for each unit that is worth one: services that run, or are about to, and are meant to go on, and those configured."""
        with self._lock:
            own = own_groups()
            claimed = [
                unit for unit in units if unit.name in self._claims or (_worth_it(unit) and not holds(unit, own))
            ]
            return [self._plugin(unit.name) for unit in claimed if unit.loaded]

    def _plugin(self, name: str) -> Plugin:
        plugin_id = self._claims.get(name) or self._new_id(name)
        self._claims[name] = plugin_id
        return self._configured.get(plugin_id) or Plugin(plugin_id, self._kind, {"unit": name})

    def _new_id(self, name: str) -> str:
        try:
            base = plugin_id_from(name)
        except InvalidValue:
            base = "unit.service"
        return free_id(base, {*self._claims.values(), *self._configured})


def _worth_it(unit: Unit) -> bool:
    return (
        (unit.runs or unit.starts)
        and unit.type in LONG_RUNNING
        and not HOUSEKEEPING.match(unit.name)
        and UNIT.fullmatch(unit.name) is not None
    )


def own_groups() -> frozenset[str]:
    """Return the paths of the groups that we are in ourselves, in every hierarchy."""
    try:
        lines = read_process_file(os.getpid(), "cgroup").decode(errors="replace").splitlines()
    except Unobservable:
        return frozenset()
    return frozenset(line.split(":", 2)[-1] for line in lines)


def holds(unit: Unit, groups: frozenset[str]) -> bool:
    """Tell whether one of these groups is the unit's, or inside it."""
    return bool(unit.group) and any(path == unit.group or path.startswith(f"{unit.group}/") for path in groups)
