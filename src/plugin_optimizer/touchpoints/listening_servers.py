"""Servers of this host by the name of their process, and the places where they listen."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePath

import psutil

from ..domain import Unobservable
from .process_identity import read_command, read_process_file, read_stat

TITLED = re.compile(r"(\*|[\d.]+|\[[0-9a-f:]+\]|localhost):(\d{1,5})")
MEMCACHED_PORT = 11211
EVERYWHERE = frozenset({"0.0.0.0", "::", "*", "localhost"})  # noqa: S104 - read, not bound to


@dataclass(frozen=True, slots=True)
class Listening:
    """A process and where it listens: TCP places as (host, port) that can be reached from here, and paths of Unix sockets.

    `elsewhere` says that it runs in a network of its own (a container): its ports are not those of this host.
    """

    pid: int
    name: str
    places: tuple[tuple[str, int], ...]
    paths: tuple[str, ...]
    elsewhere: bool


@dataclass(slots=True)
class ListeningServers:
    """Looks for processes by name. Remembers where each listens: who does so does not move."""

    names: Collection[str]
    known: dict[tuple[int, int], Listening] = field(default_factory=dict)  # by (pid, start tick)

    def find(self) -> list[Listening]:
        """Return them by pid; those that a server forked (to save) are left out. Raises Unobservable."""
        found: dict[tuple[int, int], Listening] = {}
        named = dict(_named(self.names))
        for pid, (start, parent) in named.items():
            if parent in named:
                continue
            seen = self.known.get((pid, start)) or _look(pid)
            if seen is not None and (seen.places or seen.paths or seen.elsewhere):
                found[pid, start] = seen
        self.known = found
        return sorted(found.values(), key=lambda server: server.pid)


def _named(names: Collection[str]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield pid, (start tick, parent's pid) of the live processes of these names."""
    for pid in psutil.pids():
        try:
            name = read_process_file(pid, "comm").decode(errors="replace").strip()
            if name not in names:
                continue
            stat = read_stat(pid)
        except Unobservable:
            continue
        if stat.alive:
            yield pid, (stat.start_ticks, stat.parent_pid)


def _look(pid: int) -> Listening | None:
    """Return where a process listens, None where it ended or may not be looked at."""
    try:
        process = psutil.Process(pid)
        name, elsewhere = process.name(), in_other_network(pid)
        connections = [] if elsewhere else process.net_connections("all")
    except psutil.AccessDenied:  # another user's process: what it says of itself has to do
        return _told(pid, name)
    except (psutil.Error, OSError):
        return None
    hosts: dict[int, str] = {}
    for host, port in sorted((c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN):
        hosts.setdefault(port, _reached(host))
    paths = {str(c.laddr) for c in connections if isinstance(c.laddr, str) and c.laddr.startswith("/")}
    places = tuple((host, port) for port, host in sorted(hosts.items()))
    return Listening(pid, name, places, tuple(sorted(paths)), elsewhere)


def _told(pid: int, name: str) -> Listening | None:
    try:
        places, paths = told_places(read_command(pid))
    except Unobservable:
        return None
    return Listening(pid, name, places, paths, elsewhere=False)


def told_places(command: Sequence[str]) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Return the places and paths that a command line names: Redis writes them into its title, memcached takes them as options.

    | command line                          | places             | paths         |
    |---------------------------------------|--------------------|---------------|
    | `redis-server *:6379 [cluster]`       | 127.0.0.1, 6379    |               |
    | `redis-server unixsocket:/run/r.sock` |                    | /run/r.sock   |
    | `memcached -l 10.0.0.5 -p 11212`      | 10.0.0.5, 11212    |               |
    | `memcached`                           | 127.0.0.1, 11211   |               |
    """
    words = " ".join(command).split()
    paths = tuple(word.removeprefix("unixsocket:") for word in words if word.startswith("unixsocket:"))
    titled = [match for word in words if (match := TITLED.fullmatch(word))]
    if titled or paths or not words or PurePath(words[0]).name != "memcached":
        return tuple((_reached(match[1].strip("[]")), int(match[2])) for match in titled), paths
    options = dict(pairwise(words))
    if "-s" in options:
        return (), (options["-s"],)
    port = options.get("-p", str(MEMCACHED_PORT))
    return ((_reached(options.get("-l", "*")), int(port) if port.isdigit() else MEMCACHED_PORT),), ()


def _reached(host: str) -> str:
    return "127.0.0.1" if host in EVERYWHERE or host.startswith("127.") else host


def in_other_network(pid: int) -> bool:
    """Tell whether a process lives in another network namespace than we do; False where that is hidden."""
    try:
        return Path(f"/proc/{pid}/ns/net").stat().st_ino != Path("/proc/self/ns/net").stat().st_ino
    except OSError:
        return False
