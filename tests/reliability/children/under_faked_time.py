"""Runs one execution that nobody can judge with the runner's own threads; somebody else moves the clock (libfaketime).

Prints for each state when it was first seen, the wall time then, and when the last look before had been (seconds of the
monotonic clock), and in the end the number of effects.
Waits on events only: `time.sleep` fails where the monotonic clock is the true one and the other is not.
"""

import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from plugin_optimizer.domain import FINAL, Outcome
from plugin_optimizer.execute.executor import Executor
from plugin_optimizer.knowledge import open_state
from plugin_optimizer.runner import Runner
from tests.reliability.house import POLICY, approve, executor_of, watched

AFTER = 4
LONGEST_SECONDS = 90.0


@dataclass(slots=True)
class Ticking:
    """A loop of executions only."""

    executor: Executor

    def turn(self) -> None: ...
    def trim(self) -> None: ...
    def close(self) -> None: ...
    def tick(self) -> int:
        return self.executor.tick(time.time(), time.monotonic())


def main() -> None:
    directory, verify_seconds = Path(sys.argv[1]), float(sys.argv[2])
    state = open_state(directory / "state.db")
    touchpoint = watched(directory / "state.db", directory / "standing")
    policy = replace(POLICY, settle_seconds=1.0, verify_seconds=verify_seconds)
    executor = executor_of(state, touchpoint, lambda: False, Outcome.INCONCLUSIVE, policy)
    execution = approve(state, AFTER, time.time())
    runner = Runner(lambda _: Ticking(executor), directory / "engine.lock", 5.0)
    runner.start()
    began, seen, pause, looked = time.monotonic(), dict[str, float](), threading.Event(), 0.0
    while not seen.keys() & FINAL and time.monotonic() - began < LONGEST_SECONDS:
        asked = time.monotonic() - began
        present = state.execution(execution.id).state
        if present not in seen:
            seen[present] = time.monotonic() - began
            _say(f"{present} {seen[present]:.3f} {time.time():.0f} {looked:.3f}")
        looked = asked
        pause.wait(0.05)
    runner.stop()
    _say(f"effects {len(touchpoint.effects)}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
