"""An agent on another host: asked over TCP or TLS, known by the key alone, and left in peace for a while where it does not answer."""

import socket
import time
from dataclasses import dataclass, field

from ..domain import ConfigError, Refused
from .client import AgentAbsent, AgentClient
from .encryption import Wrap, plain
from .frames import read_frame
from .greeting import Acquainted, met_elsewhere
from .messages import MOST_ANSWER_BYTES
from .seal import read_key

CONNECT_SECONDS = 3.0
REST_SECONDS = 5.0  # a turn asks many things; each would wait for a link that is cut
BACKLOG = 16


@dataclass(frozen=True, slots=True)
class NetworkClient(AgentClient):
    """Like its base, at `host` and `port`. What passes is sealed, and encrypted where `encrypt` does so. Thread-safe."""

    host: str = ""
    port: int = 0
    encrypt: Wrap = plain
    _absent: dict[str, tuple[float, str]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    def _socket(self) -> socket.socket:
        return self.encrypt(socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM))

    def _connect(self, connection: socket.socket) -> tuple[bytes, Acquainted]:
        until, why = self._absent.get(self.place, (0.0, ""))
        if time.monotonic() < until:
            raise AgentAbsent(why)
        try:
            key = read_key(self.key_path)
            connection.settimeout(CONNECT_SECONDS)
            connection.connect((self.host, self.port))
            frame = read_frame(connection, MOST_ANSWER_BYTES, CONNECT_SECONDS)
            if frame is None:
                raise ConnectionResetError("it closed the connection")
            return key, met_elsewhere(key, frame)
        except (OSError, Refused, ConfigError) as error:
            why = f"no agent can be asked at {self.place} ({error}); run `plugin-optimizer agent` there"
            self._absent[self.place] = (time.monotonic() + REST_SECONDS, why)
            raise AgentAbsent(why) from error


def network_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises ConfigError."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        made = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConfigError(f"the agent cannot listen at {host}:{port}: {error.strerror}") from error
    return made


def address_of(text: str) -> tuple[str, int]:
    """Return host and port. Raises ConfigError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65_535:
        raise ConfigError(f"agent.address is {text!r}; expected HOST:PORT, for example 10.0.0.2:7443")
    return host.strip("[]"), int(port)
