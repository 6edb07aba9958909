"""Finding uWSGIs among the processes of this host, and the workers of one."""

import re
from collections.abc import Collection, Sequence
from pathlib import PurePath

import psutil

from ...domain import Gone, Unobservable
from ..gunicorn.process import Invocation, Master
from ..process_identity import ProcessStat, identify, read_command, read_process_file, read_stat
from ..process_tree import check_alive, children_of, directory_of, environment_of
from ..python_command import arguments_of

_PROGRAM = re.compile(r"uwsgi(-core|_python[\d.]*|[\d.]*)?")
_TITLE = re.compile(r".*uWSGI (master|worker \d+|http \d+|mule \d+|spooler|Emperor)\b.*")
WORKER, MASTER = "worker", "master"


def invocation_of(command: Sequence[str]) -> Invocation | None:
    """Return how uWSGI was called, None for every other program. With a title (`auto-procname`) only `role` is known."""
    if not command:
        return None
    titled = _TITLE.fullmatch(" ".join(command))
    if titled:
        return Invocation(None, titled[1].partition(" ")[0])
    if _PROGRAM.fullmatch(PurePath(command[0]).name):
        return Invocation(tuple(command[1:]))
    arguments = arguments_of(command, lambda name: name == "pyuwsgi", lambda path: path.name == "pyuwsgi")
    return None if arguments is None else Invocation(arguments)


def find_uwsgis() -> list[Master]:
    """Return the uWSGIs we can see, by pid: of each family of processes with one command line the eldest."""
    calls: dict[int, tuple[ProcessStat, Invocation]] = {}
    for pid in psutil.pids():
        try:
            invocation = invocation_of(read_command(pid))
            if invocation is not None and (stat := read_stat(pid)).alive:
                calls[pid] = (stat, invocation)
        except Unobservable:
            continue
    found = []
    for pid, (stat, invocation) in sorted(calls.items()):
        parent = calls.get(stat.parent_pid)
        if invocation.role not in ("", MASTER) or (parent is not None and _is_child(invocation, parent[1])):
            continue
        try:
            found.append(uwsgi_at(pid))
        except Unobservable:
            continue
    return [master for master in found if not _leads_services(master)]


def _is_child(own: Invocation, parents: Invocation) -> bool:
    return own == parents or (own.arguments is None and not own.role)


def _leads_services(master: Master) -> bool:
    """Tell whether it is an Emperor, whose children are services of their own."""
    arguments = master.invocation.arguments or ()
    return any(word.partition("=")[0] == "--emperor" for word in arguments)


def uwsgi_at(pid: int) -> Master:
    """Return the uWSGI that runs at `pid`. Raises Gone (also when something else runs there), Unobservable."""
    identity = identify(pid)
    invocation = invocation_of(identity.command)
    if invocation is None:
        raise Gone(f"process {pid} is not a uWSGI")
    return Master(identity, invocation, environment_of(pid), directory_of(pid))


def life_of(master: Master) -> str:
    """Name this start of its program: a reload executes the same process anew and counts in `UWSGI_RELOADS`.

    Raises Gone, Unobservable.
    """
    check_alive(master.identity)
    reloads = environment_of(master.pid).get("UWSGI_RELOADS", "")
    return f"{master.pid}-{master.identity.start_ticks}-{int(reloads) + 1 if reloads.isdigit() else 0}"


def under_emperor(master: Master) -> bool:
    return "UWSGI_EMPEROR_FD" in master.environment


def workers_of_uwsgi(master: Master, told: Collection[int], others: Sequence[str]) -> list[ProcessStat]:
    """Return the live workers, oldest first. Raises Gone, Unobservable.

    `told` are the pids that the stats server names (as uWSGI knows them), empty where there is none; `others` are the options
    that start other processes, which only titles and the stats server tell from workers.
    """
    check_alive(master.identity)
    children = [child for child in children_of(master.pid) if child.alive]
    if told:
        workers = [child for child in children if own_number(child.pid) in told]
    else:
        calls = [(child, _called(child.pid)) for child in children]
        titled = [child for child, call in calls if call is not None and call.role == WORKER]
        alike = [child for child, call in calls if call == master.invocation]
        if others and not titled and alike:
            raise Unobservable(
                f"which of the processes of {master.pid} are workers cannot be told beside --{others[0]}; start it with --stats"
            )
        workers = titled or alike
    return sorted(workers, key=lambda stat: (stat.start_ticks, stat.pid))


def _called(pid: int) -> Invocation | None:
    try:
        return invocation_of(read_command(pid))
    except Unobservable:
        return None


def own_number(pid: int) -> int:
    """Return the pid by which a process knows itself: another one inside a container; 0 where it ended."""
    try:
        lines = read_process_file(pid, "status").decode(errors="replace").splitlines()
    except Unobservable:
        return 0
    return next((int(line.split()[-1]) for line in lines if line.startswith("NSpid:")), pid)
