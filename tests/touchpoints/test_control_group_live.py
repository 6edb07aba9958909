"""On the kernel's own cgroups of version 2: what every group counts, and limits where the controllers are there."""

import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from plugin_optimizer.touchpoints.control_group import ControlGroup

MEBIBYTE = 1 << 20
BURN = "while True: pass"


def hierarchy() -> Path | None:
    """Return where version 2 is mounted, None where it is not."""
    lines = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    return next((Path(words[1]) for words in lines if words[2] == "cgroup2"), None)


ROOT = hierarchy()
pytestmark = [
    pytest.mark.extra,
    pytest.mark.skipif(os.geteuid() != 0, reason="groups need root"),
    pytest.mark.skipif(ROOT is None, reason="no cgroups of version 2 are mounted"),
]


@pytest.fixture
def group() -> Iterator[ControlGroup]:
    assert ROOT is not None
    made = ROOT / f"optimizer-test-{uuid.uuid4().hex[:8]}"
    made.mkdir()
    yield ControlGroup(PurePosixPath(f"/{made.name}"), ROOT)
    for _ in range(200):
        with contextlib.suppress(OSError):
            made.rmdir()
            return
        time.sleep(0.05)


@contextlib.contextmanager
def burning(group: ControlGroup) -> Iterator[int]:
    """Run a process that computes in the group; yield its pid."""
    with subprocess.Popen([sys.executable, "-c", BURN]) as process:
        (group.root / group.path.name / "cgroup.procs").write_text(str(process.pid))
        try:
            yield process.pid
        finally:
            process.kill()


def test_its_cpu_time_and_its_processes_are_the_kernels(group: ControlGroup) -> None:
    """Every group counts these, whichever version has the controllers; a limit that is not there is none."""
    with burning(group) as pid:
        before = group.counts().cpu_seconds
        assert before is not None
        deadline = time.monotonic() + 120
        while (group.counts().cpu_seconds or 0.0) < before + 0.5:
            assert time.monotonic() < deadline, "no CPU time was counted"
            time.sleep(0.05)
        assert group.pids() == [pid]
        assert group.cpu_cores() is None
        assert group.memory_bytes() is None
        assert group.high_bytes() is None


def test_limits_are_read_as_the_kernel_took_them(group: ControlGroup) -> None:
    """MemoryHigh, MemoryMax and the quota: only where this kernel has lent memory and cpu to version 2."""
    assert ROOT is not None
    lent = set((ROOT / "cgroup.controllers").read_text().split())
    missing = {"memory", "cpu"} - lent
    if missing:
        pytest.skip(
            f"this host has {' and '.join(sorted(missing))} on version 1; version 2 has {', '.join(sorted(lent))}"
        )
    (ROOT / "cgroup.subtree_control").write_text("+memory +cpu")
    folder = ROOT / group.path.name
    for name, text in (("memory.high", "64M"), ("memory.max", "128M"), ("cpu.max", "20000 100000")):
        (folder / name).write_text(text)
    assert group.has_high()
    assert (group.high_bytes(), group.memory_bytes()) == (64 * MEBIBYTE, 128 * MEBIBYTE)
    assert group.cpu_cores() == pytest.approx(0.2)
    with burning(group):
        deadline = time.monotonic() + 120
        while group.counts().throttled == 0:
            assert time.monotonic() < deadline, "its quota never stopped it"
            time.sleep(0.1)
    assert (group.used_bytes() or 0) > 0
