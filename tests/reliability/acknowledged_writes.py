"""P2: what was acknowledged is there after `kill -9`.

Two processes write at a time, and one is killed while the other goes on, so the killed one must leave no lock behind either.
That leaves the kernel's cache alone, so it tests transactions, not the disk: the files may as well lie in memory, where
more is written in the same time. For the disk there is `power_loss`.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from plugin_optimizer.domain import OptimizerError
from plugin_optimizer.knowledge import open_state

from .children.start import command, environment
from .house import whole
from .promise import Measured
from .seed import seed

GATE_WRITES, DEEP_WRITES = 500, 10_000
LONGEST_SECONDS = 720.0
MEMORY = Path("/dev/shm")
MOST_LIFE_SECONDS = 1.0
KILLS_BESIDE_ONE = 8  # then that one is killed, too, and the file looked at
ANSWER_SECONDS = 60.0
LIMITS_SECONDS = (180.0, 840.0)


Writers = subprocess.Popen[str]


@dataclass(slots=True)
class Seen:
    """What came out of the kills."""

    kills: int = 0
    broken: list[str] = field(default_factory=list)


def measure(deep: bool) -> list[Measured]:
    writes, seen = DEEP_WRITES if deep else GATE_WRITES, Seen()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        state_path, ledger = Path(name) / "state.db", Path(name) / "ledger"
        ledger.touch()
        with _writers(state_path, ledger) as first, _writers(state_path, ledger) as second:
            _kill_until(first, second, state_path, ledger, writes, seen)
        promised = _acknowledged(ledger)
        lost, wrong = lost_writes(state_path, promised)
    seen.broken += wrong
    figure = f"{lost} lost of {len(promised)}" + "".join(f"; {what}" for what in seen.broken[:3])
    held = lost == 0 and not seen.broken and len(promised) >= writes
    return [
        Measured(
            "P2 acknowledged writes",
            f"{seen.kills} times kill -9, of two that write",
            figure,
            f"0 lost of {writes}",
            held,
        )
    ]


@contextmanager
def _writers(state_path: Path, ledger: Path) -> Iterator[Writers]:
    arguments = command("acknowledging", state_path, ledger)
    with subprocess.Popen(
        arguments, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.communicate(timeout=ANSWER_SECONDS)


@contextmanager
def _one_writer(process: Writers, ledger: Path) -> Iterator[None]:
    """Let one writer begin; kill it at the end of the block."""
    assert process.stdin is not None
    assert process.stdout is not None
    before = ledger.stat().st_size
    process.stdin.write("go\n")
    process.stdin.flush()
    pid = int(process.stdout.readline())
    _grown(ledger, before)
    yield
    os.kill(pid, signal.SIGKILL)
    assert process.stdout.readline() == "gone\n"


def _grown(ledger: Path, before: int) -> bool:
    """Wait until something else was acknowledged; say whether it was."""
    end = time.monotonic() + ANSWER_SECONDS
    while ledger.stat().st_size == before and time.monotonic() < end:
        time.sleep(0.002)
    return ledger.stat().st_size > before


def _kill_until(first: Writers, second: Writers, state_path: Path, ledger: Path, writes: int, seen: Seen) -> None:
    chance, end = random.Random(seed()), time.monotonic() + LONGEST_SECONDS
    while len(_acknowledged(ledger)) < writes and time.monotonic() < end:
        with _one_writer(first, ledger):
            for _ in range(KILLS_BESIDE_ONE):
                with _one_writer(second, ledger):
                    time.sleep(chance.uniform(0.0, MOST_LIFE_SECONDS))
                seen.kills += 1
                if not _grown(ledger, ledger.stat().st_size):
                    seen.broken.append(f"nobody could write after kill {seen.kills}")
        seen.kills += 1
        if not whole(state_path):
            seen.broken.append(f"not whole after kill {seen.kills}")


def _acknowledged(ledger: Path) -> list[tuple[str, str]]:
    """Return (kind, mark) of every whole line."""
    lines = ledger.read_text().splitlines(keepends=True)
    return [(line.split()[0], line.split()[1]) for line in lines if line.endswith("\n")]


def lost_writes(state_path: Path, promised: Iterable[tuple[str, str]]) -> tuple[int, list[str]]:
    """Return how many acknowledged writes are nowhere to be found, and what is wrong with the file besides."""
    store, wrong = open_state(state_path), list[str]()
    try:
        store.verify_audit()
    except OptimizerError as error:
        wrong.append(str(error))
    finally:
        store.close()
    if not whole(state_path):
        wrong.append("the file is not whole")
    with closing(sqlite3.connect(state_path)) as connection:
        kept = {(state, subject) for state, subject in connection.execute("SELECT state, execution_id FROM steps")}
        kept |= {("policy", plugin_id) for (plugin_id,) in connection.execute("SELECT plugin_id FROM policies")}
        details = connection.execute("SELECT detail FROM audit WHERE action = 'emergency_stop.set'")
        kept |= {("audit", json.loads(detail)["reason"]) for (detail,) in details}
    return len(set(promised) - kept), wrong
