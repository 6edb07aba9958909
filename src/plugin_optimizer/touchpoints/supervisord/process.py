"""Finding supervisords among the processes of this host."""

import re
from collections.abc import Sequence

import psutil

from ...domain import Unobservable
from ..gunicorn.process import Invocation, Master
from ..process_identity import identify, read_command, read_stat
from ..process_tree import directory_of, environment_of
from ..python_command import arguments_of

_SCRIPT = re.compile(r"supervisord[\d.]*")


def invocation_of(command: Sequence[str]) -> Invocation | None:
    """Return how supervisord was called; None for every other program."""
    arguments = arguments_of(
        command, lambda name: name == "supervisor.supervisord", lambda path: _SCRIPT.fullmatch(path.name) is not None
    )
    return None if arguments is None else Invocation(arguments)


def find_supervisords() -> list[Master]:
    """Return the supervisords we can see, by pid."""
    found = []
    for pid in sorted(psutil.pids()):
        try:
            invocation = invocation_of(read_command(pid))
            if invocation is not None and read_stat(pid).alive:
                found.append(Master(identify(pid), invocation, environment_of(pid), directory_of(pid)))
        except Unobservable:
            continue
    return found
