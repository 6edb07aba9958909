"""P24: several processes write to one SQLite state and others read it; it stays whole, nobody is told that it is locked, and nobody starves.

Once with a pause after each write, while somebody checkpoints (as a backup would); once without any pause, where SQLite by
itself would let one writer go ahead again and again, and shut the readers out.
"""

import json
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugin_optimizer.domain import OptimizerError
from plugin_optimizer.knowledge import open_state

from .children.start import command, environment
from .house import whole
from .promise import Measured

GATE_SECONDS, DEEP_SECONDS = 5.0, 60.0
PROCESSES, PAUSE_SECONDS = 4, 0.01
CROWD = 8
LEAST_SHARE = 0.5  # of an equal one: the first and the last writes are not all at the same moment
CHILD_SECONDS = 120.0
LIBRARY = f"SQLite {sqlite3.sqlite_version}"


@dataclass(slots=True)
class Outcome:
    """What the processes got, and what was found in the file afterwards."""

    written: list[int] = field(default_factory=list)
    longest_seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    kept: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        return sum(self.written) - self.kept

    @property
    def least_share(self) -> float:
        """Return what the last of them wrote, as a part of what each would have written if all wrote the same."""
        return min(self.written) * len(self.written) / max(sum(self.written), 1)

    def sound(self) -> bool:
        return self.lost == 0 and sum(self.written) > 0 and not self.failures and not self.wrong

    def words(self) -> str:
        return f"{self.lost} lost of {sum(self.written)}, {len(self.failures)} errors shown"

    def complaints(self) -> str:
        return "".join(f"; {what}" for what in (*self.failures[:2], *self.wrong))


def measure(deep: bool) -> list[Measured]:
    seconds = DEEP_SECONDS if deep else GATE_SECONDS
    return [_with_pauses(seconds), *_without_a_pause(seconds)]


def _with_pauses(seconds: float) -> Measured:
    seen = _hammered(PROCESSES, seconds, PAUSE_SECONDS, _checkpoint)
    what = f"{PROCESSES} processes write every 10 ms and checkpoint for {seconds:g} s ({LIBRARY})"
    return Measured("P24 SQLite", what, seen.words() + seen.complaints(), "0 lost, 0 errors, file whole", seen.sound())


def _without_a_pause(seconds: float) -> list[Measured]:
    reads, failed_reads = list[float](), list[str]()
    seen = _hammered(CROWD, seconds, 0.0, lambda path, seconds: _read(path, seconds, reads, failed_reads))
    shares = [100 * written / max(sum(seen.written), 1) for written in seen.written]
    figure = f"{seen.words()}, longest wait {seen.longest_seconds:.2f} s, {min(shares):.1f} to {max(shares):.1f} % each"
    fair = seen.sound() and seen.least_share >= LEAST_SHARE
    read = f"{len(failed_reads)} errors in {len(reads)} reads, the slowest {max(reads, default=0.0):.2f} s"
    return [
        Measured(
            "P24 SQLite",
            f"{CROWD} processes write for {seconds:g} s and never pause",
            figure + seen.complaints(),
            f"0, 0, none below {100 * LEAST_SHARE / CROWD:.1f} %",
            fair,
        ),
        Measured(
            "P24 SQLite",
            "somebody reads meanwhile",
            read + "".join(f"; {failure}" for failure in failed_reads[:1]),
            "0 errors",
            not failed_reads and len(reads) > 0,
        ),
    ]


def _hammered(
    processes: int, seconds: float, pause_seconds: float, meanwhile: Callable[[Path, float], None]
) -> Outcome:
    """Let so many processes write at once; `meanwhile(path, seconds)` is done beside them."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "state.db"
        open_state(path).close()
        answers = _answers(path, processes, (seconds, pause_seconds), meanwhile)
        kept, wrong = _kept(path)
    return Outcome(
        [answer["written"] for answer in answers],
        max(answer["longest_seconds"] for answer in answers),
        [failure for answer in answers for failure in answer["failures"]],
        kept,
        wrong,
    )


def _answers(
    path: Path, processes: int, arguments: tuple[float, float], meanwhile: Callable[[Path, float], None]
) -> list[dict[str, Any]]:
    run = command("hammering", path.parent, *arguments)
    children = [
        subprocess.Popen(run, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        meanwhile(path, arguments[0])
        return [json.loads(child.communicate(timeout=CHILD_SECONDS)[0]) for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()


def _checkpoint(path: Path, seconds: float) -> None:
    """As somebody's backup would: checkpoint (a no-op without WAL) and read everything, again and again."""
    end = time.monotonic() + seconds
    with closing(sqlite3.connect(path, timeout=30.0)) as connection:
        while time.monotonic() < end:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.execute("SELECT count(*) FROM audit").fetchall()
            time.sleep(0.05)


def _read(path: Path, seconds: float, taken_seconds: list[float], failures: list[str]) -> None:
    """Read again and again, as the dashboard does; note what each read took, and each that failed."""
    end, state = time.monotonic() + seconds, open_state(path)
    while (began := time.monotonic()) < end:
        try:
            state.policies()
            taken_seconds.append(time.monotonic() - began)
        except Exception as error:  # noqa: BLE001 - every kind counts as shown to users
            failures.append(f"{type(error).__name__}: {error}".splitlines()[0][:200])
        time.sleep(PAUSE_SECONDS)
    state.close()


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
