"""Writes and checkpoints for some seconds beside others that do the same; prints how many writes were answered, and the error
that ended it."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.knowledge.values import canonical

PAUSE_SECONDS = 0.01  # SQLite lets nobody wait in line: who never pauses starves the others out of their five seconds


def main() -> None:
    written, failures = 0, list[str]()
    try:
        for _ in _writes(Path(sys.argv[1]), float(sys.argv[2])):
            written += 1
    except Exception as error:  # noqa: BLE001 - every kind counts as shown to users
        failures.append(f"{type(error).__name__}: {error}"[:200])
    sys.stdout.write(canonical({"written": written, "failures": failures}))


def _writes(directory: Path, seconds: float) -> Iterator[None]:
    """Write until the time is over, other things between; yield after each write that was answered."""
    end, number = time.monotonic() + seconds, 0
    state, samples = open_state(directory / "state.db"), open_samples(directory / "samples.db")
    while time.monotonic() < end:
        number += 1
        state.save_policy(f"p{os.getpid()}", {"max_workers": number}, "ann", time.time())
        yield
        state.version()
        if number % 10 == 0:
            samples.trim(time.time())
        time.sleep(PAUSE_SECONDS)
    state.close()
    samples.close()


if __name__ == "__main__":
    main()
