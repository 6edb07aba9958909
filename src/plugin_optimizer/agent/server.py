"""The agent's ear: takes questions, checks each, and answers. What is not in order is not answered."""

import contextlib
import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import msgspec

from ..domain import Refused
from .encryption import Wrap, plain
from .frames import read_frame, write_frame
from .greeting import Greet, hello
from .messages import (
    LONGEST_LIFE_SECONDS,
    MOST_REQUEST_BYTES,
    AnyQuestion,
    Failed,
    Request,
    Told,
    boot_id,
    read,
)
from .peer import peer_user_id
from .seal import ANSWER, REQUEST, check_seal, seal

log = logging.getLogger(__name__)
FRAME_SECONDS = 10.0
LOOK_SECONDS = 0.5
MOST_CONNECTIONS = 32


@dataclass(slots=True)
class AgentServer:
    """Serves `listener` until it is stopped. Counts what it `accepted` and `refused`.

    `user_ids` are those who may ask at a Unix socket; None on a network, where no kernel tells who asks: there the key decides alone.
    """

    listener: socket.socket
    key: bytes
    user_ids: frozenset[int] | None
    answer: Callable[[AnyQuestion], Told | Failed]
    greet: Greet = hello
    encrypt: Wrap = plain
    accepted: int = 0
    refused: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _room: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_CONNECTIONS))
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def serve(self) -> None:
        """Return after `stop`."""
        self.listener.settimeout(LOOK_SECONDS)
        while not self._stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except TimeoutError:
                continue
            except OSError:
                log.exception("the agent can listen no more")
                return
            if self._room.acquire(blocking=False):
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()
            else:
                connection.close()
                self._refuse("too many connections at a time")

    def stop(self) -> None:
        self._stopping.set()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.ExitStack() as open_here:
            open_here.enter_context(connection)
            try:
                connection.settimeout(FRAME_SECONDS)
                self._check_peer(connection)
                self._questions(open_here.enter_context(self.encrypt(connection)))
            except Refused as refusal:
                self._refuse(str(refusal))
            except OSError as error:
                log.info("a connection ended early: %s", error)
            finally:
                self._room.release()

    def _check_peer(self, connection: socket.socket) -> None:
        if self.user_ids is None:
            return
        user_id = peer_user_id(connection)
        if user_id not in self.user_ids:
            raise Refused(f"user {user_id} may not ask this agent")

    def _questions(self, connection: socket.socket) -> None:
        challenge = secrets.token_hex(16)
        purpose, first = self.greet(challenge)
        connection.settimeout(FRAME_SECONDS)
        write_frame(connection, seal(self.key, purpose, first), first)
        for number in count(1):
            frame = read_frame(connection, MOST_REQUEST_BYTES, FRAME_SECONDS)
            if frame is None:
                return
            question = self._open(*frame, challenge, number)
            with self._counting:
                self.accepted += 1
            payload = msgspec.json.encode(self.answer(question))
            connection.settimeout(FRAME_SECONDS)
            write_frame(connection, seal(self.key, ANSWER + frame[0], payload), payload)

    def _open(self, given: bytes, payload: bytes, challenge: str, number: int) -> AnyQuestion:
        """Return the question. Raises Refused for one that is forged, replayed, out of its order, or too old."""
        check_seal(self.key, REQUEST, payload, given)
        request = read(payload, Request)
        if (request.challenge, request.number, request.boot_id) != (challenge, number, boot_id()):
            raise Refused(
                "a message was made for another connection, another place on it, or another start of the host"
            )
        left = request.expires - time.clock_gettime(time.CLOCK_BOOTTIME)
        if not 0 < left <= LONGEST_LIFE_SECONDS:
            raise Refused(f"a message is good for {left:.1f} s; expected more than 0, at most {LONGEST_LIFE_SECONDS:g}")
        return request.question

    def _refuse(self, why: str) -> None:
        with self._counting:
            self.refused += 1
        log.warning("refused: %s", why)
