"""The steps of somebody who meets the engine for the first time, each with the seconds it took."""

import json
import os
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugin_optimizer.demo.ports import free_tcp_ports

from .services import Found

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = "server,celery,redis"
START_SECONDS, SUGGESTION_SECONDS = 180.0, 900.0
LOOK_AGAIN_SECONDS = 0.5


@dataclass(slots=True)
class Stopwatch:
    """How many seconds each step took, in order; of programs that ran to their end also the seconds of a core that they used,
    which says what the same step takes where nobody else wants the cores.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began, used = time.monotonic(), _used_by_children()
        yield
        self.seconds[name] = time.monotonic() - began
        self.cpu_seconds[name] = _used_by_children() - used


def _used_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # of those that have ended
    return used.ru_utime + used.ru_stime


def build_wheel(room: Path) -> Path:
    """Build the wheel that a user would be given; not part of what is measured."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(room),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    return next(room.glob("*.whl"))


def install(wheel: Path, room: Path, pip_arguments: Sequence[str], watch: Stopwatch) -> Path:
    """Make a virtual environment and install the wheel with its extras; return where its programs are."""
    environment = room / "venv"
    with watch.step("python -m venv"):
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    with watch.step(f"pip install plugin-optimizer[{EXTRAS}]"):
        pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", *pip_arguments]
        subprocess.run([*pip, f"{wheel}[{EXTRAS}]"], check=True, env=_environment(room))
    return environment / "bin"


@dataclass(slots=True)
class Newcomer:
    """Somebody with the programs in `programs` and a home of their own in `room`."""

    programs: Path
    room: Path
    watch: Stopwatch

    @property
    def config(self) -> Path:
        return self.room / "engine.toml"

    def discover(self, service: Found) -> str:
        """Run `discover --write`; return the plugin that the service became."""
        with self.watch.step("plugin-optimizer discover --write"):
            told = self._run("discover", "--write", "--json", "--config", str(self.config))
        return next(
            str(one["plugin_id"])
            for one in json.loads(told)
            if one["touchpoint"] == service.kind and service.is_this(one["address"])
        )

    def add_line(self, service: Found, plugin_id: str) -> None:
        """Do what discovery said would unlock more, where something has to be done."""
        if service.one_line is not None:
            with self.watch.step("the line it asks for, reload"):
                service.one_line(plugin_id)

    def first_suggestion(self, plugin_id: str) -> Mapping[str, Any]:
        """Serve until there is a suggestion for the plugin; return it. Raises TimeoutError."""
        (port,) = free_tcp_ports(1)
        arguments = ["serve", "--no-login", "--port", str(port), "--config", str(self.config)]
        api = f"http://127.0.0.1:{port}/api/plugin-optimization"
        with (
            (self.room / "serve.log").open("wb") as log,
            subprocess.Popen(
                [self._program, *arguments], env=_environment(self.room), stdout=log, stderr=log
            ) as server,
        ):
            try:
                with self.watch.step("plugin-optimizer serve, until it answers"):
                    _wait(f"{api}/suggestions", None, START_SECONDS)
                with self.watch.step("until the first suggestion"):
                    return _wait(f"{api}/suggestions", plugin_id, SUGGESTION_SECONDS)
            finally:
                server.terminate()
                server.wait(60)

    @property
    def _program(self) -> str:
        return str(self.programs / "plugin-optimizer")

    def _run(self, *arguments: str) -> str:
        command = [self._program, *arguments]
        ran = subprocess.run(command, env=_environment(self.room), capture_output=True, text=True, check=False)
        if ran.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {ran.returncode}: {ran.stderr[-2000:]}")
        return ran.stdout


def _environment(room: Path) -> dict[str, str]:
    """Return an environment in which the installed package alone is found, and nothing of this user's is touched."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PLUGIN_OPTIMIZER"))}
    return {**inherited, "HOME": str(room), "PLUGIN_OPTIMIZER_HOME": str(room / "home"), "LANG": "C.UTF-8"}


def _wait(address: str, plugin_id: str | None, seconds: float) -> Mapping[str, Any]:
    """Ask until there is an answer, and in it a suggestion for the plugin where one is named."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}?lang=en", timeout=30) as answer:
                found = json.load(answer)
        except (OSError, urllib.error.HTTPError):
            found = None
        if found is not None and plugin_id is None:
            return {}
        for one in found or ():
            if one["plugin_id"] == plugin_id:
                return dict(one)
        time.sleep(LOOK_AGAIN_SECONDS)
    raise TimeoutError(f"nothing from {address} for {plugin_id or 'anybody'} within {seconds:g} s")
