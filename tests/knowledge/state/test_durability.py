"""Nothing that was acknowledged is lost, however the writer dies."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from plugin_optimizer.knowledge import open_state

ROUNDS = 30
ROOT = Path(__file__).parents[3]


@contextmanager
def writers(state_path: Path, ledger: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start the process that forks writers; it ends with the block."""
    command = [sys.executable, "-m", "tests.knowledge.state.durable_worker", str(state_path), str(ledger)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.communicate(timeout=60)


def write_and_die(process: "subprocess.Popen[str]", ledger: Path, life_seconds: float) -> None:
    """Let one writer begin, and kill it `life_seconds` after its first acknowledged write."""
    assert process.stdin is not None
    assert process.stdout is not None
    before = ledger.stat().st_size
    process.stdin.write("go\n")
    process.stdin.flush()
    pid = int(process.stdout.readline())
    deadline = time.monotonic() + 60
    while ledger.stat().st_size == before and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(life_seconds)
    os.kill(pid, signal.SIGKILL)
    assert process.stdout.readline() == "gone\n"


def acknowledged(ledger: Path) -> list[tuple[str, str]]:
    """Return (execution, state) of every whole line."""
    lines = ledger.read_text().splitlines(keepends=True)
    return [(line.split()[0], line.split()[1]) for line in lines if line.endswith("\n")]


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    """30 writers die by SIGKILL at random moments: every acknowledged state is in the record, the file is whole."""
    state_path, ledger = tmp_path / "state.db", tmp_path / "ledger"
    ledger.touch()
    chance = random.Random(30)
    with writers(state_path, ledger) as process:
        for _ in range(ROUNDS):
            write_and_die(process, ledger, chance.uniform(0.0, 0.2))
            with closing(sqlite3.connect(state_path)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store = open_state(state_path)
    promised = acknowledged(ledger)
    steps = {execution_id: {step[0] for step in store.steps(execution_id)} for execution_id, _ in promised}
    lost = [(execution_id, state) for execution_id, state in promised if state not in steps[execution_id]]
    assert lost == []
    assert len(promised) > ROUNDS
    assert store.verify_audit() >= len(promised)
    store.close()
