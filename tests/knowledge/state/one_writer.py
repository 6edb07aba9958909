"""Comes to the line of a state, says so when it is its turn, and goes on when it is told. Used by test_line.

Arguments: `seat` (it takes the writer's seat), `fork` (it leaves a child behind, too) or `write` (it is within a transaction), and the path of the
state. Whoever gets the output to its end knows that all of them are gone.
"""

import os
import sys
import time
from pathlib import Path

from plugin_optimizer.knowledge import open_state

LONGEST_SECONDS = 120.0


def main() -> None:
    what, path = sys.argv[1], Path(sys.argv[2])
    state = open_state(path)
    with state._database.writing() if what == "write" else state._database._writers.turn() as transaction:
        if transaction is not None:
            transaction.audit(time.time(), "other", "other.wrote", "other")
        if what == "fork" and os.fork() == 0:
            time.sleep(LONGEST_SECONDS)
            os._exit(0)
        _say("here")
        sys.stdin.readline()
    state.close()
    _say("done")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
