"""Two hosts share a PostgreSQL database; the one that runs the turns is killed (SIGKILL), the other takes over."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from plugin_optimizer.knowledge import SqlStateStore, open_state
from tests import postgresql

from .promise import Measured

LIMITS_SECONDS = (240.0, 900.0)
TRIALS = {False: 3, True: 20}
AT_ONCE = 3
TAKEOVER_SECONDS = 20.0
PATIENCE_SECONDS = 90.0
LOOK_SECONDS = 0.05


def measure(deep: bool) -> list[Measured]:
    with postgresql.running() as server, ThreadPoolExecutor(AT_ONCE) as pool:
        urls = [server.new_state() for _ in range(TRIALS[deep])]
        seconds = list(pool.map(takeover_seconds, urls))
    figure = f"{min(seconds):.1f} to {max(seconds):.1f} s"
    what = f"{len(seconds)} runners killed, counted until the other one's first turn"
    return [Measured("P6 another host takes over", what, figure, "<= 20 s", max(seconds) <= TAKEOVER_SECONDS)]


def takeover_seconds(url: str) -> float:
    """Return the seconds from the death of the one to the first turn of the other."""
    with ExitStack() as ends:
        directory = Path(ends.enter_context(tempfile.TemporaryDirectory()))
        state = ends.enter_context(opened(url))
        for name in ("one", "two"):
            ends.enter_context(host(url, directory / name))
        until(lambda: state.latest_cycle() is not None)
        (taken,) = state.audit(action="lease.taken")
        os.kill(int(taken.actor.split(":")[1]), signal.SIGKILL)
        killed_at, killed = time.time(), time.monotonic()
        until(lambda: (cycle := state.latest_cycle()) is not None and cycle.at > killed_at)
        seconds = time.monotonic() - killed
        holders = [entry.actor for entry in state.audit(action="lease.taken")]
        assert len(holders) == 2, holders
        assert holders[0] != holders[1], holders
    return seconds


@contextmanager
def opened(url: str) -> Iterator[SqlStateStore]:
    state = open_state(url)
    try:
        yield state
    finally:
        state.close()


@contextmanager
def host(url: str, directory: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "tests.reliability.children.hosting", url, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(LOOK_SECONDS)
