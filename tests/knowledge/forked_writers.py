"""Forks writers that acknowledge what was committed; whoever started this kills them.

For each line on standard input one writer is forked, its process id printed, and its end awaited. A writer writes for
ever, and notes each write that returned in a file of its own, fsynced before the next write begins.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from plugin_optimizer.knowledge import SqlStateStore, open_state

Acknowledge = Callable[[str, str], object]
Write = Callable[[SqlStateStore, str, Acknowledge], None]


def fork_writers(write: Write) -> None:
    """Serve the lines of standard input; the arguments of the command are the paths of the state and of the ledger.

    `write` is called again and again with a mark that no other call of any writer has.
    """
    state_path, ledger_path = (Path(argument) for argument in sys.argv[1:])
    for _ in sys.stdin:
        writer = os.fork()
        if writer == 0:
            _write_forever(write, state_path, ledger_path)
        _say(str(writer))
        os.waitpid(writer, 0)
        _say("gone")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _write_forever(write: Write, state_path: Path, ledger_path: Path) -> None:
    state = open_state(state_path)
    with ledger_path.open("a", encoding="utf-8") as ledger:

        def acknowledge(first: str, second: str) -> None:
            ledger.write(f"{first} {second}\n")
            ledger.flush()
            os.fsync(ledger.fileno())

        number = 0
        while True:
            number += 1
            write(state, f"w{os.getpid()}-{number}", acknowledge)
