"""P24: several processes write to one SQLite state and checkpoint it; it stays whole, and nobody is told that it is locked."""

import json
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path

from plugin_optimizer.domain import OptimizerError
from plugin_optimizer.knowledge import open_state

from .children.start import command, environment
from .house import whole
from .promise import Measured

GATE_SECONDS, DEEP_SECONDS = 5.0, 60.0
PROCESSES = 4
CHILD_SECONDS = 120.0


def measure(deep: bool) -> list[Measured]:
    seconds = DEEP_SECONDS if deep else GATE_SECONDS
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        open_state(directory / "state.db").close()
        written, failures = _hammer(directory, seconds)
        kept, wrong = _kept(directory / "state.db")
    lost = written - kept
    what = f"{PROCESSES} processes write every 10 ms and checkpoint for {seconds:g} s (SQLite {sqlite3.sqlite_version})"
    figure = f"{lost} lost of {written}, {len(failures)} errors shown" + "".join(
        f"; {e}" for e in (*failures[:2], *wrong)
    )
    held = lost == 0 and written > 0 and not failures and not wrong
    return [Measured("P24 SQLite", what, figure, "0 lost, 0 errors, file whole", held)]


def _hammer(directory: Path, seconds: float) -> tuple[int, list[str]]:
    """Return how many writes were answered, and every error that anybody got."""
    run = command("hammering", directory, seconds)
    children = [subprocess.Popen(run, env=environment(), stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    try:
        _checkpoint(directory / "state.db", seconds)
        answers = [json.loads(child.communicate(timeout=CHILD_SECONDS)[0]) for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    return sum(a["written"] for a in answers), [failure for a in answers for failure in a["failures"]]


def _checkpoint(path: Path, seconds: float) -> None:
    """As somebody's backup would: checkpoint (a no-op without WAL) and read everything, again and again."""
    end = time.monotonic() + seconds
    with closing(sqlite3.connect(path, timeout=30.0)) as connection:
        while time.monotonic() < end:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.execute("SELECT count(*) FROM audit").fetchall()
            time.sleep(0.05)


def _kept(path: Path) -> tuple[int, list[str]]:
    """Return how many writes the audit holds, and what is wrong with the file."""
    wrong = [] if whole(path) else ["the file is not whole"]
    store = open_state(path)
    try:
        return store.verify_audit(), wrong
    except OptimizerError as error:
        return 0, [*wrong, str(error)]
    finally:
        store.close()
