"""Real servers on loopback that take messages, well or badly: HTTP for Slack and webhooks, SMTP for e-mail.

`port` names where; 0: any that is free.
"""

import base64
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ANSWERS = {"ok": (200, b"ok"), "broken": (500, b"no"), "gone": (404, b"no_service"), "elsewhere": (302, b"")}


@dataclass
class Posted:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def document(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpSink:
    """Answers by `behaviour(n)` for the n-th request: one of ANSWERS, `busy`, `hang`, `drip`, `flood`."""

    behaviour: Callable[[int], str] = lambda _: "ok"
    retry_after: str = "1"
    hang_seconds: float = 30.0
    posted: list[Posted] = field(default_factory=list)
    port: int = 0
    asked: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/T0P-SECRET"


@contextmanager
def http_sink(behaviour: Callable[[int], str] = lambda _: "ok", **settings: Any) -> Iterator[HttpSink]:
    sink = HttpSink(behaviour, **settings)
    server = ThreadingHTTPServer(("127.0.0.1", sink.port), type("Handler", (HttpHandler,), {"sink": sink}))
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class HttpHandler(BaseHTTPRequestHandler):
    sink: HttpSink

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.sink.asked += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        behaviour = self.sink.behaviour(self.sink.asked)
        if behaviour == "ok":
            self.sink.posted.append(Posted(self.path, dict(self.headers), body, time.time()))
        getattr(self, f"_{behaviour}", lambda: self._plain(behaviour))()

    def _plain(self, behaviour: str) -> None:
        status, text = ANSWERS[behaviour]
        self._headed(status, len(text), {"Location": self.sink.url} if behaviour == "elsewhere" else {})
        self.wfile.write(text)

    def _headed(self, status: int, length: int | None, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _busy(self) -> None:
        self._headed(429, 0, {"Retry-After": self.sink.retry_after})

    def _hang(self) -> None:
        self.sink.over.wait(self.sink.hang_seconds)

    def _drip(self) -> None:
        self._headed(200, None, {})
        while not self.sink.over.wait(0.2):
            self.wfile.write(b".")
            self.wfile.flush()

    def _flood(self) -> None:
        self._headed(200, None, {})
        for _ in range(200):
            self.wfile.write(b"x" * 65_536)

    def _echo(self) -> None:
        said = f"no such hook: {self.path}".encode()
        self._headed(403, len(said), {})
        self.wfile.write(said)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:  # they hung up: what `flood` and `drip` are for
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        return


@dataclass
class SmtpSink:
    """`replies` override the reply to a command by its first word (`RCPT`: by address)."""

    replies: dict[str, str] = field(default_factory=dict)
    certificate: Path | None = None
    user: str = ""
    password: str = ""
    drips: str = ""  # after this command it says one byte after another, and never ends the line
    letters: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)  # when each came
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0


class SmtpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def smtp_sink(**settings: Any) -> Iterator[SmtpSink]:
    """A real SMTP server (RFC 5321) with STARTTLS and AUTH PLAIN where a certificate is given."""
    sink = SmtpSink(**settings)

    server = SmtpServer(("127.0.0.1", sink.port), type("Handler", (SmtpHandler,), {"sink": sink}))
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class SmtpHandler(socketserver.BaseRequestHandler):
    sink: SmtpSink

    def handle(self) -> None:
        self.secure, self.authenticated, self.sender, self.recipients = False, not self.sink.user, "", []
        self.lines = self.request.makefile("rb")
        self._say("220 sink ESMTP")
        try:
            while line := self.lines.readline():
                if not self._obeyed(line.decode().strip()):
                    return
        except (OSError, ValueError):  # they hung up
            return
        finally:
            self.lines.close()
            self.request.close()

    def _say(self, text: str) -> None:
        self.request.sendall(text.encode() + b"\r\n")

    def _obeyed(self, line: str) -> bool:
        verb = line.split(maxsplit=1)[0].upper()
        while verb == self.sink.drips:
            self.request.sendall(b"2")
            time.sleep(0.2)
        if verb in self.sink.replies:
            self._say(self.sink.replies[verb])
            return verb != "QUIT"
        getattr(self, f"_{verb.lower()}", lambda _: self._say("502 no"))(line)
        return verb != "QUIT"

    def _ehlo(self, _: str) -> None:
        able = ["sink", *(["STARTTLS"] if self.sink.certificate and not self.secure else [])]
        able += ["AUTH PLAIN"] if self.sink.user and self.secure else []
        for i, word in enumerate(able):
            self._say(f"250{' ' if i == len(able) - 1 else '-'}{word}")

    def _starttls(self, _: str) -> None:
        assert self.sink.certificate is not None
        self._say("220 go ahead")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.sink.certificate)
        self.lines.close()
        self.request = context.wrap_socket(self.request, server_side=True)
        self.lines, self.secure = self.request.makefile("rb"), True

    def _auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        self.authenticated = (user, password) == (self.sink.user, self.sink.password)
        self._say("235 welcome" if self.authenticated else f"535 wrong password {password}")

    def _mail(self, line: str) -> None:
        self.sender, self.recipients = line.partition("<")[2].partition(">")[0], []
        self._say("250 sender" if self.authenticated else "530 log in")

    def _rcpt(self, line: str) -> None:
        address = line.partition("<")[2].partition(">")[0]
        reply = self.sink.replies.get(address, "250 recipient")
        if reply.startswith("250"):
            self.recipients.append(address)
        self._say(reply)

    def _data(self, _: str) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.lines.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        reply = self.sink.replies.get("END", "250 2.0.0 queued as 4F1")
        if reply.startswith("250"):
            self.sink.at.append(time.time())
            self.sink.letters.append((self.sender, self.recipients, b"".join(lines)))
            self.sink.encrypted.append(self.secure)
        self._say(reply)

    def _rset(self, _: str) -> None:
        self._say("250 reset")

    def _quit(self, _: str) -> None:
        self._say("221 bye")
