"""What uWSGI's stats server tells (`--stats ADDRESS`): one JSON document for each connection, over TCP, HTTP or a Unix socket."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...domain import Unobservable

SECONDS = 3.0
MOST_BYTES = 16_000_000
MICROSECONDS = 1e6
HTTP = "http://"
WAITING_STATES = frozenset({"idle", "cheap", "pause"})


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """One slot for a worker; `pid` is 0 where none runs in it. `running_seconds` is the time inside its finished requests, in all;
    counters go on when another process takes the slot.
    """

    number: int
    pid: int
    status: str
    requests: int
    exceptions: int
    harakiris: int
    running_seconds: float
    spawned: int
    slots: int
    busy_slots: int


@dataclass(frozen=True, slots=True)
class UwsgiStats:
    """`pid` is the master's, as it knows itself. Its own `listen_queue` is not here: it stays where it was after traffic has
    stopped, and is always 0 for Unix sockets (unbit/uwsgi #2709); the kernel is asked instead.
    """

    pid: int
    version: str
    workers: Sequence[WorkerStats]

    @property
    def pids(self) -> frozenset[int]:
        """Return who runs, those that were told to go included."""
        return frozenset(worker.pid for worker in self.workers if worker.pid)

    def total(self, name: str) -> float:
        return float(sum(getattr(worker, name) for worker in self.workers))


def read_stats(address: str) -> UwsgiStats:
    """Ask a stats server: `host:port`, `/path`, with `http://` before it where it waits for a question (`--stats-http`).

    Raises Unobservable.
    """
    try:
        with _connect(address.removeprefix(HTTP)) as connection:
            if address.startswith(HTTP):
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            text = _read(connection)
        return _parsed(json.loads(_body(text)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unobservable(f"the stats server at {address} does not answer: {error}") from error


def _connect(address: str) -> socket.socket:
    """Connect as the address says: `/path`, `host:port`, `:port`; Linux' abstract names begin with `@`."""
    if address.startswith(("/", "./", "@")) or ":" not in address:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(SECONDS)
        try:
            connection.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = address.rpartition(":")
    reached = "127.0.0.1" if host in ("", "0.0.0.0", "*") else host.strip("[]")  # noqa: S104 - read, not bound to
    return socket.create_connection((reached, int(port)), SECONDS)


def _read(connection: socket.socket) -> bytes:
    connection.settimeout(SECONDS)
    parts, size = [], 0
    while part := connection.recv(65536):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES} bytes")
    return b"".join(parts)


def _body(text: bytes) -> bytes:
    return text.partition(b"\r\n\r\n")[2] if text.startswith(b"HTTP/") else text


def _parsed(found: Mapping[str, Any]) -> UwsgiStats:
    return UwsgiStats(int(found["pid"]), str(found["version"]), [_worker(each) for each in found["workers"]])


def _worker(found: Mapping[str, Any]) -> WorkerStats:
    cores = found.get("cores", [])
    busy = sum(1 for core in cores if core.get("in_request"))
    status = str(found["status"])
    return WorkerStats(
        number=int(found["id"]),
        pid=int(found["pid"]),
        status=status,
        requests=int(found["requests"]),
        exceptions=int(found["exceptions"]),
        harakiris=int(found.get("harakiri_count", 0)),
        running_seconds=int(found["running_time"]) / MICROSECONDS,
        spawned=int(found["respawn_count"]),
        slots=max(1, len(cores)),
        busy_slots=busy if cores else int(status not in WAITING_STATES),
    )
