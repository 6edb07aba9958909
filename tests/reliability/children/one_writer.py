"""Commits a bounded number of writes of all kinds and notes each that returned, unsynced: `power_loss` traces it."""

import os
import sys
from pathlib import Path

from plugin_optimizer.knowledge import open_state
from tests.reliability.children.acknowledging import write_all_kinds


def main() -> None:
    state_path, ledger_path, rounds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    state = open_state(state_path)
    ledger = os.open(ledger_path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for number in range(rounds):
        write_all_kinds(state, f"round-{number}", lambda kind, mark: os.write(ledger, f"{kind} {mark}\n".encode()))
    state.close()


if __name__ == "__main__":
    main()
