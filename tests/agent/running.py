"""An agent in this process, over simulated plugins, at a socket of its own."""

import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from os import geteuid
from pathlib import Path

import msgspec

from plugin_optimizer.agent.client import AgentClient
from plugin_optimizer.agent.frames import read_frame, write_frame
from plugin_optimizer.agent.listener import listener
from plugin_optimizer.agent.messages import MOST_ANSWER_BYTES, Hello
from plugin_optimizer.agent.remote import RemoteActuator, RemoteTouchpoint
from plugin_optimizer.agent.seal import make_key
from plugin_optimizer.agent.server import AgentServer
from plugin_optimizer.agent.service import Service
from plugin_optimizer.agent.stop_flag import stop_flag
from plugin_optimizer.domain import Knob, Plugin
from plugin_optimizer.execute.actuator import LocalActuator
from plugin_optimizer.execute.fences import FenceFiles
from plugin_optimizer.execute.holders import held_long
from plugin_optimizer.testing.simulated import SimulatedPlugin, SimulatedTouchpoint

ORDERS = Plugin("orders", "simulated", {"bind": "127.0.0.1:1"})
ANSWER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """What a test may touch: the agent's files, the server, and the plugin that would be turned."""

    directory: Path
    server: AgentServer
    simulated: SimulatedPlugin
    client: AgentClient

    @property
    def touchpoint(self) -> RemoteTouchpoint:
        return RemoteTouchpoint("simulated", self.client)

    @property
    def actuator(self) -> RemoteActuator:
        return RemoteActuator(self.client)

    @property
    def socket_path(self) -> Path:
        return self.client.socket_path


@contextmanager
def directory_for_sockets() -> Iterator[Path]:
    """A short path: a Unix socket's holds 107 bytes."""
    made = Path(tempfile.mkdtemp(prefix="agt-"))
    try:
        yield made
    finally:
        shutil.rmtree(made)


@contextmanager
def agent(directory: Path, workers: int = 2, user_ids: frozenset[int] | None = None) -> Iterator[Running]:
    """Run an agent over the files of `directory` (an earlier agent's may lie there)."""
    simulated = SimulatedPlugin(ORDERS, {"workers": Knob("workers", workers, 1, 16, kind="workers")})
    touchpoint = SimulatedTouchpoint({"orders": simulated})
    actuator = LocalActuator(FenceFiles(directory / "fences"), stop_flag(directory))
    path = directory / "agent" / "agent.sock"
    key = make_key(directory / "agent.key")
    service = Service({"simulated": touchpoint}, actuator, partial(held_long, directory / "fences"))
    server = AgentServer(listener(path, geteuid()), key, user_ids or frozenset({geteuid()}), service.answer)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield Running(directory, server, simulated, AgentClient(path, directory / "agent.key", frozenset({geteuid()})))
    finally:
        server.stop()
        thread.join(30)
        server.listener.close()
        path.unlink(missing_ok=True)


@contextmanager
def connected(running: Running) -> Iterator[tuple[socket.socket, str]]:
    """Yield a connection and the challenge that its messages have to repeat."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_SECONDS)
        connection.connect(str(running.socket_path))
        frame = read_frame(connection, MOST_ANSWER_BYTES, ANSWER_SECONDS)
        assert frame is not None
        yield connection, msgspec.json.decode(frame[1], type=Hello).challenge


def answered(connection: socket.socket, send: Callable[[socket.socket], None]) -> bool:
    """Tell whether anything came back before the agent closed the connection."""
    try:
        send(connection)
        connection.shutdown(socket.SHUT_WR)
        return read_frame(connection, MOST_ANSWER_BYTES, ANSWER_SECONDS) is not None
    except (ConnectionResetError, BrokenPipeError):
        return False


def framed(seal: bytes, payload: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: write_frame(connection, seal, payload)
