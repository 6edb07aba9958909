"""Writes and checkpoints for some seconds beside others that do the same; prints how many writes were answered, and failures."""

import os
import sys
import time
from pathlib import Path

from plugin_optimizer.knowledge import open_samples, open_state
from plugin_optimizer.knowledge.values import canonical


def main() -> None:
    directory, seconds = Path(sys.argv[1]), float(sys.argv[2])
    state, samples = open_state(directory / "state.db"), open_samples(directory / "samples.db")
    end, written, failures, number = time.monotonic() + seconds, 0, list[str](), 0
    while time.monotonic() < end:
        number += 1
        try:
            state.save_policy(f"p{os.getpid()}", {"max_workers": number}, "ann", time.time())
            written += 1
            state.version()
            if number % 10 == 0:
                samples.trim(time.time())
        except Exception as error:  # noqa: BLE001 - every kind counts as shown to users
            failures.append(f"{type(error).__name__}: {error}"[:200])
    state.close()
    samples.close()
    sys.stdout.write(canonical({"written": written, "failures": failures}))


if __name__ == "__main__":
    main()
