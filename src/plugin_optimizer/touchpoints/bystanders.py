"""What runs on this host that people know by name and no touchpoint turns: servers, units of systemd, containers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import psutil

from ..domain import Unobservable
from .process_identity import ProcessStat, read_command, read_process_file, read_stat

PROGRAMS = {
    **{
        name: name
        for name in ("uvicorn", "hypercorn", "granian", "daphne", "celery", "rq", "dramatiq", "huey_consumer")
    },
    **dict.fromkeys(("uwsgi", "uwsgi-core"), "uwsgi"),
    **dict.fromkeys(("supervisord", "supervisord3"), "supervisord"),
}
PYTHON = re.compile(r"(python|pypy)[\d.]*")
CONTAINER = re.compile(r"(?:docker|cri-containerd|crio|libpod)?[-/]?([0-9a-f]{64})(?:\.scope)?$")
HOUSEKEEPING = re.compile(r"(systemd-|user@|getty@|serial-getty@|dbus|init\b|ssh|cron|rsyslog|polkit)")
SHOWN_ID = 12  # characters of a container's id, as its own tools show it


@dataclass(frozen=True, slots=True)
class Bystander:
    """`kind` is what it is (`uvicorn`, `systemd`, `container`…), `name` what tells it from others of its kind."""

    kind: str
    name: str
    pid: int
    command: tuple[str, ...]


def bystanders() -> list[Bystander]:
    """Return them by kind and name; of servers with several processes the first. What we may not read is left out."""
    processes = dict(_processes())
    found = {(one.kind, one.name): one for one in (*_servers(processes), *_groups(processes))}
    return [found[key] for key in sorted(found)]


def _processes() -> Iterator[tuple[int, tuple[ProcessStat, tuple[str, ...]]]]:
    for pid in psutil.pids():
        try:
            stat, command = read_stat(pid), read_command(pid)
        except Unobservable:
            continue
        if stat.alive and command and not stat.kernel_thread:
            yield pid, (stat, command)


def _servers(processes: dict[int, tuple[ProcessStat, tuple[str, ...]]]) -> Iterator[Bystander]:
    kinds = {pid: kind_of(command) for pid, (_, command) in processes.items()}
    for pid, (stat, command) in processes.items():
        kind = kinds[pid]
        if kind is not None and kinds.get(stat.parent_pid) != kind:
            yield Bystander(kind, f"pid {pid}", pid, command)


def kind_of(command: Sequence[str]) -> str | None:
    """Return which known program a command line runs, directly or by Python; None for any other."""
    words = [PurePath(word).name for word in command[:4]]
    if not words:
        return None
    if PYTHON.fullmatch(words[0]):
        rest = [word for word in command[1:4] if not word.startswith("-") or word == "-m"]
        words = (
            [PurePath(rest[1]).name]
            if rest[:1] == ["-m"] and len(rest) > 1
            else [PurePath(rest[0]).name]
            if rest
            else []
        )
    return PROGRAMS.get(words[0].split(".")[0]) if words else None


def _groups(processes: dict[int, tuple[ProcessStat, tuple[str, ...]]]) -> Iterator[Bystander]:
    for pid, (_, command) in processes.items():
        for part in _parts(pid):
            container = CONTAINER.search(part)
            if container is not None:
                yield Bystander("container", container[1][:SHOWN_ID], pid, command)
            elif part.endswith(".service") and not HOUSEKEEPING.match(part):
                yield Bystander("systemd", part, pid, command)


def _parts(pid: int) -> set[str]:
    """Return the names of the groups that a process is in, in every hierarchy."""
    try:
        lines = read_process_file(pid, "cgroup").decode(errors="replace").splitlines()
    except Unobservable:
        return set()
    return {part for line in lines for part in line.split(":", 2)[-1].split("/") if part}
