"""Starts real uvicorns on loopback for tests, each in its own folder, session and port."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.gunicorn_service import free_port, wait_for

HELLO = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"hello"})
"""


@dataclass(frozen=True)
class UvicornService:
    process: "subprocess.Popen[bytes]"
    port: int
    folder: Path
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def children(self) -> list[int]:
        """The live workers, as psutil sees them."""
        found = []
        for child in psutil.Process(self.pid).children():
            with contextlib.suppress(psutil.Error):
                if child.status() != psutil.STATUS_ZOMBIE and "--multiprocessing-fork" in child.cmdline():
                    found.append(child.pid)
        return found

    def get(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=30) as answer:
            return str(answer.read().decode())

    def answers(self) -> bool:
        try:
            return self.get() == "hello"
        except OSError:
            return False


@contextlib.contextmanager
def start_uvicorn(
    folder: Path, workers: int = 2, app: str = HELLO, extra: Sequence[str] = ()
) -> Iterator[UvicornService]:
    """Run `uvicorn orders_api:app --workers N` until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orders_api.py").write_text(app)
    port, log = free_port(), folder / "uvicorn.log"
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "orders_api:app",
        "--port",
        str(port),
        "--workers",
        str(workers),
        *extra,
    ]
    environment = {**os.environ, "PYTHONPATH": f"{folder}:{os.environ.get('PYTHONPATH', '')}"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    service = UvicornService(process, port, folder, log)
    try:
        wait_for(service.answers, what=f"uvicorn did not answer: {log.read_text()[-2000:]}")
        yield service
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
