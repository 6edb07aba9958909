"""Makes the kernel give a process id to another process, at once, and signals the first one. In a PID namespace of its own.

Prints how often the id really was given again, and how many processes got a signal that was not meant for them.
"""

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


def main() -> None:
    signal.signal(
        signal.SIGTTIN, lambda *_: os._exit(SIGNALLED)
    )  # children inherit it: a wrong signal shows at their end
    trials = [_trial() for _ in range(int(sys.argv[1]))]
    sys.stdout.write(f"{sum(reused for reused, _ in trials)} {sum(wrong for _, wrong in trials)}\n")


def _trial() -> tuple[bool, bool]:
    first = _waiting()
    identity = identify(first)
    _end(first)
    LAST_PID.write_text(str(first - 1))
    time.sleep(START_RESOLUTION_SECONDS)
    second = _waiting()
    try:
        send_signal(identity, signal.SIGTTIN)
    except (Gone, Refused):
        pass
    return second == first, _end(second) != signal.SIGKILL


def _waiting() -> int:
    pid = os.fork()
    if pid == 0:
        while True:
            signal.pause()
    return pid


def _end(pid: int) -> int:
    """Kill it; return how it ended (as `os.waitpid` says)."""
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


if __name__ == "__main__":
    main()
