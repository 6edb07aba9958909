"""CPU and memory read from small trees of files, and from a real process."""

import math
import os
from pathlib import Path

import psutil
import pytest

from plugin_optimizer.domain import CpuQuota, Gone
from plugin_optimizer.touchpoints import process_sensors
from plugin_optimizer.touchpoints.process_sensors import (
    cpu_quota,
    memory_bytes,
    memory_limit_bytes,
    usable_cores,
    usable_memory_bytes,
)


def group(pid: int, controller: str) -> str:
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    fields = [line.split(":", 2) for line in lines]
    return next((path.lstrip("/") for _, names, path in fields if controller in names.split(",")), "")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def test_a_quota_of_version_2_limits_the_cores(tmp_path: Path) -> None:
    """`cpu.max` is quota and period in microseconds; `max` is no limit."""
    own = tmp_path / group(os.getpid(), "")
    allowed = len(os.sched_getaffinity(0))
    write(own / "cpu.max", "50000 100000")
    assert cpu_quota(os.getpid(), tmp_path) == CpuQuota(0.05, 0.1, allowed)
    assert usable_cores(os.getpid(), tmp_path) == 0.5
    write(own / "cpu.max", "max 100000")
    assert cpu_quota(os.getpid(), tmp_path) is None
    assert usable_cores(os.getpid(), tmp_path) == allowed


def test_a_quota_above_the_cores_it_may_run_on_limits_nothing(tmp_path: Path) -> None:
    """It can never be spent: the cores are the limit, and nobody waits for a refill."""
    allowed = len(os.sched_getaffinity(0))
    write(tmp_path / group(os.getpid(), "") / "cpu.max", f"{allowed * 100000} 100000")
    assert cpu_quota(os.getpid(), tmp_path) is None
    assert usable_cores(os.getpid(), tmp_path) == allowed


def test_a_limit_of_version_2_limits_the_memory(tmp_path: Path) -> None:
    """`memory.max` in bytes; the root of the hierarchy has no such file."""
    write(tmp_path / group(os.getpid(), "") / "memory.max", "1048576")
    assert usable_memory_bytes(os.getpid(), tmp_path) == 1048576
    write(tmp_path / group(os.getpid(), "") / "memory.max", "max")
    assert usable_memory_bytes(os.getpid(), tmp_path) == psutil.virtual_memory().total


def test_limits_of_version_1_count_as_well_as_those_above(tmp_path: Path) -> None:
    """Each controller has its own tree; the smallest limit on the way up counts."""
    with_controllers = group(os.getpid(), "cpu") or group(os.getpid(), "memory")
    if not with_controllers and "cpu" not in Path("/proc/self/cgroup").read_text():
        pytest.skip("this host has no cgroups of version 1")
    write(tmp_path / "cpu" / group(os.getpid(), "cpu") / "cpu.cfs_quota_us", "150000")
    write(tmp_path / "cpu" / group(os.getpid(), "cpu") / "cpu.cfs_period_us", "100000")
    write(tmp_path / "memory" / group(os.getpid(), "memory") / "memory.limit_in_bytes", "9223372036854771712")
    write(tmp_path / "memory" / "memory.limit_in_bytes", "4096000")
    assert usable_cores(os.getpid(), tmp_path) == pytest.approx(min(1.5, len(os.sched_getaffinity(0))))
    assert memory_limit_bytes(os.getpid(), tmp_path) == 4096000


def test_an_unlimited_host_has_no_limits(tmp_path: Path) -> None:
    """Nothing found is no limit, not a limit of zero."""
    assert cpu_quota(os.getpid(), tmp_path) is None
    assert memory_limit_bytes(os.getpid(), tmp_path) == math.inf


def test_memory_is_the_share_the_process_has() -> None:
    """PSS lies between what is its own alone and what it can see; a process that ended has none."""
    full = psutil.Process().memory_full_info()
    assert full.uss * 0.8 <= memory_bytes(os.getpid()) <= full.rss * 1.2
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    with pytest.raises(Gone):
        memory_bytes(child)


def test_sensors_read_the_real_limits_by_default() -> None:
    """Without a tree given, the kernel's own is read."""
    assert Path("/sys/fs/cgroup") == process_sensors.CGROUP_ROOT
    assert 0 < usable_cores(os.getpid()) <= (psutil.cpu_count() or 1)
    assert 0 < usable_memory_bytes(os.getpid()) <= psutil.virtual_memory().total
