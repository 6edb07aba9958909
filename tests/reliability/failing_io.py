"""P28: whatever call to the disk fails, no state is wrong, nothing is acknowledged falsely, no effect comes without its record.

One execution runs from its approval to its end under strace, which makes the n-th sync, write or truncation fail, or all from the
n-th on. Then the files are read by another process, which leads the execution to its end.
"""

import random
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from plugin_optimizer.domain import FINAL, ExecutionState, NotFound, OptimizerError
from plugin_optimizer.knowledge import open_state

from .children.one_execution import AFTER, BEGIN
from .children.start import command, environment
from .house import BEFORE, HOUR_SECONDS, TICK_SECONDS, executor_of, watched, whole
from .promise import Measured
from .seed import seed

GATE, AT_ONCE = 12, 2
CHILD_SECONDS, RECOVERY_TICKS = 120.0, 800
LIMITS_SECONDS = (240.0, 880.0)
DEEP_SHARE = {"fdatasync": 1, "ftruncate": 2, "pwrite64": 8}  # every n-th call of each kind
PROMISE = "P28 failing I/O"


@dataclass(frozen=True, slots=True)
class Fault:
    """The call that fails, from which on (1 = the first), with what error, and whether all later ones fail too."""

    call: str
    number: int
    error: str
    lasting: bool

    @property
    def injection(self) -> str:
        return f"{self.call}:error={self.error}:when={self.number}{'+' if self.lasting else ''}"


def measure(deep: bool) -> list[Measured]:
    what = "one call of an execution fails (fdatasync, write, truncation), or all from there on"
    if shutil.which("strace") is None:
        return [Measured(PROMISE, what, "not measured: needs strace", "0 broken", False)]
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
        faults = _faults(Path(name) / "counted", deep)
        found = list(pool.map(lambda fault: _try(Path(name) / fault.injection, fault), faults))
    broken = [f"{fault.injection}: {'; '.join(wrong)}" for fault, wrong in zip(faults, found, strict=True) if wrong]
    figure = f"{len(broken)} broken of {len(faults)} faults" + "".join(f"; {one}" for one in broken[:3])
    return [Measured(PROMISE, what, figure, "0 broken", not broken and len(faults) >= GATE)]


def _faults(directory: Path, deep: bool) -> list[Fault]:
    """Return which faults to try: all of them, or a few drawn from the seed."""
    directory.mkdir()
    trace = directory / "trace"
    _run(directory, ["-e", f"trace={','.join(DEEP_SHARE)}", "-o", str(trace)])
    text = trace.read_text()
    every = [
        Fault(call, number, error, lasting)
        for call, share in DEEP_SHARE.items()
        for number in range(1, len(re.findall(rf"\b{call}\(", text)) + 1, share)
        for error, lasting in ((("EIO", False), ("EIO", True)) if call == "fdatasync" else (("ENOSPC", False),))
    ]
    return every if deep else random.Random(seed()).sample(every, GATE)


def _run(directory: Path, options: list[str]) -> str:
    strace = ["strace", "-f", "--seccomp-bpf", "-qq", *options, *command("one_execution", directory)]
    done = subprocess.run(strace, env=environment(), capture_output=True, text=True, timeout=CHILD_SECONDS, check=True)
    return done.stdout


def _try(directory: Path, fault: Fault) -> list[str]:
    """Return what was wrong after this fault."""
    directory.mkdir()
    told = _run(directory, ["-e", f"inject={fault.injection}", "-o", "/dev/null"])
    wrong = [f"an effect without record: {line}" for line in told.splitlines() if line.endswith("False")]
    acknowledged = re.findall(r"^acknowledged (\S+)$", told, re.MULTILINE)
    return wrong + _after(directory, acknowledged, told.count("\neffect "))


def _after(directory: Path, acknowledged: list[str], effects: int) -> list[str]:
    database = directory / "state.db"
    state = open_state(database)
    try:
        touchpoint = watched(database, directory / "standing")
        executor, begin = executor_of(state, touchpoint, lambda: False), BEGIN + HOUR_SECONDS / 60
        for number in range(RECOVERY_TICKS):
            if executor.tick(begin + TICK_SECONDS * number) == 0:
                break
        state.verify_audit()
        wrong: list[str] = []
        executions = state.executions()
        for execution_id in acknowledged:
            state.execution(execution_id)
        wrong += [] if whole(database) else ["the database is not whole"]
        wrong += ["two executions of one approval"] if len(executions) > 1 else []
        wrong += ["an effect without record on the way on"] if touchpoint.unannounced else []
        for execution in executions:
            wrong += [] if execution.state in FINAL else [f"it stays {execution.state}"]
            expected = AFTER if execution.state is ExecutionState.SUCCEEDED else BEFORE
            wrong += [] if touchpoint.value == expected else [f"{execution.state} at {touchpoint.value}"]
        wrong += ["an effect twice"] if effects + len(touchpoint.effects) > 2 else []
    except NotFound as error:
        wrong = [f"acknowledged and lost: {error}"]
    except OptimizerError as error:
        wrong = [str(error)]
    finally:
        state.close()
    return wrong
