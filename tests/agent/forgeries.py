"""Every way we know to make the agent act on something its engine did not order, or did not order now."""

import random
import secrets
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import msgspec

from plugin_optimizer.agent.frames import read_frame
from plugin_optimizer.agent.messages import MOST_ANSWER_BYTES, MOST_REQUEST_BYTES, Request, Turn, boot_id
from plugin_optimizer.agent.seal import ANSWER, HELLO, REQUEST, seal
from plugin_optimizer.domain import Value
from plugin_optimizer.execute.orders import Fence, Order

from .running import ANSWER_SECONDS, ORDERS, Running, answered, connected, framed

Send = Callable[[socket.socket], None]


@dataclass(slots=True)
class Forger:
    """Knows the form of messages; `key` is the agent's, used only where the forgery is not in the seal."""

    key: bytes
    chance: random.Random
    fence: int = 1_000  # above whatever was obeyed: a forgery must not be refused for its age alone

    def order(self, to: Value = 9) -> Order:
        self.fence += 1
        return Order(ORDERS, "workers", to, Fence(self.fence))

    def request(self, challenge: str) -> Request:
        expires = time.clock_gettime(time.CLOCK_BOOTTIME) + 5.0
        return Request(challenge, 1, secrets.token_hex(16), boot_id(), expires, Turn(self.order()))

    def kinds(self) -> dict[str, Callable[[str], Send]]:
        return {
            "another key": self._another_key,
            "no seal": lambda challenge: framed(bytes(32), self._payload(challenge)),
            "a bit turned in the message": self._turned_bit,
            "a bit turned in the seal": self._turned_seal,
            "an answer's seal": lambda challenge: self._sealed_as(ANSWER, challenge),
            "a greeting's seal": lambda challenge: self._sealed_as(HELLO, challenge),
            "another connection's challenge": lambda _: self._good(self.request(secrets.token_hex(16))),
            "the second place first": lambda c: self._good(msgspec.structs.replace(self.request(c), number=2)),
            "the place before the first": lambda c: self._good(msgspec.structs.replace(self.request(c), number=0)),
            "expired": lambda c: self._good(self._expiring(c, -0.001)),
            "good for ever": lambda c: self._good(self._expiring(c, 3_600.0)),
            "another start of the host": lambda c: self._good(msgspec.structs.replace(self.request(c), boot_id="0")),
            "a further field": lambda c: self._edited(c, lambda m: m | {"shell": "id"}),
            "a further field inside": self._further_inside,
            "an unknown operation": lambda c: self._edited(c, lambda m: m | {"question": {"operation": "run"}}),
            "a number as text": lambda c: self._edited(c, lambda m: m | {"number": "1"}),
            "not JSON": lambda _: framed(seal(self.key, REQUEST, b"turn orders"), b"turn orders"),
            "far too long": lambda _: lambda connection: connection.sendall(struct.pack("!I", MOST_REQUEST_BYTES + 1)),
            "broken off": self._broken_off,
            "noise": lambda _: lambda connection: connection.sendall(self.chance.randbytes(200)),
        }

    def _payload(self, challenge: str) -> bytes:
        return msgspec.json.encode(self.request(challenge))

    def _good(self, request: Request) -> Send:
        payload = msgspec.json.encode(request)
        return framed(seal(self.key, REQUEST, payload), payload)

    def _another_key(self, challenge: str) -> Send:
        payload = self._payload(challenge)
        return framed(seal(self.chance.randbytes(32), REQUEST, payload), payload)

    def _sealed_as(self, purpose: bytes, challenge: str) -> Send:
        payload = self._payload(challenge)
        return framed(seal(self.key, purpose, payload), payload)

    def _turned_bit(self, challenge: str) -> Send:
        payload = bytearray(self._payload(challenge))
        given = seal(self.key, REQUEST, bytes(payload))
        payload[self.chance.randrange(len(payload))] ^= 1 << self.chance.randrange(8)
        return framed(given, bytes(payload))

    def _turned_seal(self, challenge: str) -> Send:
        payload = self._payload(challenge)
        given = bytearray(seal(self.key, REQUEST, payload))
        given[self.chance.randrange(32)] ^= 1 << self.chance.randrange(8)
        return framed(bytes(given), payload)

    def _expiring(self, challenge: str, seconds: float) -> Request:
        expires = time.clock_gettime(time.CLOCK_BOOTTIME) + seconds
        return msgspec.structs.replace(self.request(challenge), expires=expires)

    def _edited(self, challenge: str, edit: Callable[[dict[str, object]], dict[str, object]]) -> Send:
        payload = msgspec.json.encode(edit(msgspec.to_builtins(self.request(challenge))))
        return framed(seal(self.key, REQUEST, payload), payload)

    def _further_inside(self, challenge: str) -> Send:
        message = msgspec.to_builtins(self.request(challenge))
        message["question"]["order"]["plugin"]["pid"] = 1
        payload = msgspec.json.encode(message)
        return framed(seal(self.key, REQUEST, payload), payload)

    def _broken_off(self, challenge: str) -> Send:
        payload = self._payload(challenge)
        whole = struct.pack("!I", len(payload)) + seal(self.key, REQUEST, payload) + payload
        return lambda connection: connection.sendall(whole[: self.chance.randrange(1, len(whole))])


def forged(running: Running, count: int, seed: int) -> Iterator[tuple[str, bool]]:
    """Try `count` forgeries, each kind in turn; yield the kind, and whether the agent accepted or answered it."""
    forger = Forger((running.directory / "agent.key").read_bytes(), random.Random(seed))
    kinds = {**forger.kinds(), "replayed on another connection": None, "replayed on the same one": None}
    for number in range(count):
        name = list(kinds)[number % len(kinds)]
        before = running.server.accepted
        if name.startswith("replayed"):
            expected, heard = before + 1, _replayed(running, forger, same=name.endswith("one"))
        else:
            expected, heard = before, _tried(running, kinds[name])
        yield name, heard or running.server.accepted != expected


def _tried(running: Running, make: Callable[[str], Send] | None) -> bool:
    assert make is not None
    with connected(running) as (connection, challenge):
        return answered(connection, make(challenge))


def _replayed(running: Running, forger: Forger, *, same: bool) -> bool:
    """Send what turns nothing (2 workers run) once in order, then again; tell whether the second was answered."""
    with connected(running) as (connection, challenge):
        request = msgspec.structs.replace(forger.request(challenge), question=Turn(replace(forger.order(), to=2)))
        send = forger._good(request)
        send(connection)
        assert read_frame(connection, MOST_ANSWER_BYTES, ANSWER_SECONDS) is not None
        if same:
            return answered(connection, send)
    with connected(running) as (other, _):
        return answered(other, send)
