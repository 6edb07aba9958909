"""P22: a signal reaches the process that was meant or nobody, also when its id belongs to another by now."""

import shutil
import subprocess

from .children.start import command, environment
from .promise import Measured

GATE, DEEP = 50, 1_000
CHILD_SECONDS = 270.0
NAMESPACE = ("unshare", "--fork", "--kill-child", "--pid", "--mount-proc")


def measure(deep: bool) -> list[Measured]:
    trials = DEEP if deep else GATE
    promise, what, target = (
        "P22 signals",
        "the id of an ended process is given to another at once",
        f"0 wrong of {trials}",
    )
    if not _permitted():
        return [Measured(promise, what, "not measured: a PID namespace needs root", target, False)]
    answer = subprocess.run(
        [*NAMESPACE, *command("reusing_pids", trials)],
        env=environment(), capture_output=True, text=True, timeout=CHILD_SECONDS, check=True,
    )  # fmt: skip
    reused, wrong = (int(number) for number in answer.stdout.split())
    figure = f"{wrong} wrong signals of {reused} reuses"
    return [Measured(promise, what, figure, target, wrong == 0 and reused == trials)]


def _permitted() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0
