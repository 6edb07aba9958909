"""A TCP proxy before a PostgreSQL server that cuts a connection at its COMMIT: before the server hears it, or before its answer."""

import contextlib
import socket
import threading
from enum import StrEnum

COMMIT = b"COMMIT"
CHUNK_BYTES = 65_536


class Cut(StrEnum):
    NOT = "not"
    BEFORE_COMMIT = "before_commit"  # it never happens
    BEFORE_ANSWER = "before_answer"  # it has happened, and nobody was told


class CuttingProxy:
    """Passes everything on; `cut_next` cuts one COMMIT. `cuts` counts those that were."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._next = Cut.NOT
        self._guard = threading.Lock()
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_next(self, cut: Cut) -> None:
        with self._guard:
            self._next = cut

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server_port))
                muted = threading.Event()
                threading.Thread(target=self._to_server, args=(client, server, muted), daemon=True).start()
                threading.Thread(target=_to_client, args=(server, client, muted), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket, muted: threading.Event) -> None:
        with contextlib.suppress(OSError), client, server:
            while chunk := client.recv(CHUNK_BYTES):
                cut = self._due() if COMMIT in chunk else Cut.NOT
                if cut is Cut.BEFORE_COMMIT:
                    return
                if cut is Cut.BEFORE_ANSWER:
                    muted.set()
                server.sendall(chunk)
                if cut is Cut.BEFORE_ANSWER:
                    client.recv(1)  # until the other side has heard the answer and hung up

    def _due(self) -> Cut:
        with self._guard:
            cut, self._next = self._next, Cut.NOT
            self.cuts += cut is not Cut.NOT
        return cut


def _to_client(server: socket.socket, client: socket.socket, muted: threading.Event) -> None:
    """Pass answers on; the first one after the mute was set is heard by nobody, and the connection ends."""
    with contextlib.suppress(OSError):
        while chunk := server.recv(CHUNK_BYTES):
            if muted.is_set():
                break
            client.sendall(chunk)
    for end in (client, server):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
