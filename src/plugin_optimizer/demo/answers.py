"""Waits until something answers."""

import http.client
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

POLL_SECONDS = 0.1
ASK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An HTTP address that answers 200 when its server is ready; an empty `path` asks for a connection only."""

    host: str
    port: int
    path: str = ""

    def answers(self) -> bool:
        try:
            return self._connects() if not self.path else self._gives_200()
        except (OSError, http.client.HTTPException):
            return False

    def _connects(self) -> bool:
        with socket.create_connection((self.host, self.port), timeout=ASK_SECONDS):
            return True

    def _gives_200(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=ASK_SECONDS)
        try:
            connection.request("GET", self.path)
            return connection.getresponse().status == http.client.OK
        finally:
            connection.close()


def wait_until(holds: Callable[[], bool], seconds: float, cancelled: Callable[[], bool]) -> bool:
    """Return whether `holds` came true before `seconds` were over or `cancelled` did."""
    deadline = time.monotonic() + seconds
    while not cancelled():
        if holds():
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return False
