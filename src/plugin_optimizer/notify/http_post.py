"""Posts one document over HTTP: to an address that was checked, within a time and a size, without following anybody."""

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from ..domain import DeliveryRefused, Undelivered
from .address import resolve
from .deadline import Deadline

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024
SHOWN_CHARACTERS = 200
LONGEST_RETRY_SECONDS = 3600.0
AGAIN_LATER = frozenset({408, 425, 429})
TLS_PORT = 443
OWN_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "User-Agent": "plugin-optimizer",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post. `inner`: also to private addresses, by plain HTTP, at any port. `ports` are those of public ones."""

    url: str
    inner: bool = False
    ports: tuple[int, ...] = (TLS_PORT,)


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> str:
    """Post `body` and return status and beginning of the answer. Raises DeliveryRefused, Undelivered."""
    parts = _checked(target)
    host = parts.hostname or ""
    port = parts.port or (TLS_PORT if parts.scheme == "https" else 80)
    address = resolve(host, port, inner=target.inner)
    try:
        with _connected(address, port, host, tls=parts.scheme == "https") as connection:
            return _exchanged(connection, parts, body, headers)
    except ssl.SSLError as error:
        raise Undelivered(f"{host}: TLS failed: {error.reason or type(error).__name__}") from error
    except (OSError, http.client.HTTPException) as error:
        raise Undelivered(f"{host} did not answer: {_words(error)}") from error


def _checked(target: Target) -> SplitResult:
    try:
        parts = urlsplit(target.url)
        port = parts.port or TLS_PORT
    except ValueError as error:
        raise DeliveryRefused("the address of this channel is no URL") from error
    if not parts.hostname or parts.username is not None or parts.scheme not in {"https", "http"}:
        raise DeliveryRefused("the address of this channel must be https://host/path, without a user")
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in target.url):
        raise DeliveryRefused("the address of this channel holds signs that no URL may hold")
    if not target.inner and (parts.scheme != "https" or port not in target.ports):
        raise DeliveryRefused(f"the address of this channel must be https at port {', '.join(map(str, target.ports))}")
    return parts


def _connected(address: str, port: int, host: str, *, tls: bool) -> socket.socket:
    plain = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
    if not tls:
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _exchanged(connection: socket.socket, parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> str:
    connection.settimeout(TOTAL_SECONDS)
    host = parts.hostname or ""
    speaking = http.client.HTTPConnection(host, parts.port, timeout=TOTAL_SECONDS)
    speaking.sock = connection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with Deadline(lambda: connection, TOTAL_SECONDS) as deadline, contextlib.closing(speaking):
        try:
            speaking.request("POST", path, body, {**OWN_HEADERS, **headers})
            with speaking.getresponse() as response:
                answer = response.read(ANSWER_BYTES)
        except (OSError, http.client.HTTPException):
            if deadline.passed:
                raise Undelivered(f"{host} did not answer within {TOTAL_SECONDS:g} s") from None
            raise
        if deadline.passed:
            raise Undelivered(f"{host} did not answer within {TOTAL_SECONDS:g} s")
    return _judged(response, answer)


def _judged(response: http.client.HTTPResponse, answer: bytes) -> str:
    shown = " ".join(answer[: 4 * SHOWN_CHARACTERS].decode("utf-8", "replace").split())[:SHOWN_CHARACTERS]
    said = f"{response.status} {response.reason}".strip() + (f": {shown}" if shown else "")
    said = "".join(sign if sign.isprintable() else "?" for sign in said)
    if 200 <= response.status < 300:
        return said
    if response.status in AGAIN_LATER or response.status >= 500:
        raise Undelivered(said, retry_after(response.getheader("Retry-After"), time.time()))
    if 300 <= response.status < 400:
        raise DeliveryRefused(f"{response.status}: it points elsewhere, and nobody is followed")
    raise DeliveryRefused(said)


def retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds that a Retry-After header asks for, an hour at most; None where it says nothing (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    try:
        seconds = float(header) if header.strip().isdigit() else parsedate_to_datetime(header).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_SECONDS)


def _words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
