"""Finding Celery's workers among the processes of this host, and the pool processes of one."""

import re
import shlex
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import psutil

from ...domain import Unobservable
from ..process_identity import ProcessIdentity, ProcessStat, identify, read_command, read_process_file, read_stat
from ..process_tree import check_alive, children_of, directory_of, environment_of
from ..python_command import arguments_of
from .options import WorkerOptions, node_name, worker_options

LOOK_AGAIN_SECONDS = 0.02
COUNTING_SECONDS = 1.5  # then whoever asked is told that it cannot be told, and asks again
STANDS_SECONDS = 0.2  # a process that reached its limit of tasks is replaced within a few milliseconds
# celery.platforms.set_mp_process_title, where the package setproctitle is installed
_TITLE = re.compile(r"\[celeryd: (?P<node>\S+):(?P<role>[\w-]+)\](?: -\w+- \((?P<words>.*)\))?\s*")
_MAIN = "MainProcess"
_SCRIPT = re.compile(r"celery[\d.]*")

ProcessKeys = frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a worker was called. `node` is known where a process title tells it, `role` where it is no main process."""

    options: WorkerOptions
    node: str = ""
    role: str = _MAIN


@dataclass(frozen=True, slots=True)
class CeleryMaster:
    """The main process of a worker. `environment` is empty and `directory` None where we may not look (another user's).

    `host` is the name its host has for it, empty where that is ours.
    """

    identity: ProcessIdentity
    invocation: Invocation
    environment: Mapping[str, str]
    directory: Path | None
    host: str = ""

    @property
    def pid(self) -> int:
        return self.identity.pid

    @property
    def options(self) -> WorkerOptions:
        return self.invocation.options

    @property
    def node(self) -> str:
        """Return the name it answers to, as far as it can be told from here."""
        return self.invocation.node or node_name(self.options.node, self.host)


def invocation_of(command: tuple[str, ...]) -> Invocation | None:
    """Return how a worker was called; None for every other program."""
    titled = _TITLE.fullmatch(" ".join(command).strip())
    if titled:
        options = _titled_options(titled["words"] or "")
        return Invocation(options, titled["node"], titled["role"])
    arguments = arguments_of(command, _is_module, _is_script)
    options_given = None if arguments is None else worker_options(arguments)
    return None if options_given is None else Invocation(options_given)


def find_masters() -> list[CeleryMaster]:
    """Return the main processes of the workers we can see, by pid."""
    found = dict(_workers())
    masters = []
    for pid, (stat, invocation) in sorted(found.items()):
        parent = found.get(stat.parent_pid)
        if invocation.role != _MAIN or (parent is not None and parent[1] == invocation):
            continue  # a pool process is a fork of its main process
        try:
            masters.append(_master(pid, invocation))
        except Unobservable:
            continue
    return masters


def _master(pid: int, invocation: Invocation) -> CeleryMaster:
    environment, host = environment_of(pid), ""
    if own_number(pid) != pid:  # in a container, which has a name of its own
        host = environment.get("HOSTNAME", "")
    return CeleryMaster(identify(pid), invocation, environment, directory_of(pid), host)


def own_number(pid: int) -> int:
    """Return the pid by which a process knows itself: another one inside a container. Raises Gone, Unobservable."""
    for line in read_process_file(pid, "status").decode(errors="replace").splitlines():
        if line.startswith("NSpid:"):
            return int(line.split()[-1])
    return pid


def keys_of(processes: Iterable[ProcessStat]) -> ProcessKeys:
    return frozenset((stat.pid, stat.start_ticks) for stat in processes)


@dataclass(slots=True)
class PoolProcesses:
    """Tells the processes of a pool, and how many they are once that number stands.

    `others` are children of the main process that it does not count to its pool (an embedded beat).
    """

    told: dict[ProcessIdentity, int] = field(default_factory=dict)
    others: dict[ProcessIdentity, ProcessKeys] = field(default_factory=dict)

    def present(self, master: CeleryMaster) -> list[ProcessStat]:
        """Return the live pool processes, oldest first. Raises Gone if the main process ended, Unobservable."""
        check_alive(master.identity)
        others = self.others.get(master.identity, frozenset())
        found = [s for s in children_of(master.pid) if s.alive and (s.pid, s.start_ticks) not in others]
        return sorted(found, key=lambda stat: (stat.start_ticks, stat.pid))

    def standing(self, master: CeleryMaster) -> list[ProcessStat]:
        """Return them once their number is the one told last, or has stood for a moment. Raises Gone, Unobservable."""
        began = since = time.monotonic()
        present = self.present(master)
        while len(present) != self.told.get(master.identity) and time.monotonic() - since < STANDS_SECONDS:
            time.sleep(LOOK_AGAIN_SECONDS)
            before, present = len(present), self.present(master)
            since = since if len(present) == before else time.monotonic()
            if time.monotonic() - began > COUNTING_SECONDS:
                raise Unobservable(f"the processes of worker {master.pid} come and go; their number cannot be told now")
        self.told[master.identity] = len(present)
        return present

    def note(self, master: CeleryMaster, own_numbers: frozenset[int]) -> None:
        """Take in which processes the worker itself counts to its pool."""
        found = [stat for stat in children_of(master.pid) if stat.alive]
        strangers = [s for s in found if s.age_seconds > 1.0 and own_number(s.pid) not in own_numbers]
        self.others[master.identity] = keys_of(strangers)


def _workers() -> Iterator[tuple[int, tuple[ProcessStat, Invocation]]]:
    for pid in psutil.pids():
        try:
            invocation = invocation_of(read_command(pid))
            if invocation is not None and (stat := read_stat(pid)).alive:
                yield pid, (stat, invocation)
        except Unobservable:
            continue


def _titled_options(words: str) -> WorkerOptions:
    try:
        return worker_options(shlex.split(words)) or WorkerOptions()
    except ValueError:
        return WorkerOptions()


def _is_module(name: str) -> bool:
    return name in {"celery", "celery.__main__"}


def _is_script(path: PurePath) -> bool:
    return path.parts[-2:] == ("celery", "__main__.py") or _SCRIPT.fullmatch(path.name) is not None
