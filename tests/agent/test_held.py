"""A separate agent tells who holds a fence: the server cannot read its files."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_optimizer.agent.client import AgentClient
from plugin_optimizer.agent.fence_holders import fence_holders
from plugin_optimizer.execute.holders import HELD_SECONDS

from .running import agent, directory_for_sockets

HOLD = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(600)"


@pytest.fixture
def directory() -> Iterator[Path]:
    with directory_for_sockets() as made:
        yield made


def test_the_agent_names_a_process_that_holds_a_fence_for_long(directory: Path) -> None:
    """By its id and since when; nobody once it has ended."""
    (directory / "fences").mkdir()
    lock = directory / "fences" / "orders.lock"
    with agent(directory) as running, holding(lock) as process:
        begun = time.time() - HELD_SECONDS - 60.0
        os.utime(lock, (begun, begun))
        (holder,) = fence_holders(running.client, directory / "elsewhere", time.time())
        assert (holder.plugin_id, holder.pid) == ("orders", process.pid)
        assert holder.since == pytest.approx(begun, abs=0.01)
        process.kill()
        process.wait()
        assert list(fence_holders(running.client, directory / "elsewhere", time.time())) == []


def test_without_its_agent_nobody_is_named(directory: Path) -> None:
    """The answer comes at once and is empty; that the agent is missing is told elsewhere."""
    absent = AgentClient(directory / "agent.sock", directory / "agent.key", frozenset({os.geteuid()}))
    assert list(fence_holders(absent, directory, time.time())) == []


def holding(lock: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process
