"""A real server over a real state of many plugins, and turns of the loop that write new figures while it serves."""

import os
import random
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plugin_optimizer.contracts import SampleStore, StateStore
from plugin_optimizer.demo.ports import free_tcp_ports
from plugin_optimizer.domain import (
    Cycle,
    Finding,
    FindingKind,
    Message,
    Metric,
    Plugin,
    PluginStatus,
    Sample,
    Severity,
    Silence,
)
from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.knowledge.values import encode

from .stage import wait_until

TURN_SECONDS = 5.0
PAST_TURNS = 12
START_SECONDS = 240.0
TEAMS = ("orders", "payments", "search", "web")
KINDS = ("gunicorn", "celery")
PLANNERS = ("workers", "cache", "leak", "error_cause")
USER, PASSWORD = "admin", "sees-ten-thousand-plugins"
USUAL = {
    Metric.CPU_RATIO: 0.25, Metric.MEMORY_RATIO: 0.4, Metric.ERROR_RATIO: 0.004, Metric.RESPONSE_TIME_SECONDS: 0.2,
    Metric.RESPONSE_TIME_P95_SECONDS: 0.6, Metric.WORKERS: 4.0, Metric.BUSY_RATIO: 0.4, Metric.QUEUE_WAIT_SECONDS: 0.02,
}  # fmt: skip


def name_of(i: int) -> str:
    return f"{TEAMS[i % len(TEAMS)]}-{i:05d}"


@dataclass
class LargeFleet:
    """Plugins that only the stores know of: nothing runs but the server that shows them."""

    directory: Path
    size: int
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    turn_seconds: float = TURN_SECONDS
    number: int = 0
    url: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def names(self) -> Sequence[str]:
        return [name_of(i) for i in range(self.size)]

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def dashboard(self) -> str:
        return f"{self.url}/plugin-optimization/"

    @property
    def password(self) -> str:
        return PASSWORD

    def settle(self) -> None:
        """Make the state: every plugin in one transaction, a minute of samples, one turn."""
        self.state.mkdir(parents=True, mode=0o700)
        open_state(self.state / "state.db").close()
        since = time.time() - 3600.0
        with closing(sqlite3.connect(self.state / "state.db")) as connection, connection:
            connection.executemany(
                "INSERT INTO plugins (plugin_id, definition, status, since) VALUES (?, ?, ?, ?)",
                [
                    (p.plugin_id, encode(p), PluginStatus.ACTIVE.value, since)
                    for p in map(self._plugin, range(self.size))
                ],
            )
            connection.execute("UPDATE head SET version = version + 1")
        with closing(open_samples(self.state / "samples.db")) as samples:
            for turn in range(PAST_TURNS):
                self.measure(samples, time.time() - TURN_SECONDS * (PAST_TURNS - turn))
        with closing(open_state(self.state / "state.db")) as state:
            self.record(state)

    def measure(self, samples: SampleStore, at: float) -> None:
        samples.write(
            Sample(name, metric, at, value * self.chance.uniform(0.5, 1.5))
            for name in self.names
            for metric, value in USUAL.items()
        )

    def record(self, state: StateStore) -> None:
        """Record a turn: 3 plugins in 100 are not well, the same ones each time; every silent planner says why."""
        self.number += 1
        silences = tuple(Silence(n, planner, Message("within_slo", {})) for n in self.names for planner in PLANNERS)
        found = tuple(self._finding(i) for i in range(0, self.size, 33))
        samples = self.size * len(USUAL)
        state.record_cycle(Cycle(self.number, time.time(), 0.4, self.size, samples, found, silences=silences))

    def _plugin(self, i: int) -> Plugin:
        labels = {"team": TEAMS[i % len(TEAMS)], "tier": str(i % 3)} if i % 9 else {}
        return Plugin(name_of(i), KINDS[i % 5 == 0], {}, labels)

    def _finding(self, i: int) -> Finding:
        severity = Severity.CRITICAL if i % 2 else Severity.WARNING
        return Finding(
            name_of(i), Metric.QUEUE_WAIT_SECONDS, FindingKind.SATURATION, severity, 0.9, time.time(), 1.2, 0.3
        )

    @property
    def config(self) -> Path:
        return self.directory / "config.toml"

    def start(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "plugin_optimizer.cli", "serve", "--config", str(self.config)]
        log = (self.directory / "server.log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=clean_environment())
        log.close()
        wait_until(lambda: _listens(port) or None, START_SECONDS, "the server over the large fleet")

    def stop(self) -> None:
        """End the server at once, as a crash would: a browser holds its stream."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)


@contextmanager
def running_fleet(directory: Path, size: int, turn_seconds: float = TURN_SECONDS) -> Iterator[LargeFleet]:
    """Serve it, with a turn every so often, until the block ends."""
    fleet, port = LargeFleet(directory, size, turn_seconds=turn_seconds), free_tcp_ports(1)[0]
    fleet.settle()
    fleet.config.write_text(f'[server]\nport = {port}\n[engine]\nstate_dir = "{fleet.state}"\nstart = false\n')
    user = ["user", "add", USER, "--role", "admin", "--password", PASSWORD, "--config", str(fleet.config)]
    subprocess.run(
        [sys.executable, "-m", "plugin_optimizer.cli", *user], check=True, env=clean_environment(), timeout=120
    )
    over = threading.Event()
    turns = threading.Thread(target=_turn, args=(fleet, over))
    try:
        fleet.start(port)
        turns.start()
        yield fleet
    finally:
        over.set()
        fleet.stop()
        turns.join(60)


def _turn(fleet: LargeFleet, over: threading.Event) -> None:
    with (
        closing(open_samples(fleet.state / "samples.db")) as samples,
        closing(open_state(fleet.state / "state.db")) as state,
    ):
        while not over.wait(fleet.turn_seconds):
            fleet.measure(samples, time.time())
            fleet.record(state)


def clean_environment() -> dict[str, str]:
    """Return what a login shell has, without the settings of whoever runs this; PYTHONPATH says which code it is."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
