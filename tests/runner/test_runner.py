"""Exactly one process of a host runs the loop."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin_optimizer.runner import Runner


class CountingLoop:
    """A loop that notes in a file which process turned it."""

    def __init__(self, ledger: Path) -> None:
        self.ledger = ledger

    def turn(self) -> None:
        with self.ledger.open("a") as file:
            file.write(f"{os.getpid()}\n")

    def tick(self) -> int:
        return 0

    def trim(self) -> None:
        """There is nothing to trim."""

    def close(self) -> None:
        """There is nothing to close."""


def contender(directory: Path) -> Runner:
    return Runner(lambda _holder: CountingLoop(directory / "ledger"), directory / "engine.lock", 0.05)


def run_until_killed(directory: Path) -> None:
    contender(directory).start()
    threading.Event().wait(300)


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def turners(directory: Path) -> set[str]:
    ledger = directory / "ledger"
    return set(ledger.read_text().split()) if ledger.exists() else set()


@pytest.mark.live
def test_of_three_processes_one_runs_and_another_takes_over_when_it_is_killed(tmp_path: Path) -> None:
    """The kernel releases the lock of a process that was killed; the next contender goes on."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=run_until_killed, args=(tmp_path,), daemon=True) for _ in range(3)]
    try:
        for process in processes:
            process.start()
        until(lambda: len(turners(tmp_path)) == 1)
        (first,) = turners(tmp_path)
        os.kill(int(first), signal.SIGKILL)
        until(lambda: len(turners(tmp_path)) == 2)
        (tmp_path / "ledger").unlink()
        until(lambda: len(turners(tmp_path)) == 1)
        assert first not in turners(tmp_path)
    finally:
        for process in processes:
            process.kill()
            process.join(60)
            process.close()


def test_starting_twice_starts_once(tmp_path: Path) -> None:
    """Two registrations of the Blueprint in one process make one loop."""
    runner = contender(tmp_path)
    runner.start()
    runner.start()
    try:
        until(lambda: runner.active)
        names = [t.name for t in threading.enumerate() if t.name == "plugin-optimizer-runner"]
        assert len(names) == 1
    finally:
        runner.stop()
    assert not runner.active
