"""One step of a group towards another number of processes: one process is started or told to go, no other is touched."""

from collections.abc import Sequence

from ...domain import Refused
from .fragment import Fragment
from .groups import Group
from .rpc import FAILED, ON_THEIR_WAY, ProcessInfo

STOPPED = frozenset({"STOPPED"})


def step(group: Group, to: int) -> None:
    """Make one step; nothing while a process is still on its way out. Raises Refused, Unobservable.

    | more                                       | fewer                                                   |
    |--------------------------------------------|---------------------------------------------------------|
    | a process of the group that was stopped    | a process beyond the group's own, the last one added    |
    | else one beyond its own, in a file of ours | else one of its own, the last by name                   |
    """
    tidy(group, to)
    live = len(group.live)
    if to == live or any(info.state in ON_THEIR_WAY for info in group.all):
        return
    if to > live:
        _more(group)
    else:
        _fewer(group)


def tidy(group: Group, to: int | None = None) -> None:
    """Forget what was added, has ended, and stands in no file any more; where no more than `to` processes are wanted, also
    what was added and does not come up.
    """
    fragment = group.fragment
    if isinstance(fragment, str) or not group.further:
        return
    kept = fragment.numbers()
    dead = [number for number, info in group.further.items() if not info.live and info.state not in ON_THEIR_WAY]
    unwanted = [number for number in dead if to is not None and len(group.live) >= to and number in kept]
    if unwanted:
        fragment.write([number for number in kept if number not in unwanted])
        for number in unwanted:
            group.rpc.stop(group.further[number].full_name)  # one that is tried again and again is ended
    for number in dead:
        if number not in kept:
            group.rpc.remove_group(fragment.name(number))


def why_no_more(group: Group) -> str:
    """Return why a process cannot be added beyond the group's own, '' where one can."""
    return group.fragment if isinstance(group.fragment, str) else ""


def _more(group: Group) -> None:
    failed = [info for info in group.all if info.state in FAILED]
    if failed:
        raise Refused(f"{failed[0].full_name} is {failed[0].state}: look at its log before more are started")
    stopped = _stopped(group.own)
    if stopped:
        group.rpc.start(stopped[0].full_name)
        return
    if isinstance(group.fragment, str):
        raise Refused(f"there is none to start, and none can be added: {group.fragment}")
    _add(group, group.fragment)


def _add(group: Group, fragment: Fragment) -> None:
    """Write one more into the file, let supervisord read its files, and add that very group: no other change is applied."""
    kept = fragment.numbers()
    number = next(each for each in range(_first(group), _first(group) + len(kept) + 1) if each not in kept)
    name = fragment.name(number)
    fragment.write([*kept, number])
    try:
        group.rpc.reread()
        group.rpc.add_group(name)  # refused where supervisord has not seen it
        waiting = [info for info in group.rpc.processes() if info.group == name and info.state in STOPPED]
        for info in waiting:  # of a program without autostart
            group.rpc.start(info.full_name)
    except Refused:
        fragment.write(kept)
        raise


def _first(group: Group) -> int:
    """Return the number that the first process beyond the group's own gets."""
    program = group.program
    if program is None:
        return len(group.own)
    return (program.number("numprocs_start", 0) or 0) + (program.number("numprocs", 1) or 1)


def _fewer(group: Group) -> None:
    live = [number for number, info in group.further.items() if info.live]
    if live and isinstance(group.fragment, Fragment):
        last = live[-1]
        # The file first: what a restart would bring back is gone before the process is.
        group.fragment.write([number for number in group.fragment.numbers() if number != last])
        group.rpc.stop(group.further[last].full_name)
        return
    running = [info for info in group.own if info.live]
    group.rpc.stop(running[-1].full_name)


def _stopped(infos: Sequence[ProcessInfo]) -> list[ProcessInfo]:
    return [info for info in infos if info.state in STOPPED]
