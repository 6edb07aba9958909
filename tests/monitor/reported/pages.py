"""A small real HTTP server whose pages a test sets: an exporter, or a server that answers as Prometheus does."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Respond = Callable[["Handler"], None]


@dataclass
class Pages:
    """`respond` answers the next request; `asked` holds what was asked: path, headers, form."""

    url: str = ""
    respond: Respond | None = None
    asked: list[tuple[str, dict[str, str], dict[str, list[str]]]] = field(default_factory=list)

    def show(self, text: str, status: int = 200, **headers: str) -> None:
        self.respond = lambda handler: handler.say(text.encode(), status, headers)


class Handler(BaseHTTPRequestHandler):
    pages: Pages

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))

    def _answer(self, form: dict[str, list[str]]) -> None:
        self.pages.asked.append((self.path, dict(self.headers), form))
        assert self.pages.respond is not None
        with contextlib.suppress(OSError):  # whoever asked may have gone
            self.pages.respond(self)

    def say(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving() -> Iterator[Pages]:
    pages = Pages()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"pages": pages}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    pages.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield pages
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
