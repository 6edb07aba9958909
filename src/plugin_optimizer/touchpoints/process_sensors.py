"""CPU and memory of a group of processes, and what they may use at most."""

import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

import psutil

from ..domain import CpuQuota, Gone, Unobservable
from .process_identity import ProcessIdentity, read_process_file
from .process_tree import check_alive, children_of

CGROUP_ROOT = Path("/sys/fs/cgroup")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TRIES = 5
MICROSECONDS = 1e6  # per second


def cpu_seconds(master: ProcessIdentity) -> float:
    """Return the CPU time a process and its children have used since it started, ended children included.

    What a child used moves to its parent when that one collects it (`cutime`, proc(5)), so the sum never falls.
    Raises Gone, Unobservable.
    """
    for _ in range(_TRIES):
        before = {child.pid: child for child in children_of(master.pid)}
        total = check_alive(master).cpu_seconds + sum(child.cpu_seconds for child in before.values())
        if {child.pid for child in children_of(master.pid)} == set(before):
            return total  # nobody moved from one side to the other in between
    raise Unobservable(f"the children of {master.pid} come and go too fast to add up their CPU time")


def memory_bytes(pid: int) -> float:
    """Return the proportional share (PSS), or the resident set where we may not look closer.

    Raises Gone, Unobservable.
    """
    try:
        rollup = read_process_file(pid, "smaps_rollup").decode()
        kilobytes = next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))
        return float(kilobytes) * 1024
    except Gone:
        raise
    except (Unobservable, StopIteration):
        return float(read_process_file(pid, "statm").split()[1]) * _PAGE_BYTES


def usable_cores(pid: int, root: Path = CGROUP_ROOT) -> float:
    """Return how many cores a process may use: those it may run on, or its group's quota if that is less."""
    quota = cpu_quota(pid, root)
    return _allowed_cores(pid) if quota is None else min(quota.cores, quota.cpu_seconds / quota.period_seconds)


def usable_memory_bytes(pid: int, root: Path = CGROUP_ROOT) -> float:
    """Return how much memory a process may use: the host's, or its group's limit if that is less."""
    return min(float(psutil.virtual_memory().total), memory_limit_bytes(pid, root))


def cpu_quota(pid: int, root: Path = CGROUP_ROOT) -> CpuQuota | None:
    """Return the tightest CPU quota of its groups; None where there is none, or none below the cores it may run on."""
    allowed = _allowed_cores(pid)
    newer = (text.split()[:2] for text in _read_upwards(_group(pid, ""), root, "cpu.max"))
    older = (
        [_first(directory / "cpu.cfs_quota_us"), _first(directory / "cpu.cfs_period_us")]
        for directory in _upwards(_group(pid, "cpu"), root / "cpu")
    )
    limits = (
        CpuQuota(int(words[0]) / MICROSECONDS, int(words[1]) / MICROSECONDS, allowed)
        for words in (*newer, *older)
        if len(words) == 2 and all(word.isdigit() and int(word) for word in words)
    )
    found = min(limits, key=lambda limit: limit.cpu_seconds / limit.period_seconds, default=None)
    return found if found is not None and found.cpu_seconds < allowed * found.period_seconds else None


def _allowed_cores(pid: int) -> float:
    try:
        return float(len(os.sched_getaffinity(pid)))
    except OSError:
        return float(psutil.cpu_count() or 1)


def memory_limit_bytes(pid: int, root: Path = CGROUP_ROOT) -> float:
    """Return the smallest memory limit of its groups; infinite where there is none."""
    newer = _read_upwards(_group(pid, ""), root, "memory.max")
    older = _read_upwards(_group(pid, "memory"), root / "memory", "memory.limit_in_bytes")
    return min((_limit(text) for text in [*newer, *older]), default=math.inf)


def _group(pid: int, controller: str) -> PurePosixPath | None:
    """Return its group in a hierarchy of cgroups version 1, or in version 2's single one (controller '')."""
    try:
        lines = read_process_file(pid, "cgroup").decode().splitlines()
    except Unobservable:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return PurePosixPath(path.lstrip("/"))
    return None


def _upwards(group: PurePosixPath | None, root: Path) -> Iterator[Path]:
    """Yield the directories of a group and those above it: each may limit it."""
    if group is not None:
        yield from (root / part for part in (group, *group.parents))


def _read_upwards(group: PurePosixPath | None, root: Path, name: str) -> Iterable[str]:
    return [text for directory in _upwards(group, root) if (text := _first(directory / name))]


def _first(path: Path) -> str:
    """Return the first line, empty where there is no such file (the root has none; a container hides those above)."""
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _limit(text: str) -> float:
    return float(text) if text.isdigit() else math.inf
