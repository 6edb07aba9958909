"""Makes the kernel give a process id to another process, at once, and signals the first one. In a PID namespace of its own.

Prints how often the id really was given again, and how many processes got a signal that was not meant for them.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from plugin_optimizer.domain import Gone, Refused
from plugin_optimizer.touchpoints.process_identity import identify, send_signal

LAST_PID = Path("/proc/sys/kernel/ns_last_pid")
START_RESOLUTION_SECONDS = 0.011
SIGNALLED = 9
LOOK_SECONDS = 0.05
ASKS = signal.SIGWINCH  # of two that wait the lower number is delivered first: a wrong TTIN shows before this


def main() -> None:
    signal.signal(signal.SIGTTIN, lambda *_: os._exit(SIGNALLED))  # children inherit both
    signal.signal(ASKS, lambda *_: os._exit(0))
    trials = [_trial() for _ in range(int(sys.argv[1]))]
    sys.stdout.write(f"{sum(reused for reused, _ in trials)} {sum(wrong for _, wrong in trials)}\n")


def _trial() -> tuple[bool, bool]:
    first = _waiting()
    identity = identify(first)
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    LAST_PID.write_text(str(first - 1))
    time.sleep(START_RESOLUTION_SECONDS)
    second = _waiting()
    with contextlib.suppress(Gone, Refused):
        send_signal(identity, signal.SIGTTIN)
    os.kill(second, ASKS)
    return second == first, os.waitstatus_to_exitcode(os.waitpid(second, 0)[1]) != 0


def _waiting() -> int:
    """Fork a process, and return its id once it waits for signals (before, a new process drops those of its parent)."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(tell, b".")
        while True:
            time.sleep(LOOK_SECONDS)
    os.close(tell)
    os.read(ready, 1)
    os.close(ready)
    return pid


if __name__ == "__main__":
    main()
