"""A process stopped in the middle of an effect is told by the health page and the doctor, with its id."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from web.conftest import Api
from web.small_system import SmallSystem, add_plugin, record_cycle

from plugin_optimizer.execute.holders import HELD_SECONDS

HOLD = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(600)"


@pytest.fixture
def lock(system: SmallSystem) -> Path:
    directory = system.config.fences_dir
    directory.mkdir(parents=True)
    return directory / "orders.lock"


def test_who_holds_a_plugin_for_long_is_told(system: SmallSystem, viewer: Api, lock: Path) -> None:
    """Degraded, `fence_held` in both languages with the process and what to do; nothing once it has ended."""
    add_plugin(system)
    record_cycle(system)
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert viewer.get("/health").json["status"] == "ok"  # an order may take its moment
        long_ago = time.time() - HELD_SECONDS - 60.0
        os.utime(lock, (long_ago, long_ago))
        health = viewer.get("/health?lang=en").json
        (check,) = [c for c in health["checks"] if c["code"] == "fence_held"]
        assert (health["status"], check["ok"]) == ("degraded", False)
        assert f"process {process.pid} " in check["text"]
        assert f"kill -CONT {process.pid}`" in check["help"]
        asked = viewer.get("/doctor?lang=ko").json["questions"]
        assert any(str(process.pid) in a["text"] for q in asked for a in q["answer"] if a["code"] == "fence_held")
        process.kill()
    assert viewer.get("/health").json["status"] == "ok"


def test_a_fence_that_nobody_holds_is_no_trouble(system: SmallSystem, viewer: Api, lock: Path) -> None:
    """However old its file; and one that is let go is free at once."""
    add_plugin(system)
    record_cycle(system)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
    os.utime(lock, (1.0, 1.0))
    assert viewer.get("/health").json["status"] == "ok"
