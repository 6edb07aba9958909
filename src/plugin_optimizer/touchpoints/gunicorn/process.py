"""Finding gunicorn's masters among the processes of this host, and the workers of one."""

import re
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import psutil

from ...domain import Gone, Unobservable
from ..process_identity import ProcessIdentity, ProcessStat, catches, identify, read_command, read_stat
from ..process_tree import check_alive, children_of, directory_of, environment_of
from ..python_command import arguments_of

# A younger child may still be a fork about to become something else (a hook that runs a program).
SETTLED_SECONDS = 0.1
_TITLE = re.compile(r"gunicorn: ([\w-]+)(?: \[(.*)\])?\s*")
_SCRIPT = re.compile(r"gunicorn[\d.]*")


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a gunicorn process was called. With a process title (setproctitle) only `role` and `title` are known."""

    arguments: tuple[str, ...] | None
    role: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Master:
    """A gunicorn master. `environment` is empty and `directory` None where we may not look (another user's)."""

    identity: ProcessIdentity
    invocation: Invocation
    environment: Mapping[str, str]
    directory: Path | None

    @property
    def pid(self) -> int:
        return self.identity.pid


def invocation_of(command: Sequence[str]) -> Invocation | None:
    """Return how gunicorn was called; None for every other program."""
    if not command:
        return None
    titled = _TITLE.fullmatch(" ".join(command))
    if titled:
        return Invocation(None, titled[1], titled[2] or "")
    arguments = arguments_of(command, _is_module, _is_script)
    return None if arguments is None else Invocation(arguments)


def _is_module(name: str) -> bool:
    return name == "gunicorn" or name.startswith("gunicorn.app.")


def _is_script(path: PurePath) -> bool:
    """`python -m gunicorn` becomes `python …/gunicorn/__main__.py` when USR2 executes it again."""
    in_package = path.parts[-2:] == ("gunicorn", "__main__.py") or path.parts[-2:] == ("app", "wsgiapp.py")
    return in_package or _SCRIPT.fullmatch(path.name) is not None


def find_masters() -> list[Master]:
    """Return the gunicorn masters we can see, by pid. Not among them: workers, and what USR2 has started beside its
    still living parent.
    """
    found = dict(_gunicorns())
    masters = []
    for pid, (stat, invocation) in sorted(found.items()):
        parent = found.get(stat.parent_pid)
        if invocation.role not in ("", "master") or (parent and _belongs_to(pid, invocation, parent[0], parent[1])):
            continue
        try:
            if _serves_as_master(pid):
                masters.append(master_at(pid))
        except Unobservable:
            continue
    return masters


def master_at(pid: int) -> Master:
    """Return the master that runs at `pid`. Raises Gone (also when something else runs there), Unobservable."""
    identity = identify(pid)
    invocation = invocation_of(identity.command)
    if invocation is None or invocation.role not in ("", "master"):
        raise Gone(f"process {pid} is not a gunicorn master")
    return Master(identity, invocation, environment_of(pid), directory_of(pid))


def workers_of(master: Master) -> list[ProcessStat]:
    """Return the live worker processes, oldest first. Raises Gone if the master ended, Unobservable."""
    return settled(present_workers(master))


def present_workers(master: Master) -> list[ProcessStat]:
    """Return the live workers with those just forked, oldest first. Raises Gone, Unobservable."""
    check_alive(master.identity)
    workers = [stat for stat in children_of(master.pid) if stat.alive and _is_worker(stat.pid, master)]
    return sorted(workers, key=lambda stat: (stat.start_ticks, stat.pid))


def settled(workers: Iterable[ProcessStat]) -> list[ProcessStat]:
    return [stat for stat in workers if stat.age_seconds >= SETTLED_SECONDS]


def _gunicorns() -> Iterator[tuple[int, tuple[ProcessStat, Invocation]]]:
    for pid in psutil.pids():
        try:
            invocation = invocation_of(read_command(pid))
            if invocation is not None and (stat := read_stat(pid)).alive:
                yield pid, (stat, invocation)
        except Unobservable:
            continue


def _belongs_to(pid: int, invocation: Invocation, parent: ProcessStat, parents: Invocation) -> bool:
    return invocation == parents or _re_executed_by(pid, parent.pid)


def _re_executed_by(pid: int, parent_pid: int) -> bool:
    """Tell whether USR2 made it: gunicorn hands the old master's pid on (gunicorn.arbiter, reexec)."""
    return environment_of(pid).get("GUNICORN_PID") == str(parent_pid)


def _serves_as_master(pid: int) -> bool:
    """Tell a master from a worker whose master was killed: workers give HUP back to the kernel when they start."""
    return catches(pid, signal.SIGHUP) and catches(pid, signal.SIGTTIN)


def _is_worker(pid: int, master: Master) -> bool:
    try:
        invocation = invocation_of(read_command(pid))
        if invocation is None or invocation.role not in ("", "worker") or _re_executed_by(pid, master.pid):
            return False
        return invocation.role == "worker" or (invocation == master.invocation and not _leads_others(pid, invocation))
    except Gone:
        return False


def _leads_others(pid: int, invocation: Invocation) -> bool:
    """Tell whether it is a master of another kind (gunicorn's *dirty* arbiter), with the same command line."""
    if not catches(pid, signal.SIGHUP):
        return False
    return any(invocation_of(read_command(child.pid)) == invocation for child in children_of(pid) if child.alive)
