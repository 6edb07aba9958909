"""Asks one HTTP server that the configuration names: within a time and a size, and without following anybody."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ...domain import Gone, Unobservable

CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 10.0
SHOWN_CHARACTERS = 200


def fetch(url: str, most_bytes: int, bearer_file: str = "", form: bytes | None = None, accept: str = "*/*") -> bytes:
    """Return the body of the answer to a GET, or to a POST of `form`.

    Raises Gone where nobody listens at that address, Unobservable for everything else that is no whole answer 200.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = _headers(bearer_file, accept, form)
    ending = threading.Event()
    opened: list[socket.socket] = []  # the connection lets go of it before the answer is read
    timer = threading.Timer(TOTAL_SECONDS, _end, (opened, ending))
    timer.daemon = True
    try:
        connection.connect()
        opened.append(connection.sock)
        connection.sock.settimeout(TOTAL_SECONDS)
        timer.start()
        connection.request("POST" if form is not None else "GET", path, form, headers)
        with connection.getresponse() as response:
            return _body(response, most_bytes, ending)
    except ConnectionRefusedError as error:
        raise Gone(f"nobody listens at {parts.netloc}") from error
    except (OSError, ssl.SSLError, http.client.HTTPException, ValueError) as error:
        late = f" within {TOTAL_SECONDS:g} s" if ending.is_set() else ""
        raise Unobservable(f"{parts.netloc} did not answer{late}: {error or type(error).__name__}") from error
    finally:
        timer.cancel()
        connection.close()


def _headers(bearer_file: str, accept: str, form: bytes | None) -> Mapping[str, str]:
    headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "plugin-optimizer", "Connection": "close"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if bearer_file:
        try:
            headers["Authorization"] = f"Bearer {Path(bearer_file).expanduser().read_text(encoding='ascii').strip()}"
        except (OSError, UnicodeDecodeError) as error:
            raise Unobservable(f"the bearer_file {bearer_file} cannot be read: {error}") from error
    return headers


def _body(response: http.client.HTTPResponse, most_bytes: int, ending: threading.Event) -> bytes:
    if (encoding := response.getheader("Content-Encoding", "identity")) != "identity":
        raise Unobservable(f"the answer is encoded as {encoding[:40]!r}, which was not asked for")
    body = response.read(most_bytes + 1)
    if ending.is_set():
        raise Unobservable(f"the answer did not end within {TOTAL_SECONDS:g} s")
    if response.status != http.HTTPStatus.OK:
        shown = " ".join(body[: 4 * SHOWN_CHARACTERS].decode("utf-8", "replace").split())[:SHOWN_CHARACTERS]
        moved = "; redirects are not followed" if 300 <= response.status < 400 else ""
        raise Unobservable(f"it answered {response.status} {response.reason}{moved}: {shown}")
    if len(body) > most_bytes:
        raise Unobservable(f"the answer is longer than {most_bytes} bytes (metrics_in.inflated_bytes)")
    return body


def _end(connection: list[socket.socket], ending: threading.Event) -> None:
    """Shut down what is open: a timeout of the socket begins anew with each byte."""
    ending.set()
    for each in connection:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
