"""A real Flask receiver in a process of its own, in as good or bad a mood as a test wants it; it writes down what it was sent."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugin_optimizer.domain import Plugin
from tests.gunicorn_service import free_port, wait_for

VARIABLE, SECRET = "KNOB_RECEIVER_SECRET", "a secret of these tests"
PROGRAM = """
import json, sys, time
from pathlib import Path
from flask import Flask, Response, redirect, request

folder = Path(sys.argv[1])
app = Flask("receiver")

def state(): return json.loads((folder / "state.json").read_text())

@app.get("/")
def there(): return "yes"

@app.post("/control")
def control():
    body = request.get_json()
    with (folder / "sent.jsonl").open("a") as log:
        log.write(json.dumps({"headers": dict(request.headers), "body": request.get_data(as_text=True)}) + chr(10))
    mood = (folder / "mood").read_text()
    if body["operation"] == "read":
        if mood == "gone": return {"why": "stopped"}, 410
        if mood == "forbids": return "who are you?", 401
        if mood == "moves": return redirect("/elsewhere", 307)
        if mood == "huge": return Response("x" * 100_000, mimetype="application/json")
        if mood == "dribbles": return Response(drops(), mimetype="application/json")
        return Response((folder / "state.json").read_text(), mimetype="application/json")
    doing = mood in ("does", "fails after doing", "hangs after doing")
    if doing:
        now = state()
        field = "value" if body["operation"] == "turn" else "kept"
        for knob in now["knobs"]:
            if knob["name"] == body["knob"]: knob[field] = body["to"]
        (folder / "state.json").write_text(json.dumps(now))
    if mood.startswith("fails"): return "a bug", 500
    if mood.startswith("declines"): return {"refused": "at night only"}, 409
    if mood.startswith("hangs"): time.sleep(30)
    return {}

def drops():
    for _ in range(100):
        yield " "
        time.sleep(0.1)

app.run("127.0.0.1", int(sys.argv[2]), threaded=True)
"""
POOL_SIZE = {"name": "pool_size", "type": "integer", "value": 4, "minimum": 1, "maximum": 64, "kept": 4}


@dataclass(frozen=True)
class KnobReceiver:
    """One that runs. `folder` holds its state, its mood and what it was sent."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/control"

    @property
    def plugin(self) -> Plugin:
        address = {"url": self.url, "secret": f"${VARIABLE}", "timeout_seconds": "1.0"}
        return Plugin("mailer", "webhook", address)

    def be(self, mood: str) -> None:
        (self.folder / "mood").write_text(mood)

    def report(self, *knobs: dict[str, Any], **more: Any) -> None:
        """Let it tell this of itself from now on."""
        (self.folder / "state.json").write_text(json.dumps({"version": 1, "knobs": list(knobs), **more}))

    def value(self, field: str = "value") -> Any:
        return json.loads((self.folder / "state.json").read_text())["knobs"][0][field]

    def sent(self, operation: str = "") -> list[dict[str, Any]]:
        """Return what it was sent since `forget`, those of one operation."""
        log = self.folder / "sent.jsonl"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        return [line for line in lines if operation in ("", json.loads(line["body"])["operation"])]

    def reset(self) -> None:
        (self.folder / "sent.jsonl").unlink(missing_ok=True)
        self.report(POOL_SIZE)
        self.be("does")


@contextlib.contextmanager
def running_receiver(folder: Path) -> Iterator[KnobReceiver]:
    """Start it, and stop it in the end."""
    receiver = KnobReceiver(folder, free_port())
    receiver.reset()
    program = folder / "receiver.py"
    program.write_text(PROGRAM)
    with running([sys.executable, str(program), str(folder), str(receiver.port)], receiver.port):
        yield receiver


@contextlib.contextmanager
def running(command: list[str], port: int, environment: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server until the end of the block; it listens at its beginning."""
    with subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            wait_for(lambda: _listens(process, port), 60, f"a receiver to listen at {port}")
            yield
        finally:
            process.kill()


def _listens(process: "subprocess.Popen[bytes]", port: int) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    time.sleep(0.1)
    return False
