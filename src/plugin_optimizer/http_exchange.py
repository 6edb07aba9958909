"""One request to one HTTP server that the configuration names, and its whole answer: within a time and a size, following nobody."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from .domain import Gone, Unobservable

CONNECT_SECONDS = 2.0
SHOWN_CHARACTERS = 200
USER_AGENT = "plugin-optimizer"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is sent. `headers` come beside our own."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whole."""

    status: int
    reason: str
    body: bytes

    @property
    def shown(self) -> str:
        """Return status and beginning of the body in one printable line."""
        text = self.body[: 4 * SHOWN_CHARACTERS].decode("utf-8", "replace")
        return printable(f"{self.status} {self.reason}: {text}" if text.strip() else f"{self.status} {self.reason}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an exchange may take from its first byte to its last, and how long an answer may be.

    `setting` is the one that says how long, where there is one.
    """

    seconds: float
    most_bytes: int
    setting: str = ""


def exchange(request: HttpRequest, limits: Limits, tls: ssl.SSLContext | None = None) -> HttpAnswer:
    """Send the request and return the answer, whatever its status. `tls` says whom to trust; None: whom the system trusts.

    Raises Gone where nobody listens at that address (nothing was sent), Unobservable for everything else that is no whole
    answer: what was sent may have been carried out all the same.
    """
    parts = urlsplit(request.url)
    host, connect_seconds = parts.hostname or "", min(CONNECT_SECONDS, limits.seconds)
    if parts.scheme == "https":
        context = tls or ssl.create_default_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=connect_seconds, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=connect_seconds)
    with _Deadline(limits.seconds) as deadline, contextlib.closing(connection):
        try:
            connection.connect()
            deadline.watch(connection.sock)
            connection.sock.settimeout(limits.seconds)
            connection.request(request.method, _target(parts.path, parts.query), request.body, _headers(request))
            with connection.getresponse() as response:
                return _whole(parts.netloc, response, limits, deadline)
        except ConnectionRefusedError as error:
            raise Gone(f"nobody listens at {parts.netloc}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unobservable(f"{parts.netloc} did not answer{deadline.told}: {_words(error)}") from error


def printable(text: str) -> str:
    """Return the beginning of what somebody else said, in one line without control characters."""
    line = " ".join(text.split())[:SHOWN_CHARACTERS]
    return "".join(sign if sign.isprintable() else "?" for sign in line)


def _target(path: str, query: str) -> str:
    return (path or "/") + (f"?{query}" if query else "")


def _headers(request: HttpRequest) -> Mapping[str, str]:
    own = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": USER_AGENT, "Connection": "close"}
    return {**own, **request.headers}


def _whole(place: str, response: http.client.HTTPResponse, limits: Limits, deadline: "_Deadline") -> HttpAnswer:
    if (encoding := response.getheader("Content-Encoding", "identity")) != "identity":
        raise Unobservable(f"{place} answered encoded as {encoding[:40]!r}, which was not asked for")
    body = response.read(limits.most_bytes + 1)
    if deadline.passed.is_set():
        raise Unobservable(f"{place} did not answer{deadline.told}")
    if len(body) > limits.most_bytes:
        named = f" ({limits.setting})" if limits.setting else ""
        raise Unobservable(f"{place} answered with more than {limits.most_bytes} bytes{named}")
    return HttpAnswer(response.status, response.reason, body)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


class _Deadline:
    """Shuts the connection down when the time is over: a time-out of the socket begins anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.passed = seconds, threading.Event()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def watch(self, one: socket.socket) -> None:
        self._sockets.append(one)
        if self.passed.is_set():  # it passed while the name was looked up
            self._end()

    @property
    def told(self) -> str:
        return f" within {self.seconds:g} s" if self.passed.is_set() else ""

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.passed.set()
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
