"""Finding uvicorns among the processes of this host, and the workers that one supervises."""

import signal
from collections.abc import Sequence

import psutil

from ...domain import Gone, Unobservable
from ..gunicorn.process import Invocation, Master
from ..process_identity import ProcessStat, catches, identify, read_command, read_stat
from ..process_tree import check_alive, children_of, directory_of, environment_of
from ..python_command import arguments_of

SPAWNED = "--multiprocessing-fork"  # a process that multiprocessing spawned (multiprocessing.spawn, get_command_line)


def invocation_of(command: Sequence[str]) -> Invocation | None:
    """Return how uvicorn was called; None for every other program.

    A program that calls `uvicorn.run` itself is not known by its command, and is not found.
    """
    arguments = arguments_of(command, lambda name: name == "uvicorn", lambda path: path.name == "uvicorn")
    return None if arguments is None else Invocation(arguments)


def find_uvicorns() -> list[Master]:
    """Return the uvicorns we can see, by pid: supervisors of workers, and those that serve alone."""
    found = []
    for pid in sorted(psutil.pids()):
        try:
            if invocation_of(read_command(pid)) is not None and read_stat(pid).alive:
                found.append(uvicorn_at(pid))
        except Unobservable:
            continue
    return found


def uvicorn_at(pid: int) -> Master:
    """Return the uvicorn that runs at `pid`. Raises Gone (also when something else runs there), Unobservable."""
    identity = identify(pid)
    invocation = invocation_of(identity.command)
    if invocation is None:
        raise Gone(f"process {pid} is not a uvicorn")
    return Master(identity, invocation, environment_of(pid), directory_of(pid))


def supervises(master: Master) -> bool:
    """Tell whether its number of workers can be changed by signals. Raises Gone.

    One that serves alone, or reloads itself, has no handler for TTIN: the signal would stop it.
    """
    return catches(master.pid, signal.SIGTTIN) and catches(master.pid, signal.SIGTTOU)


def workers_of_uvicorn(master: Master) -> list[ProcessStat]:
    """Return the live workers, oldest first; a uvicorn that serves alone is its own. Raises Gone, Unobservable."""
    own = check_alive(master.identity)
    workers = [child for child in children_of(master.pid) if child.alive and _is_spawned(child.pid)]
    if not workers and not supervises(master):
        return [own]
    return sorted(workers, key=lambda stat: (stat.start_ticks, stat.pid))


def option(master: Master, name: str, *others: str) -> str:
    """Return the value of an option from its command line, else from `UVICORN_NAME`; empty where it has none."""
    found = _values(master.invocation.arguments or (), {f"--{name}", *others})
    return found or master.environment.get(f"UVICORN_{name.upper().replace('-', '_')}", "")


def _values(arguments: Sequence[str], names: set[str]) -> str:
    value = ""
    for place, word in enumerate(arguments):
        flag, separator, given = word.partition("=")
        if word in names and place + 1 < len(arguments):
            value = arguments[place + 1]
        elif separator and flag in names:
            value = given
    return value


def _is_spawned(pid: int) -> bool:
    try:
        return SPAWNED in read_command(pid)
    except Gone:
        return False
