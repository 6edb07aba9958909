"""Which Celery worker on this host is which plugin, in this start and in the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import InvalidValue, Plugin, plugin_id_from
from .options import DEFAULT_NODE
from .process import CeleryMaster

SUFFIX = "-celery"  # a web service of the same application has its name already
LONGEST_ID = 63
SAME_WORKER = ("node", "app", "cwd")  # what tells a worker from others; those that a claim gives have to fit


def address_of(master: CeleryMaster) -> Mapping[str, str]:
    """Return where a worker is found. No URL of a broker: it may hold a password."""
    return {
        "node": master.node,
        "app": master.options.app,
        "cwd": str(master.directory or ""),
        "queues": ",".join(master.options.queues),
        "pid": str(master.pid),
    }


def base_id(master: CeleryMaster) -> str:
    """Return the plugin id a worker asks for: its node's own name, else its application's, else its directory's."""
    own = master.node.partition("@")[0]
    directory = master.directory.name if master.directory is not None else ""
    for text in (own if own != DEFAULT_NODE else "", master.options.app.replace(":", "."), directory):
        try:
            name = plugin_id_from(text)
        except InvalidValue:
            continue
        return name if "celery" in name else name[: LONGEST_ID - len(SUFFIX)] + SUFFIX
    return f"celery-{master.pid}"


@dataclass(slots=True)
class CeleryRoster:
    """Remembers under which id each worker was met. `claims` maps a plugin id to the address it was last known by."""

    claims: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def remember(self, plugin: Plugin) -> None:
        self.claims[plugin.plugin_id] = dict(plugin.address)

    def assign(self, masters: Sequence[CeleryMaster]) -> Mapping[str, CeleryMaster]:
        """Return the workers by plugin id: those claimed by node, application and directory first; then a claim whose node
        alone changed (another host name), where just one fits; then the new ones by pid. A claim that fits several different
        workers gets none of them: which one is meant, nobody but their operator knows.
        """
        free, assigned = list(masters), dict[str, CeleryMaster]()
        for names in (SAME_WORKER, ("app", "cwd")):
            for plugin_id, claim in self.claims.items():
                found = [master for master in free if _fits(claim, master, names)]
                if plugin_id not in assigned and (len(found) == 1 or (_are_one(found) and names is SAME_WORKER)):
                    assigned[plugin_id] = found[0]
                    free.remove(found[0])
        for master in free:
            plugin_id = self._new_id(base_id(master))
            assigned[plugin_id] = master
            self.claims[plugin_id] = address_of(master)
        return assigned

    def rivals(self, plugin_id: str, masters: Sequence[CeleryMaster]) -> Sequence[CeleryMaster]:
        """Return the different workers that a claim fits all of; empty where it fits one, or none."""
        found = [master for master in masters if _fits(self.claims.get(plugin_id, {}), master, SAME_WORKER)]
        return [] if not found or _are_one(found) else found

    def _new_id(self, base: str) -> str:
        number, plugin_id = 1, base
        while plugin_id in self.claims:
            number += 1
            suffix = f"-{number}"
            plugin_id = base[: LONGEST_ID - len(suffix)] + suffix
        return plugin_id


def _are_one(found: Sequence[CeleryMaster]) -> bool:
    """Tell whether these are one worker (in two processes: one begins while the other ends)."""
    return len({tuple(address_of(master)[name] for name in SAME_WORKER) for master in found}) == 1


def _fits(claim: Mapping[str, str], master: CeleryMaster, names: Sequence[str]) -> bool:
    address = address_of(master)
    given = [name for name in names if claim.get(name)]
    moved = names is not SAME_WORKER and (len(given) < len(names) or claim.get("node") == address["node"])
    return bool(given) and not moved and all(claim[name] == address[name] for name in given)
