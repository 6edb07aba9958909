"""Forks writers that acknowledge what they wrote; its parent kills them. Used by test_durability.

For each line on standard input one writer is forked, its process id printed, and its end awaited. A writer leads
executions through their life for ever, and notes each write that returned in a file of its own, fsynced.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.lives import BACK, TO_APPLYING
from tests.knowledge.lives import walk as lead
from tests.knowledge.proposals import HOUR, proposal

Acknowledge = Callable[[str, str], None]


def main() -> None:
    state_path, ledger_path = (Path(argument) for argument in sys.argv[1:])
    for _ in sys.stdin:
        writer = os.fork()
        if writer == 0:
            write_forever(state_path, ledger_path)
        say(str(writer))
        os.waitpid(writer, 0)
        say("gone")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def write_forever(state_path: Path, ledger_path: Path) -> None:
    state = open_state(state_path)
    with ledger_path.open("a", encoding="utf-8") as ledger:

        def acknowledge(execution_id: str, name: str) -> None:
            ledger.write(f"{execution_id} {name}\n")
            ledger.flush()
            os.fsync(ledger.fileno())

        number = 0
        while True:
            number += 1
            one_life(state, f"p{os.getpid()}-{number}", acknowledge)


def one_life(state: SqlStateStore, plugin_id: str, acknowledge: Acknowledge) -> None:
    now = time.time()
    suggestion = state.offer(proposal(plugin_id), now, now + HOUR)
    execution, _ = state.approve(suggestion.id, None, "ann", None, now)
    acknowledge(execution.id, execution.state)
    execution = state.claim(execution.id, "engine", now, now + HOUR)
    acknowledge(execution.id, execution.state)
    for following in (*TO_APPLYING, *BACK):
        execution = lead(state, execution, following, at=now)
        acknowledge(execution.id, execution.state)


if __name__ == "__main__":
    main()
