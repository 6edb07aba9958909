"""P2: what was acknowledged is there after a power loss at any moment.

A process commits writes under strace. From its calls images of the disk are made as a power loss could leave them after any of
them (`disk_trace`): everything synced, and any part of the rest. Each image is opened by the product.
"""

import random
import shutil
import sqlite3
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from plugin_optimizer.domain import OptimizerError

from .acknowledged_writes import lost_writes
from .children.start import command, environment
from .disk_trace import TRACED, Call, FileOnDisk, read_trace
from .promise import Measured
from .seed import seed

GATE, DEEP = 40, 600
ROUNDS = 4
CHILD_SECONDS = 240.0
LIMITS_SECONDS = (240.0, 840.0)
PROMISE, WHAT = "P2 acknowledged writes", "a power loss at a random moment, unsynced sectors lost at random"


def measure(deep: bool) -> list[Measured]:
    images = DEEP if deep else GATE
    target = f"0 broken of {images}"
    if shutil.which("strace") is None:
        return [Measured(PROMISE, WHAT, "not measured: needs strace", target, False)]
    with tempfile.TemporaryDirectory() as name:
        calls = _traced(Path(name))
        broken, checked = _power_losses(calls, Path(name) / "image", images)
    figure = f"{len(broken)} broken of {images} ({checked} acknowledged writes looked for)"
    figure += "".join(f"; {what}" for what in broken[:3])
    return [Measured(PROMISE, WHAT, figure, target, not broken and checked > 0)]


def _traced(directory: Path) -> list[Call]:
    """Return the calls of a process that writes, those on its database and its list of what was acknowledged."""
    trace, state_path, ledger = directory / "trace", directory / "state.db", directory / "ledger"
    strace = ["strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "100000", "-e", f"trace={TRACED}", "-o", str(trace)]
    child = command("one_writer", state_path, ledger, ROUNDS)
    subprocess.run([*strace, *child], env=environment(), check=True, timeout=CHILD_SECONDS)
    return [call for call in read_trace(trace) if call.path.parent == directory]


def _power_losses(calls: Sequence[Call], directory: Path, images: int) -> tuple[list[str], int]:
    """Return what was wrong with which image, and how many acknowledged writes were looked for in all."""
    chance, broken, checked = random.Random(seed()), list[str](), 0
    for number in range(images):
        moment = chance.randrange(len(calls))
        promised = _make_image(calls[: moment + 1], directory, chance)
        checked += len(promised)
        try:
            lost, wrong = lost_writes(directory / "state.db", promised)
        except (OptimizerError, SQLAlchemyError, sqlite3.DatabaseError) as error:
            lost, wrong = 0, [str(error)]
        wrong += [f"{lost} acknowledged writes lost"] if lost else []
        broken += [f"image {number} after call {moment}: {what}" for what in wrong]
    return broken, checked


def _make_image(calls: Sequence[Call], directory: Path, chance: random.Random) -> list[tuple[str, str]]:
    """Write the files as they are found after the power loss; return what had been acknowledged before."""
    files: dict[str, FileOnDisk] = defaultdict(FileOnDisk)
    promised = []
    for call in calls:
        if call.path.name == "ledger":
            kind, mark = call.data.decode().split()
            promised.append((kind, mark))
        else:
            files[call.path.name].take(call)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    for name, file in files.items():
        (directory / name).write_bytes(file.after_power_loss(chance))
    return promised
