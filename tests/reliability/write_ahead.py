"""What a real engine asks of the kernel, in order: nothing it wrote is unsynced when an effect leaves it (strace)."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.crash.case import Case, Room
from tests.crash.drive import Run
from tests.crash.invariants import broken_promises

from .promise import Measured

LIMITS_SECONDS = (240.0, 900.0)
TRACED_SECONDS = 60.0
RUNS = {False: 1, True: 5}
PROMISE = "P3 the intent is on disk before the effect"
TRACED = "write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,sendto,pidfd_send_signal"
CALL = re.compile(r"^\d+ +[\d.]+ (?P<name>\w+)\((?P<arguments>.*)\) = (?P<result>-?\d+)")
FIRST_FILE = re.compile(r"^\d+<(?P<path>/[^>]*)>")
OURS = re.compile(r"/state/(state\.db(-journal|-wal)?|fences/[^/]+)$")
# How each adapter's effect shows at the kernel, and how many there are in a change of two steps, kept, then undone.
EFFECTS = {
    "signals": (re.compile(r"^pidfd_send_signal\(.*SIGTT(IN|OU)"), 4),
    "socket": (re.compile(r"^sendto\(.*worker (add|remove)"), 4),
    "probe": (re.compile(r'^rename\w*\(.*/settings\.json"'), 2),
    "config file": (re.compile(r'^rename\w*\(.*/gunicorn_conf\.py"'), 2),
}
TRACED_BY = {"signals": "signals", "socket": "socket", "probe": "probe", "config file": "signals"}


@dataclass(frozen=True, slots=True)
class Call:
    """One finished system call. `path` is the file of its first argument, empty where that is none."""

    name: str
    text: str
    path: str
    worked: bool


def measure(deep: bool) -> list[Measured]:
    """Trace a whole change for each adapter, and read in which order things were asked for."""
    if shutil.which("strace") is None:
        return [Measured(PROMISE, "strace is not installed", "not measured", "all", held=False)]
    traces = {target: [trace(target) for _ in range(RUNS[deep])] for target in dict.fromkeys(TRACED_BY.values())}
    return [_row(adapter, traces[target]) for adapter, target in TRACED_BY.items()]


def _row(adapter: str, traces: list[list[Call]]) -> Measured:
    pattern, least = EFFECTS[adapter]
    found = [judged for calls in traces for judged in ahead(calls, pattern)]
    right, wanted = sum(found), least * len(traces)
    figure = f"{right} of {len(found)} effects"
    what = f"strace of {len(traces)} changes, made to last and undone: {adapter}"
    return Measured(PROMISE, what, figure, f"all, at least {wanted}", held=right == len(found) >= wanted)


def ahead(calls: list[Call], effect: re.Pattern[str]) -> Iterator[bool]:
    """Yield for each effect whether record and fence were written since the last one, and nothing of it is unsynced."""
    unsynced, synced = set[str](), set[str]()
    for call in calls:
        if effect.match(f"{call.name}({call.text}"):
            yield not unsynced and _has(synced, "state.db") and _has(synced, "fences/")
            synced = set()
        elif call.name in ("fsync", "fdatasync") and call.worked:
            unsynced.discard(call.path)
            if OURS.search(call.path):
                synced.add(call.path)
        elif call.name in ("write", "pwrite64", "ftruncate") and OURS.search(call.path):
            unsynced.add(call.path)


def _has(paths: set[str], part: str) -> bool:
    return any(f"/state/{part}" in path for path in paths)


def trace(target: str) -> list[Call]:
    """Return what an engine asked for while it made a change, made it last, and took it back."""
    directory = Path(tempfile.mkdtemp(prefix="write-ahead-"))
    case, room, output = Case("", "none", target, "undo_kept"), Room(directory / "room"), directory / "calls"
    run = Run(case, room)
    try:
        run.prepare()
        command = [sys.executable, "-m", "tests.crash.alone", case.name, str(room.path)]
        strace = ["strace", "-f", "-y", "-ttt", "-s", "300", "-e", f"trace={TRACED}", "-o", str(output), *command]
        with (directory / "engine.log").open("wb") as log:
            subprocess.run(strace, stdout=log, stderr=subprocess.STDOUT, timeout=TRACED_SECONDS, check=True)
        end, _, broken = broken_promises(case, room)
        sys.stdout.write(f"{target}: {end}, {broken or 'held'}\n")
        return list(parsed(output.read_text(errors="replace")))
    finally:
        run.end()
        shutil.rmtree(directory)


def parsed(text: str) -> Iterator[Call]:
    """Yield the calls that were traced in one piece; a sync that is not among them counts as not made."""
    for line in text.splitlines():
        found = CALL.match(line)
        if found:
            file = FIRST_FILE.match(found["arguments"])
            yield Call(
                found["name"], found["arguments"], file["path"] if file else "", not found["result"].startswith("-")
            )
