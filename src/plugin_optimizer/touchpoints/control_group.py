"""What a control group (cgroup) limits, and what it has counted: read from the kernel's own files, of version 1 or 2.

Sources: Linux, Documentation/admin-guide/cgroup-v2.rst (CPU and memory interface files), cgroup-v1/memory.rst, scheduler/sched-bwc.rst.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .process_sensors import CGROUP_ROOT

NOTHING = "max"  # what version 2 says where there is no limit
UNLIMITED_BYTES = 1 << 60  # version 1 says "no limit" with the largest whole number of pages
MICROSECONDS, NANOSECONDS = 1e6, 1e9  # per second


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Totals since the group was made; None where the kernel does not count that here.

    `periods` are those in which it wanted to compute at all, `throttled` of them those in which it used its quota up, and
    `throttled_seconds` what its cores stood still for that (summed over them).
    """

    cpu_seconds: float | None
    periods: int
    throttled: int
    throttled_seconds: float
    oom_kills: int | None


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group at one moment. `cores` is its own CPU limit, `limit_bytes` the memory limit that is met first, those above included;
    None where there is none, and `used_bytes` where nobody counts.
    """

    counts: GroupCounts
    cores: float | None
    used_bytes: int | None
    limit_bytes: float | None


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """A group by its path below the root of each hierarchy; `root` is where they are mounted.

    Version 1 has a tree for each controller, and what has no limit of a kind often has no group in that tree: a file that is not
    there is no limit, and no figure.
    """

    path: PurePosixPath
    root: Path = CGROUP_ROOT

    def cpu_cores(self) -> float | None:
        """Return its CPU limit in cores (quota / period), None where it has none."""
        text = self._text("cpu.max")
        older = (self._older("cpu", "cpu.cfs_quota_us"), self._older("cpu", "cpu.cfs_period_us"))
        quota, period = text.split() if text is not None else older
        if not quota or not period or quota == NOTHING or int(quota) < 0:
            return None
        return int(quota) / int(period)

    def memory_bytes(self) -> int | None:
        """Return its hard memory limit, None where it has none."""
        text = self._text("memory.max")
        return _limit(text if text is not None else self._older("memory", "memory.limit_in_bytes"))

    def has_high(self) -> bool:
        """Tell whether there is a limit above which memory is taken back rather than refused: version 2 alone."""
        return self._text("memory.high") is not None

    def high_bytes(self) -> int | None:
        """Return that limit, None where it has none or the kernel knows no such thing."""
        return _limit(self._text("memory.high") or NOTHING)

    def used_bytes(self) -> int | None:
        """Return its working set: what it holds without the pages of files that nobody has used lately. None where nobody counts.

        The kernel takes those back before it refuses anything, so they are no reason for a larger limit (as the kubelet counts).
        """
        if (held := self._text("memory.current")) is not None:
            return max(0, int(held) - self._figures("memory.stat").get("inactive_file", 0))
        if not (held := self._older("memory", "memory.usage_in_bytes")):
            return None
        idle = _figures(self._older("memory", "memory.stat")).get("total_inactive_file", 0)
        return max(0, int(held) - idle)

    def counts(self) -> GroupCounts:
        """Return what was counted so far."""
        newer = self._figures("cpu.stat")
        if "nr_periods" in newer:
            spent, throttled = newer, newer["throttled_usec"] / MICROSECONDS
        else:
            spent = _figures(self._older("cpu", "cpu.stat"))
            throttled = spent.get("throttled_time", 0) / NANOSECONDS
        return GroupCounts(
            self._cpu_seconds(newer), spent.get("nr_periods", 0), spent.get("nr_throttled", 0), throttled, self._kills()
        )

    def pids(self) -> list[int]:
        """Return the processes in it, as we see them, in order; empty where that cannot be read."""
        text = self._text("cgroup.procs")
        texts = (
            [text] if text is not None else [self._older(tree, "cgroup.procs") for tree in ("systemd", "memory", "cpu")]
        )
        return sorted(int(word) for word in next((text for text in texts if text), "").split())

    def figures(self) -> GroupFigures:
        """Return all that is sensed."""
        limits = (self.memory_bytes(), self.high_bytes(), self.bytes_above())
        tightest = min((limit for limit in limits if limit is not None), default=None)
        return GroupFigures(self.counts(), self.cpu_cores(), self.used_bytes(), tightest)

    def above(self) -> Iterator["ControlGroup"]:
        """Yield the groups it is in: each may limit it, too."""
        for path in self.path.parents:
            yield ControlGroup(path, self.root)

    def cores_above(self) -> float | None:
        """Return the tightest CPU limit of the groups it is in, None where there is none."""
        return min((limit for group in self.above() if (limit := group.cpu_cores()) is not None), default=None)

    def bytes_above(self) -> float | None:
        """Return the tightest memory limit of the groups it is in, None where there is none."""
        return min((limit for group in self.above() if (limit := group.memory_bytes()) is not None), default=None)

    def _cpu_seconds(self, newer: Mapping[str, int]) -> float | None:
        """Return the CPU time: version 2 counts it in every group, also where version 1 has the controller."""
        beside = _figures(_read(self.root / "unified" / self._below / "cpu.stat") or "")
        for figures in (newer, beside):
            if "usage_usec" in figures:
                return figures["usage_usec"] / MICROSECONDS
        text = self._older("cpuacct", "cpuacct.usage")
        return int(text) / NANOSECONDS if text else None

    def _kills(self) -> int | None:
        newer = self._figures("memory.events")
        if newer:
            return newer.get("oom_kill")
        return _figures(self._older("memory", "memory.oom_control")).get("oom_kill")

    @property
    def _below(self) -> str:
        return str(self.path).lstrip("/")

    def _text(self, name: str) -> str | None:
        """Return a file of version 2, None where there is none."""
        return _read(self.root / self._below / name)

    def _figures(self, name: str) -> Mapping[str, int]:
        return _figures(self._text(name) or "")

    def _older(self, controller: str, name: str) -> str:
        """Return a file of version 1, empty where there is none."""
        return _read(self.root / controller / self._below / name) or ""


def _limit(text: str) -> int | None:
    return None if not text or text == NOTHING or int(text) >= UNLIMITED_BYTES else int(text)


def _read(path: Path) -> str | None:
    try:
        return path.read_text().strip()
    except OSError:
        return None


def _figures(text: str) -> dict[str, int]:
    """Return the lines `name number`."""
    words = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in words if len(pair) == 2 and pair[1].isdigit()}
