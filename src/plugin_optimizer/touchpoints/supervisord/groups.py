"""From a plugin to the group of processes that it is: which supervisord, which program, which processes now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...domain import Gone, InvalidValue, OptimizerError, Plugin, Refused, Unobservable, plugin_id_from
from ..gunicorn.process import Master
from ..process_identity import ProcessStat, read_stat
from ..process_tree import check_alive
from .config import Program, SupervisorConfig, read_config
from .fragment import MARK, Fragment, fragment_of
from .process import find_supervisords
from .rpc import ON_THEIR_WAY, ProcessInfo, SupervisorRpc

SUFFIX, LONGEST_ID = "-supervisord", 63  # a service that runs in the group may have its name already


@dataclass(frozen=True, slots=True)
class Group:
    """A group as it is now. `own` are its own processes, `further` those that were added beside it, by the number in the file.

    `fragment` is the file for these, or why there can be none. `program` is None for a group of several.
    """

    name: str
    master: Master
    rpc: SupervisorRpc
    own: Sequence[ProcessInfo]
    further: Mapping[int, ProcessInfo]
    fragment: Fragment | str
    program: Program | None

    @property
    def live(self) -> list[ProcessInfo]:
        """Return its processes that run, in the order in which they would go last."""
        return [info for info in (*self.own, *self.further.values()) if info.live]

    @property
    def all(self) -> list[ProcessInfo]:
        return [*self.own, *self.further.values()]

    @property
    def under_way(self) -> str:
        """Return which of its processes is still stopping; empty where none is."""
        slow = next((info for info in self.all if info.state in ON_THEIR_WAY), None)
        if slow is None:
            return ""
        seconds = self.program.options.get("stopwaitsecs", "10") if self.program is not None else "stopwaitsecs"
        return f"{slow.full_name} is still stopping: supervisord kills it after {seconds} s"

    def stats(self) -> list[ProcessStat]:
        """Return the live processes themselves: children of this very supervisord. Raises Gone, Unobservable."""
        found = []
        for info in self.live:
            try:
                stat = read_stat(info.pid)
            except Gone:
                continue
            if stat.alive and stat.parent_pid == self.master.pid:
                found.append(stat)
        return found


@dataclass(frozen=True, slots=True)
class Trouble:
    """A supervisord that does not answer us, and why; `url` is empty where its configuration names none."""

    pid: int
    url: str
    why: str

    def may_be(self, claim: Mapping[str, str]) -> bool:
        """Tell whether a plugin with this address may be one of its groups."""
        return claim.get("pid") == str(self.pid) or claim.get("url", self.url) == self.url


@dataclass(slots=True)
class Groups:
    """Finds the groups of all supervisords of this host. Remembers which group is which plugin."""

    known: dict[str, Mapping[str, str]] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)  # by plugin id
    _masters: dict[str, Master] = field(default_factory=dict)

    def all(self) -> Mapping[str, Group]:
        """Return the groups by plugin id; event listeners, and what was added by us, are none."""
        found: dict[str, Group] = {}
        self.troubles = {}
        for master in find_supervisords():
            config = read_config(master)
            try:
                groups = _groups(master, config)
            except OptimizerError as error:
                url = config.rpc.url if config is not None and config.rpc is not None else ""
                self.troubles[f"supervisord-{master.pid}"] = Trouble(master.pid, url, str(error))
                continue
            for group in groups:
                found[self._id(group)] = group
        self._masters = {plugin_id: group.master for plugin_id, group in found.items()}
        return found

    def find(self, plugin: Plugin) -> Group:
        """Return the group that the plugin is. Raises Gone, Unobservable."""
        found = self._again(plugin)
        if found is not None:
            return found
        self.known[plugin.plugin_id] = dict(plugin.address)
        found = self.all().get(plugin.plugin_id)
        if found is None:
            for trouble in self.troubles.values():
                if trouble.may_be(plugin.address):
                    raise Unobservable(trouble.why)
            raise Gone(f"no group of a supervisord that is {plugin.plugin_id} runs here ({dict(plugin.address)})")
        return found

    def _again(self, plugin: Plugin) -> Group | None:
        """Ask the supervisord that had it; None where that one has ended or has it no more. Raises Unobservable."""
        master, claim = self._masters.get(plugin.plugin_id), self.known.get(plugin.plugin_id, {})
        if master is None:
            return None
        try:
            check_alive(master.identity)
        except Gone:
            return None
        return next((group for group in _groups(master, read_config(master)) if group.name == claim.get("group")), None)

    def _id(self, group: Group) -> str:
        address = address_of(group)
        for plugin_id, claim in self.known.items():
            if claim.get("group") == group.name and claim.get("url", address["url"]) == address["url"]:
                return plugin_id
        base, number = _base_id(group.name), 1
        name = base
        while name in self.known:
            number += 1
            name = f"{base[: LONGEST_ID - 4]}-{number}"
        self.known[name] = address
        return name


def address_of(group: Group) -> Mapping[str, str]:
    return {"group": group.name, "url": group.rpc.url, "pid": str(group.master.pid)}


def _base_id(name: str) -> str:
    try:
        return plugin_id_from(name)[: LONGEST_ID - len(SUFFIX)] + SUFFIX
    except InvalidValue:
        return f"group{SUFFIX}"


def _groups(master: Master, config: SupervisorConfig | None) -> list[Group]:
    if config is None:
        raise Unobservable(f"the configuration of supervisord {master.pid} cannot be read")
    if config.rpc is None:
        raise Unobservable(
            f"supervisord {master.pid} has no interface; [unix_http_server] with a file and [rpcinterface:supervisor] give it one"
        )
    if config.rpc.pid() != master.pid:
        raise Unobservable(f"another supervisord answers at {config.rpc.url}")
    infos = config.rpc.processes()
    names = dict.fromkeys(info.group for info in infos)
    return [_group(master, config, config.rpc, name, infos) for name in names if _is_shown(config, name, names)]


def _is_shown(config: SupervisorConfig, name: str, names: Mapping[str, None]) -> bool:
    listens = any(program.kind == "eventlistener" for program in config.of_group(name))
    base, mark, number = name.rpartition(MARK)
    return not listens and not (mark and number.isdigit() and base in names)


def _group(
    master: Master, config: SupervisorConfig, rpc: SupervisorRpc, name: str, infos: Sequence[ProcessInfo]
) -> Group:
    programs = config.of_group(name)
    program = programs[0] if len(programs) == 1 and programs[0].name == name else None
    further = {
        int(number): info
        for info in infos
        for base, mark, number in [info.group.rpartition(MARK)]
        if mark and base == name and number.isdigit()
    }
    return Group(
        name=name,
        master=master,
        rpc=rpc,
        own=sorted((info for info in infos if info.group == name), key=lambda info: info.name),
        further=dict(sorted(further.items())),
        fragment=_fragment(config, program),
        program=program,
    )


def _fragment(config: SupervisorConfig, program: Program | None) -> Fragment | str:
    if program is None:
        return "its group has several programs, or none that its configuration names"
    try:
        return fragment_of(config, program)
    except Refused as refused:
        return str(refused)
