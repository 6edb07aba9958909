"""The agent's first word on a connection, and what the other side learns from it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ..domain import Refused
from .messages import OLDEST_PROTOCOL, PROTOCOL, Greeting, Hello, boot_id, read
from .seal import GREETING, HELLO, check_seal

Greet = Callable[[str], tuple[bytes, bytes]]  # of a challenge: what the word is sealed for, and the word


@dataclass(frozen=True, slots=True)
class Acquainted:
    """What the questions on a connection have to repeat, and the agent's CLOCK_BOOTTIME when it said so."""

    challenge: str
    boot_id: str
    now: float


def hello(challenge: str) -> tuple[bytes, bytes]:
    """Return the word of an agent on the same host: both sides know its start and its clock."""
    return HELLO, msgspec.json.encode(Hello(challenge))


def greeting(challenge: str) -> tuple[bytes, bytes]:
    """Return the word of an agent on another host."""
    word = Greeting(challenge, PROTOCOL, OLDEST_PROTOCOL, boot_id(), _clock())
    return GREETING, msgspec.json.encode(word)


def met_here(key: bytes, frame: tuple[bytes, bytes]) -> Acquainted:
    """Return what an agent on this host said. Raises Refused."""
    check_seal(key, HELLO, frame[1], frame[0])
    return Acquainted(read(frame[1], Hello).challenge, boot_id(), _clock())


def met_elsewhere(key: bytes, frame: tuple[bytes, bytes]) -> Acquainted:
    """Return what an agent on another host said. Raises Refused, also where no version is spoken by both."""
    check_seal(key, GREETING, frame[1], frame[0])
    try:
        word = msgspec.json.decode(frame[1], type=Greeting)
    except msgspec.MsgspecError as error:
        raise Refused(f"its greeting has another form: {error}") from error
    if word.version < OLDEST_PROTOCOL:
        raise Refused(_apart(word, "upgrade the agent"))
    if word.oldest > PROTOCOL:
        raise Refused(_apart(word, "upgrade the server"))
    return Acquainted(word.challenge, word.boot_id, word.now)


def _apart(word: Greeting, remedy: str) -> str:
    theirs, ours = f"{word.oldest} to {word.version}", f"{OLDEST_PROTOCOL} to {PROTOCOL}"
    return f"the agent speaks protocol {theirs}, this server {ours}; {remedy}"


def _clock() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
