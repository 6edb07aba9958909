"""Speaking to supervisord: its XML-RPC over the Unix socket or the port that `supervisorctl` uses."""

import base64
import contextlib
import http.client
import socket
import xmlrpc.client
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...domain import Refused, Unobservable

SECONDS = 5.0
LIVE = frozenset({"STARTING", "RUNNING"})
ON_THEIR_WAY = frozenset({"STOPPING"})  # told to go, and there until they have gone
FAILED = frozenset(
    {"BACKOFF", "FATAL", "UNKNOWN"}
)  # supervisor/states.py: it tries again, it gave up, it does not know
NOT_RUNNING, ALREADY_STARTED, ALREADY_ADDED, BAD_NAME, STILL_RUNNING = (
    70,
    60,
    90,
    10,
    91,
)  # supervisor/xmlrpc.py, Faults
UNIX = "unix://"


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """A process as supervisord sees it; `pid` is 0 where none runs, `started` in whole Unix seconds."""

    group: str
    name: str
    state: str
    pid: int
    started: int

    @property
    def live(self) -> bool:
        return self.state in LIVE and self.pid > 0

    @property
    def full_name(self) -> str:
        return f"{self.group}:{self.name}"


@dataclass(frozen=True, slots=True)
class SupervisorRpc:
    """One supervisord. Each call opens a connection of its own. `url` is `unix:///path` or `http://host:port`."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    def pid(self) -> int:
        return int(self._call("getPID"))

    def version(self) -> str:
        return str(self._call("getSupervisorVersion"))

    def processes(self) -> list[ProcessInfo]:
        """Return all processes of all groups. Raises Unobservable."""
        return [_info(each) for each in self._call("getAllProcessInfo")]

    def start(self, full_name: str) -> None:
        """Start one process, and return at once. Raises Refused (it cannot be started), Unobservable."""
        self._call("startProcess", full_name, False, done=ALREADY_STARTED)

    def stop(self, full_name: str) -> None:
        """Tell one process to go by its own signal, and return at once. Raises Refused, Unobservable."""
        self._call("stopProcess", full_name, False, done=NOT_RUNNING)

    def reread(self) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
        """Make it read its files; return the groups added, changed and removed there. None is touched by that.

        Raises Refused where a file is wrong, Unobservable.
        """
        ((added, changed, removed),) = self._call("reloadConfig")
        return added, changed, removed

    def add_group(self, name: str) -> None:
        self._call("addProcessGroup", name, done=ALREADY_ADDED)

    def remove_group(self, name: str) -> None:
        """Forget a group without running processes. Raises Refused (they run), Unobservable."""
        self._call("removeProcessGroup", name, done=BAD_NAME)

    def _call(self, method: str, *arguments: object, done: int = 0) -> Any:
        """Call `supervisor.METHOD`; the fault `done` means that it is so already."""
        with self._server() as server:
            try:
                return getattr(server.supervisor, method)(*arguments)
            except xmlrpc.client.Fault as fault:
                if fault.faultCode == done:
                    return None
                raise Refused(
                    f"supervisord refuses {method} {' '.join(map(str, arguments))}: {fault.faultString}"
                ) from fault
            except xmlrpc.client.ProtocolError as error:
                raise Unobservable(f"supervisord at {self.url} answers {error.errcode} {error.errmsg}") from error
            except (OSError, http.client.HTTPException, ValueError, xmlrpc.client.Error) as error:
                raise Unobservable(f"supervisord at {self.url} does not answer: {error}") from error

    @contextlib.contextmanager
    def _server(self) -> Iterator[xmlrpc.client.ServerProxy]:
        path = self.url.removeprefix(UNIX) if self.url.startswith(UNIX) else ""
        told = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        headers = [("Authorization", f"Basic {told}")] if self.username else []
        uri = "http://localhost/RPC2" if path else f"{self.url.rstrip('/')}/RPC2"
        with xmlrpc.client.ServerProxy(uri, transport=_Transport(path, headers)) as server:
            yield server


class _Transport(xmlrpc.client.Transport):
    """HTTP over a Unix socket where there is a `path`; neither waits for ever."""

    def __init__(self, path: str, headers: Sequence[tuple[str, str]]) -> None:
        super().__init__(headers=headers)
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        name = host[0] if isinstance(host, tuple) else host
        connection = _UnixConnection(self._path) if self._path else http.client.HTTPConnection(name, timeout=SECONDS)
        self._connection = host, connection
        return connection


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self._path)


def _info(found: dict[str, Any]) -> ProcessInfo:
    return ProcessInfo(
        group=str(found["group"]),
        name=str(found["name"]),
        state=str(found["statename"]),
        pid=int(found["pid"]),
        started=int(found["start"]),
    )
