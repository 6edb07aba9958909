"""Asks the agent of this host. Whatever goes wrong on the way is Unobservable: nothing may be concluded from it."""

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from ..domain import (
    ConfigError,
    Gone,
    InvalidValue,
    NotFound,
    OptimizerError,
    Refused,
    Stale,
    UnderWay,
    Unobservable,
)
from .frames import read_frame, write_frame
from .greeting import Acquainted, met_here
from .messages import (
    LIFE_SECONDS,
    MOST_ANSWER_BYTES,
    AnyQuestion,
    Failed,
    Kinds,
    Request,
    Told,
)
from .peer import peer_user_id
from .seal import ANSWER, REQUEST, check_seal, read_key, seal

Result = TypeVar("Result")
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 30.0
ERRORS: dict[str, type[OptimizerError]] = {
    "gone": Gone,
    "unobservable": Unobservable,
    "refused": Refused,
    "not_found": NotFound,
    "invalid": InvalidValue,
}


class AgentAbsent(Unobservable):
    """No agent answers at the socket, or not the one that was meant. Nothing was asked."""


@dataclass(frozen=True, slots=True)
class AgentClient:
    """`user_ids` are the users the agent may run as: no other listener is told anything. Thread-safe."""

    socket_path: Path
    key_path: Path
    user_ids: frozenset[int]

    def ask(self, question: AnyQuestion, kind: type[Result], within_seconds: float = ANSWER_SECONDS) -> Result:
        """Return the answer. Raises AgentAbsent, Unobservable (it may have happened: look), and what the agent raised."""
        with self._socket() as connection:
            key, met = self._connect(connection)
            try:
                answer = _ask(connection, key, met, question, within_seconds)
            except (OSError, Refused) as error:
                raise Unobservable(f"the agent at {self.place} gave no answer: {error}") from error
        if isinstance(answer, Failed):
            raise _raised(answer)
        try:
            return msgspec.json.decode(answer.result, type=kind)
        except msgspec.MsgspecError as error:
            raise Unobservable(f"the agent's answer has not the form that was expected: {error}") from error

    @property
    def place(self) -> str:
        """Return where the agent is looked for."""
        return str(self.socket_path)

    def trouble(self) -> str | None:
        """Return why the agent cannot be used; None if it can."""
        try:
            self.ask(Kinds(), list[str])
        except OptimizerError as error:
            return str(error)
        return None

    def _socket(self) -> socket.socket:
        return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def _connect(self, connection: socket.socket) -> tuple[bytes, Acquainted]:
        """Return the key and what the agent said first. Raises AgentAbsent."""
        try:
            key = read_key(self.key_path)
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(os.fspath(self.socket_path))
            if peer_user_id(connection) not in self.user_ids:
                raise AgentAbsent(f"at {self.socket_path} listens user {peer_user_id(connection)}, not the agent's")
            frame = read_frame(connection, MOST_ANSWER_BYTES, CONNECT_SECONDS)
            if frame is None:
                raise AgentAbsent(f"the agent at {self.socket_path} does not talk to user {os.geteuid()}")
            return key, met_here(key, frame)
        except (OSError, Refused, ConfigError) as error:
            raise AgentAbsent(
                f"no agent can be asked at {self.socket_path} ({error}); run `plugin-optimizer agent` on this host"
            ) from error


def _ask(
    connection: socket.socket, key: bytes, met: Acquainted, question: AnyQuestion, within_seconds: float
) -> Told | Failed:
    request = Request(met.challenge, 1, secrets.token_hex(16), met.boot_id, met.now + LIFE_SECONDS, question)
    payload = msgspec.json.encode(request)
    given = seal(key, REQUEST, payload)
    write_frame(connection, given, payload)
    frame = read_frame(connection, MOST_ANSWER_BYTES, within_seconds)
    if frame is None:
        raise Refused("it closed the connection; its log says why")
    check_seal(key, ANSWER + given, frame[1], frame[0])
    answer: Told | Failed = msgspec.json.decode(frame[1], type=Told | Failed)
    return answer


def _raised(answer: Failed) -> OptimizerError:
    if answer.error == "stale":
        return Stale(answer.message, answer.code)
    if answer.error == "unobservable" and answer.code == UnderWay.code:  # an agent of an earlier version tells no code
        return UnderWay(answer.message)
    return ERRORS.get(answer.error, OptimizerError)(answer.message)
