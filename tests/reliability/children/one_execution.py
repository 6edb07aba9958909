"""Leads one execution from its approval to its end while calls to the disk fail; `failing_io` has strace make them fail.

Prints `acknowledged ID` once the approval returned. A failed write is tried again by the next tick, as the runner does.
"""

import logging
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from plugin_optimizer.domain import FINAL, Execution, OptimizerError
from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests.reliability.house import TICK_SECONDS, approve, executor_of, watched

AFTER = 3
TRIES, TICKS, BEGIN = 5, 160, 1_000.0
Failures = (OptimizerError, SQLAlchemyError, OSError)


def main() -> None:
    logging.disable(logging.CRITICAL)  # failures are meant here
    directory = Path(sys.argv[1])
    state = _opened(directory / "state.db")
    execution = None if state is None else _approved(state)
    if state is not None and execution is not None:
        sys.stdout.write(f"acknowledged {execution.id}\n")
        sys.stdout.flush()
        _run(state, directory, execution.id)
    sys.stdout.write("done\n")


def _opened(path: Path) -> SqlStateStore | None:
    for _ in range(TRIES):
        try:
            return open_state(path)
        except Failures:
            continue
    return None


def _approved(state: SqlStateStore) -> Execution | None:
    for _ in range(TRIES):
        try:
            return approve(state, AFTER, BEGIN)
        except Failures:
            continue
    return None


def _run(state: SqlStateStore, directory: Path, execution_id: str) -> None:
    touchpoint = watched(directory / "state.db", directory / "standing")
    executor, effects = executor_of(state, touchpoint, lambda: False), 0
    for number in range(TICKS):
        try:
            executor.tick(BEGIN + TICK_SECONDS * number)
            if state.execution(execution_id).state in FINAL:
                break
        except Failures:
            continue
        finally:
            for to, on_record in touchpoint.effects[effects:]:
                sys.stdout.write(f"effect {to} {on_record}\n")
            effects = len(touchpoint.effects)


if __name__ == "__main__":
    main()
