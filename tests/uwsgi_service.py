"""Starts real uWSGIs on loopback for tests, each in its own folder, session and ports."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from tests.gunicorn_service import free_port, wait_for

HELLO = """
import os
import time

def app(environ, start_response):
    path = environ["PATH_INFO"].strip("/")
    if path.startswith("nap/"):
        time.sleep(float(path.removeprefix("nap/")))
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"hello from {os.getpid()}".encode()]
"""
MANUAL = ("cheaper = 1", "cheaper-algo = manual", "cheaper-initial = 2")
DEBIAN_PLUGIN = Path("/usr/lib/uwsgi/plugins/python3_plugin.so")


@dataclass
class UwsgiService:
    folder: Path
    port: int
    command: Sequence[str]
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def ini(self) -> Path:
        return self.folder / "shop.ini"

    @property
    def fifo(self) -> Path:
        return self.folder / "master.fifo"

    @property
    def log(self) -> str:
        return (self.folder / "uwsgi.log").read_text(errors="replace")

    def children(self) -> list[int]:
        """Return the pids of its live children, as psutil sees them."""
        found = []
        for child in psutil.Process(self.pid).children():
            with contextlib.suppress(psutil.Error):
                if child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child.pid)
        return found

    def get(self, path: str = "/") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return str(answer.read().decode())

    def answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"uWSGI ended: {self.log[-3000:]}"
        try:
            return self.get().startswith("hello")
        except OSError:
            return False

    def start(self) -> None:
        with (self.folder / "uwsgi.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        wait_for(self.answers, what=f"uWSGI did not answer: {self.log[-3000:]}")

    def stop(self) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()


def uwsgi_program() -> str:
    """Return the uWSGI of this host: Debian's (`uwsgi-core`, `uwsgi-plugin-python3`) or one on the path."""
    found = os.environ.get("UWSGI") or shutil.which("uwsgi") or shutil.which("uwsgi-core")
    assert found, "there is no uWSGI: make system-packages installs one"
    return found


def ini_of(folder: Path, port: int, lines: Sequence[str]) -> str:
    """Return an ini file: listening on `port`, with a stats server and a master FIFO, and what `lines` add."""
    plugin = ["plugins = python3"] if DEBIAN_PLUGIN.exists() and not os.environ.get("UWSGI") else []
    own = {line.partition("=")[0].strip() for line in lines}
    usual = {
        "master": "true",
        "need-app": "true",
        "die-on-term": "true",
        "http-socket": f"127.0.0.1:{port}",
        "module": "orders_api:app",
        "pythonpath": str(folder),
        "processes": "6",
        "stats": f"127.0.0.1:{free_port()}",
        "master-fifo": str(folder / "master.fifo"),
    }
    kept = [f"{name} = {value}" for name, value in usual.items() if name not in own]
    given = [line for line in lines if line.partition("=")[2].strip() != "none"]
    return "\n".join(["# what the shop runs on", "[uwsgi]", *plugin, *kept, *given, ""])


@contextlib.contextmanager
def start_uwsgi(
    folder: Path, lines: Sequence[str] = MANUAL, app: str = HELLO, arguments: Sequence[str] = ()
) -> Iterator[UwsgiService]:
    """Run `uwsgi --ini shop.ini` until the block ends. A line `name = none` leaves out what is usual."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orders_api.py").write_text(app)
    port = free_port()
    service = UwsgiService(folder, port, [uwsgi_program(), "--ini", "shop.ini", *arguments])
    service.ini.write_text(ini_of(folder, port, lines))
    try:
        service.start()
        yield service
    finally:
        service.stop()


@dataclass
class Crowd:
    """Clients that ask again and again, with a pause between, until the block ends; `answers` and `failures` are what came of it."""

    service: UwsgiService
    clients: int = 4
    path: str = "/nap/0.05"
    pause_seconds: float = 0.0
    answers: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._ask) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._over.is_set():
            try:
                self.answers.append(self.service.get(self.path))
            except (OSError, urllib.error.HTTPError) as error:
                self.failures.append(repr(error))
            self._over.wait(self.pause_seconds)
