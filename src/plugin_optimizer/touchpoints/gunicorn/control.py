"""gunicorn's control socket (25.1 and later), spoken directly: 4 bytes of length, big-endian, then JSON."""

import contextlib
import json
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...domain import Refused, Unobservable
from .process import Master
from .settings import GunicornSettings
from .version import Version

FIRST_VERSION: Version = (25, 1)
ANSWER_SECONDS = 5.0
# The master closes its socket while it forks and opens it again; a look in between finds nobody.
FORK_SECONDS = 0.6
LARGEST_ANSWER_BYTES = 1 << 20
_LENGTH = struct.Struct(">I")
_PEER = struct.Struct("3i")  # SO_PEERCRED: pid, uid, gid
_LISTENING = 0x10000  # __SO_ACCEPTCON, the flag in /proc/net/unix


class Unreachable(Unobservable):
    """Nobody listens there: nothing was sent."""


class NotItsSocket(Refused):
    """Another master listens there: nothing was sent."""


@dataclass(frozen=True, slots=True)
class Stats:
    """`show stats`: `target` is the number of workers the master wants, `reloads` how often it got HUP."""

    target: int
    current: int
    reloads: int


@dataclass(frozen=True, slots=True)
class ControlSocket:
    """The control socket of one master. All masters of a user share one default path, so each connection is
    checked to end at the right process.
    """

    path: str
    master_pid: int

    def stats(self) -> Stats:
        """Raises Unreachable, NotItsSocket, Unobservable (the answer got lost), Refused (not a control socket)."""
        answer = self._ask_patiently("show stats")
        try:
            return Stats(int(answer["workers_target"]), int(answer["workers_current"]), int(answer.get("reloads") or 0))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(f"{self.path} answers `show stats` with {answer}, without counts of workers") from error

    def config(self) -> Mapping[str, Any]:
        """Return the settings in force that gunicorn shows, by its names. Raises as `stats` does."""
        return self._ask_patiently("show config")

    def add_worker(self) -> None:
        """Raises Unreachable, Refused (nothing happened), Unobservable (it may have happened: look)."""
        self._ask("worker add 1")

    def remove_worker(self) -> None:
        """Like `add_worker`; gunicorn itself never goes below 1."""
        self._ask("worker remove 1")

    def _ask_patiently(self, command: str) -> Mapping[str, Any]:
        """Ask something harmless, again and again while the master is forking."""
        deadline = time.monotonic() + FORK_SECONDS
        while True:
            try:
                return self._ask(command)
            except Unobservable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _ask(self, command: str) -> Mapping[str, Any]:
        with self._connected() as connection:
            try:
                payload = json.dumps({"id": 1, "command": command}).encode()
                connection.sendall(_LENGTH.pack(len(payload)) + payload)
                return _checked(command, _read_answer(connection))
            except OSError as error:
                raise Unobservable(f"the answer to `{command}` got lost at {self.path}: {error}") from error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(self.path)
                credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
            except OSError as error:
                raise Unreachable(f"nobody answers at {self.path}: {error}") from error
            listener: int = _PEER.unpack(credentials)[0]
            if listener != self.master_pid:
                raise NotItsSocket(f"{self.path} belongs to process {listener}, not to the master {self.master_pid}")
            yield connection


def _read_answer(connection: socket.socket) -> Any:
    (length,) = _LENGTH.unpack(_read_exactly(connection, _LENGTH.size))
    if length > LARGEST_ANSWER_BYTES:
        raise Refused(f"an answer of {length} bytes is not one of a control socket")
    try:
        return json.loads(_read_exactly(connection, length))
    except ValueError as error:
        raise Refused(f"the answer is not JSON: {error}") from error


def _read_exactly(connection: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length:
        part = connection.recv(length - len(content))
        if not part:
            raise ConnectionResetError("closed before the answer was complete")
        content += part
    return content


def _checked(command: str, answer: Any) -> Mapping[str, Any]:
    """Return the data; an error comes in two shapes, one of which calls itself `ok`."""
    if not isinstance(answer, dict) or answer.get("status") != "ok":
        error = answer.get("error") if isinstance(answer, dict) else answer
        raise Refused(f"gunicorn declined `{command}`: {error}")
    found = answer.get("data")
    if not isinstance(found, dict) or found.get("success") is False:
        raise Refused(f"gunicorn declined `{command}`: {found}")
    return found


def find_control_socket(master: Master, settings: GunicornSettings, version: Version | None) -> ControlSocket | None:
    """Return the socket at which this master answers `show stats`; None where there is none we may use."""
    if version is None or version < FIRST_VERSION or settings.control_socket is None:
        return None
    for path in dict.fromkeys([*_configured_paths(master, settings), *_listening_paths(master, settings)]):
        found = ControlSocket(path, master.pid)
        with contextlib.suppress(Unobservable, Refused):
            found.stats()
            return found
    return None


def _configured_paths(master: Master, settings: GunicornSettings) -> Iterator[str]:
    """Yield where it says it listens, else where gunicorn does by default."""
    if settings.control_socket:
        yield str((master.directory or Path("/")) / settings.control_socket)
        return
    runtime, home = master.environment.get("XDG_RUNTIME_DIR"), master.environment.get("HOME")
    if runtime:
        yield f"{runtime}/gunicorn.ctl"
    if home:
        yield f"{home}/.gunicorn/gunicorn.ctl"


def _listening_paths(master: Master, settings: GunicornSettings) -> Iterator[str]:
    """Yield the Unix sockets on which the master listens and which are not for requests."""
    own = _socket_inodes(master.pid)
    requests = {bind.removeprefix("unix:") for bind in settings.binds if bind.startswith("unix:")}
    try:
        lines = Path(f"/proc/{master.pid}/net/unix").read_text().splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split(maxsplit=7)
        if len(fields) == 8 and int(fields[3], 16) & _LISTENING and fields[6] in own and fields[7] not in requests:
            yield str((master.directory or Path("/")) / fields[7])


def _socket_inodes(pid: int) -> frozenset[str]:
    try:
        targets = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return frozenset()
    return frozenset(target[len("socket:[") : -1] for target in targets if target.startswith("socket:["))
