"""Messages on a stream: the length (4 bytes, big-endian), the seal (32 bytes), the JSON text."""

import socket
import struct
import time

from ..domain import Refused
from .seal import SEAL_BYTES

_LENGTH = struct.Struct("!I")


def write_frame(connection: socket.socket, seal: bytes, payload: bytes) -> None:
    """Raises OSError."""
    connection.sendall(_LENGTH.pack(len(payload)) + seal + payload)


def read_frame(connection: socket.socket, most_bytes: int, seconds: float) -> tuple[bytes, bytes] | None:
    """Return seal and payload; None where the other side has nothing more to say.

    Raises Refused for a longer message than `most_bytes`, OSError where it breaks off or takes longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    head = _read(connection, _LENGTH.size, deadline)
    if not head:
        return None
    (length,) = _LENGTH.unpack(_whole(head, _LENGTH.size))
    if length > most_bytes:
        raise Refused(f"a message of {length} bytes came; at most {most_bytes} are read")
    seal = _whole(_read(connection, SEAL_BYTES, deadline), SEAL_BYTES)
    return seal, _whole(_read(connection, length, deadline), length)


def _read(connection: socket.socket, length: int, deadline: float) -> bytes:
    content = b""
    while len(content) < length:
        connection.settimeout(max(deadline - time.monotonic(), 0.001))
        part = connection.recv(length - len(content))
        if not part:
            break
        content += part
    return content


def _whole(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise ConnectionResetError("a message broke off")
    return content
