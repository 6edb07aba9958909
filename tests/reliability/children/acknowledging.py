"""Forks writers that acknowledge what was committed; the measurement kills them.

For each line on standard input one writer is forked, its process id printed, and its end awaited. A writer commits
approvals, states, policies and audited emergency stops for ever, and notes the id of each write that returned in
a file of its own, fsynced before the next write begins.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from plugin_optimizer.domain import ExecutionState
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.knowledge.proposals import HOUR, proposal

Acknowledge = Callable[[str, str], object]


def main() -> None:
    state_path, ledger_path = (Path(argument) for argument in sys.argv[1:])
    for _ in sys.stdin:
        writer = os.fork()
        if writer == 0:
            _write_forever(state_path, ledger_path)
        _say(str(writer))
        os.waitpid(writer, 0)
        _say("gone")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _write_forever(state_path: Path, ledger_path: Path) -> None:
    state = open_state(state_path)
    with ledger_path.open("a", encoding="utf-8") as ledger:

        def acknowledge(kind: str, mark: str) -> None:
            ledger.write(f"{kind} {mark}\n")
            ledger.flush()
            os.fsync(ledger.fileno())

        number = 0
        while True:
            number += 1
            write_all_kinds(state, f"w{os.getpid()}-{number}", acknowledge)


def write_all_kinds(state: SqlStateStore, mark: str, acknowledge: Acknowledge) -> None:
    now = time.time()
    suggestion = state.offer(proposal(mark), now, now + HOUR)
    execution, _ = state.approve(suggestion.id, None, "ann", mark, now)
    acknowledge("queued", execution.id)
    execution = state.claim(execution.id, "engine", now, now + HOUR)
    acknowledge("claimed", execution.id)
    state.save_policy(mark, {"max_workers": 7}, "ann", now)
    acknowledge("policy", mark)
    state.record_emergency_stop("set", "ann", mark, now)
    acknowledge("audit", mark)
    state.advance(replace(execution, state=ExecutionState.ABORTED), execution.state, "engine", now)
    acknowledge("aborted", execution.id)


if __name__ == "__main__":
    main()
