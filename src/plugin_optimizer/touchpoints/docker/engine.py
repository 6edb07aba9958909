"""Speaking to the Docker Engine over its UNIX socket: the few calls of its API that are needed, and what its errors mean.

Source: Docker Engine API reference, versions 1.41 to 1.51 (ContainerList, ContainerInspect, ContainerStats, ContainerUpdate,
ContainerStart, ContainerStop, ContainerRestart, SystemEvents, SystemVersion).
"""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from ...domain import Gone, Refused, Unobservable

NEWEST = (1, 47)  # what we have read; an engine that knows more is spoken to in this version
TIMEOUT_SECONDS = 20.0
FRESH_SECONDS = 1.0  # one look at a container asks once
NOT_MODIFIED, BAD_REQUEST, FORBIDDEN, NOT_FOUND, CONFLICT = 304, 400, 403, 404, 409


@dataclass(slots=True)
class Engine:
    """Calls the engine behind `path`; the version to speak is agreed on at the first call. Thread-safe."""

    path: Path
    steady: Callable[[], float] = time.monotonic
    _version: str = ""
    _told: dict[str, tuple[float, Mapping[str, Any]]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def running(self) -> list[Mapping[str, Any]]:
        """Return the containers that run. Raises Unobservable."""
        return list(self._get("/containers/json"))

    def inspect(self, name: str) -> Mapping[str, Any]:
        """Return all that is known of a container, by name or id, at most a second old. Raises Gone, Unobservable."""
        return self._fresh(f"/containers/{quote(name, safe='')}/json")

    def stats(self, container_id: str) -> Mapping[str, Any]:
        """Return its counters, at most a second old. Raises Gone, Unobservable."""
        return self._fresh(_stats_path(container_id))

    def stats_now(self, container_id: str) -> Mapping[str, Any]:
        """Return its counters of this moment: rates are made of them. Raises Gone, Unobservable."""
        return self._asked(_stats_path(container_id))

    def forget(self) -> None:
        """Ask anew at the next look."""
        with self._lock:
            self._told.clear()

    def kills(self, container_id: str, since: float, until: float) -> int:
        """Return how often the kernel killed in it for memory in between (Unix seconds), as far as the engine remembers.

        Raises Unobservable.
        """
        filters = json.dumps({"type": ["container"], "event": ["oom"], "container": [container_id]})
        times = {"since": f"{since:.6f}", "until": f"{until:.6f}"}
        text = self._call("GET", f"/events?{urlencode({**times, 'filters': filters})}")
        return sum(1 for line in text.splitlines() if line.strip())

    def update(self, container_id: str, resources: Mapping[str, int]) -> None:
        """Change the limits of a container that exists; nothing of it starts anew. Raises Refused, Gone, Unobservable."""
        try:
            self._call("POST", f"/containers/{quote(container_id, safe='')}/update", resources)
        except Gone as error:
            self.inspect(
                container_id
            )  # it is there: then it is the call that is not (podman's compatible API has none)
            raise Refused("this engine cannot update the limits of a container") from error

    def start(self, container_id: str) -> None:
        """Start what has stopped. Raises Refused, Gone, Unobservable."""
        self._call("POST", f"/containers/{quote(container_id, safe='')}/start")

    def stop(self, container_id: str, seconds: int) -> None:
        """Ask it to end, and kill it after so many seconds. Raises Refused, Gone, Unobservable."""
        self._call("POST", f"/containers/{quote(container_id, safe='')}/stop?t={seconds}")

    def restart(self, container_id: str, seconds: int) -> None:
        """Ask it to end, kill it after so many seconds, and start it again: the same container. Raises as `start` does."""
        self._call("POST", f"/containers/{quote(container_id, safe='')}/restart?t={seconds}")

    def _fresh(self, path: str) -> Mapping[str, Any]:
        with self._lock:
            at, told = self._told.get(path, (float("-inf"), {}))
        return told if self.steady() - at < FRESH_SECONDS else self._asked(path)

    def _asked(self, path: str) -> Mapping[str, Any]:
        told = dict(self._get(path))
        with self._lock:
            self._told[path] = (self.steady(), told)
        return told

    def _get(self, path: str) -> Any:
        text = self._call("GET", path)
        try:
            return json.loads(text)
        except ValueError as error:
            raise Unobservable(f"the Docker Engine answered {path} with something that is no JSON") from error

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
        try:
            status, text = self._talk(method, f"/v{self._agreed()}{path}", body)
        finally:
            if method != "GET":
                self.forget()
        if status < 300 or status == NOT_MODIFIED:
            return text
        said = _said(text)
        if status == NOT_FOUND:
            raise Gone(f"Docker knows no such container: {said}")
        if status in (BAD_REQUEST, FORBIDDEN, CONFLICT):
            raise Refused(f"Docker refuses: {said}")
        raise Unobservable(f"Docker answered {status}: {said}")

    def _agreed(self) -> str:
        with self._lock:
            if not self._version:
                status, text = self._talk("GET", "/version", None)
                if status != http.client.OK:
                    raise Unobservable(f"what listens at {self.path} did not tell its version: {status}")
                self._version = _version_of(text)
            return self._version

    def _talk(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[int, str]:
        connection = _SocketConnection(self.path)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except PermissionError as error:
            raise Unobservable(f"we may not open {self.path}: add the agent's user to the group docker") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unobservable(f"the Docker Engine at {self.path} does not answer: {error}") from error
        finally:
            connection.close()


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("docker", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _stats_path(container_id: str) -> str:
    return f"/containers/{quote(container_id, safe='')}/stats?stream=false&one-shot=true"


def _version_of(text: str) -> str:
    """Return the newest version that both sides know. Raises Unobservable."""
    try:
        told = json.loads(text)
        theirs = tuple(int(part) for part in told["ApiVersion"].split("."))
        least = tuple(int(part) for part in told.get("MinAPIVersion", "1.0").split("."))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Unobservable(f"the Docker Engine did not say which version of its API it speaks: {error!r}") from error
    return ".".join(str(part) for part in max(least, min(theirs, NEWEST)))


def _said(text: str) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text.strip()[:200]
