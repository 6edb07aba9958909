"""How many connections wait to be accepted, as the kernel has it.

Of a listening TCP socket `/proc/PID/net/tcp` shows the accept queue's length where others have bytes to be read (proc(5);
net/ipv4/tcp_ipv4.c, `get_tcp4_sock`). Of Unix sockets it is shown nowhere there, and then nothing is told.
"""

from collections.abc import Iterator
from pathlib import Path

from ...domain import Unobservable
from ..process_identity import read_process_file

LISTENING = "0A"


def waiting_connections(pid: int) -> int | None:
    """Return the sum over the TCP sockets that a process listens on; None where it has none, or we may not look."""
    inodes = set(_sockets(pid))
    queues = [length for inode, length in _listening(pid) if inode in inodes]
    return sum(queues) if queues else None


def _sockets(pid: int) -> Iterator[str]:
    try:
        entries = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for entry in entries:
        try:
            name = str(entry.readlink())
        except OSError:
            continue
        if name.startswith("socket:["):
            yield name[len("socket:[") : -1]


def _listening(pid: int) -> Iterator[tuple[str, int]]:
    """Yield inode and length of the accept queue of each listening socket in its network."""
    for table in ("net/tcp", "net/tcp6"):
        try:
            lines = read_process_file(pid, table).decode().splitlines()[1:]
        except Unobservable:
            continue
        for line in lines:
            fields = line.split()
            if len(fields) > 9 and fields[3] == LISTENING:
                yield fields[9], int(fields[4].partition(":")[2], 16)
