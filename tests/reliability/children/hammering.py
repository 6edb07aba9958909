"""Writes for some seconds beside others that do the same, with a pause after each write, in which it reads, or without any.

Says `ready`, begins when it is told, and prints how many writes were answered, how long the slowest one took, and the error that ended it.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from plugin_optimizer.knowledge import SqliteSampleStore, SqlStateStore, open_samples, open_state
from plugin_optimizer.knowledge.values import canonical


def main() -> None:
    directory, seconds, pause_seconds = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    state, samples = open_state(directory / "state.db"), open_samples(directory / "samples.db")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    taken_seconds, failures = list[float](), list[str]()
    try:
        taken_seconds.extend(_writes(state, samples, seconds, pause_seconds))
    except Exception as error:  # noqa: BLE001 - every kind counts as shown to users
        failures.append(f"{type(error).__name__}: {error}".splitlines()[0][:200])
    finally:
        state.close()
        samples.close()
    longest = max(taken_seconds, default=0.0)
    sys.stdout.write(canonical({"written": len(taken_seconds), "longest_seconds": longest, "failures": failures}))


def _writes(state: SqlStateStore, samples: SqliteSampleStore, seconds: float, pause_seconds: float) -> Iterator[float]:
    """Write until the time is over; yield what each write that was answered took."""
    end, number = time.monotonic() + seconds, 0
    while (began := time.monotonic()) < end:
        number += 1
        state.save_policy(f"p{os.getpid()}", {"max_workers": number}, "ann", time.time())
        yield time.monotonic() - began
        if pause_seconds:
            _read(state, samples, number)
            time.sleep(pause_seconds)


def _read(state: SqlStateStore, samples: SqliteSampleStore, number: int) -> None:
    state.version()
    if number % 10 == 0:
        samples.trim(time.time())


if __name__ == "__main__":
    main()
