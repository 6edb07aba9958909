"""What the engine tells of a container, in our own names and SI units."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ...domain import Unobservable
from ..control_group import ControlGroup, GroupCounts, GroupFigures
from ..process_identity import read_process_file

STOP_SECONDS = 10  # what Docker gives a container that names no time of its own
NANO, PERIOD_MICROSECONDS = 1e9, 100_000  # 100 ms: what the kernel and Docker take where nobody names a period
OWNERS = {
    "io.kubernetes.pod.name": "Kubernetes: its limits are those of its pod",
    "com.docker.swarm.service.id": "a Swarm service: docker service update --limit-cpu, --limit-memory",
}


HEALTH = {"healthy": True, "unhealthy": False}  # "starting" is neither


@dataclass(frozen=True, slots=True)
class Container:
    """`quota` and `period` are in microseconds, 0 = none; `nano_cpus` is the other way in which a CPU limit is told.

    `swap_bytes` bounds memory and swap together, −1 is "any", 0 "not told". `restarts` counts the engine's own. `healthy` is what its health
    check says, None where it has none or that has not ended yet; `in_memory` are the folders that are lost with this life. What is
    `paused` stands still with all it holds, and does not run. `stop_seconds` is how long it may take to end before it is killed.
    """

    id: str
    name: str
    running: bool
    pid: int
    started_at: str
    restarts: int
    nano_cpus: int
    quota: int
    period: int
    memory: int
    swap_bytes: int
    owner: str
    healthy: bool | None = None
    in_memory: tuple[str, ...] = ()
    paused: bool = False
    stop_seconds: int = STOP_SECONDS

    @property
    def cores(self) -> float | None:
        """Return the CPU limit that the engine keeps for it, None where there is none."""
        if self.nano_cpus > 0:
            return self.nano_cpus / NANO
        return self.quota / (self.period or PERIOD_MICROSECONDS) if self.quota > 0 else None

    @property
    def life(self) -> str:
        return f"{self.id[:12]}-{self.started_at}"

    def cpu_order(self, percent: float) -> Mapping[str, int]:
        """Return the limit as it has to be told: in the way it was told first, the other one is refused."""
        if self.nano_cpus > 0:
            return {"NanoCpus": round(percent * NANO / 100)}
        period = self.period or PERIOD_MICROSECONDS
        return {"CpuPeriod": period, "CpuQuota": round(percent * period / 100)}

    def memory_order(self, to: int) -> Mapping[str, int]:
        """Return the limit with that of memory and swap, which has to be larger and is moved along: one alone is refused."""
        if self.swap_bytes > 0:
            return {"Memory": to, "MemorySwap": to + max(0, self.swap_bytes - self.memory)}
        return {"Memory": to, "MemorySwap": -1} if self.swap_bytes < 0 else {"Memory": to}

    def group(self, root: Path) -> ControlGroup | None:
        """Return its control group, where the kernel shows it to us under the engine's pid and it names the container."""
        if self.pid <= 0:
            return None
        try:
            lines = read_process_file(self.pid, "cgroup").decode(errors="replace").splitlines()
        except Unobservable:
            return None
        paths = {line.split(":", 2)[-1] for line in lines if self.id in line}
        return ControlGroup(PurePosixPath(min(paths)), root) if len(paths) == 1 else None


def container_of(told: Mapping[str, Any]) -> Container:
    """Read an answer of ContainerInspect. Raises Unobservable for another form."""
    try:
        state, host = told["State"], told["HostConfig"]
        labels = told["Config"].get("Labels") or {}
        return Container(
            id=str(told["Id"]),
            name=str(told["Name"]).lstrip("/"),
            running=bool(state["Running"]) and not state.get("Restarting", False) and not state.get("Paused", False),
            pid=int(state.get("Pid", 0)),
            started_at=str(state.get("StartedAt", "")),
            restarts=int(told.get("RestartCount", 0)),
            nano_cpus=int(host.get("NanoCpus") or 0),
            quota=int(host.get("CpuQuota") or 0),
            period=int(host.get("CpuPeriod") or 0),
            memory=int(host.get("Memory") or 0),
            swap_bytes=int(host.get("MemorySwap") or 0),
            owner=next((why for label, why in OWNERS.items() if label in labels), ""),
            healthy=HEALTH.get((state.get("Health") or {}).get("Status", "")),
            paused=bool(state.get("Paused", False)),
            stop_seconds=_whole(told["Config"].get("StopTimeout"), STOP_SECONDS),
            in_memory=tuple(sorted({*(host.get("Tmpfs") or {}), *_tmpfs(told.get("Mounts") or ())})),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unobservable(f"inspect has not the form that Docker documents: {error!r}") from error


def _whole(told: Any, otherwise: int) -> int:
    return otherwise if told is None else int(told)


def _tmpfs(mounts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield from (str(mount["Destination"]) for mount in mounts if mount.get("Type") == "tmpfs")


def figures_of(told: Mapping[str, Any], container: Container, kills: int | None) -> GroupFigures:
    """Read an answer of ContainerStats; `kills` counts those for memory so far. Raises Unobservable for another form.

    What it uses is counted as `docker stats` does: without the pages of files that nobody used lately.
    """
    try:
        cpu, memory = told["cpu_stats"], told.get("memory_stats") or {}
        throttling = cpu.get("throttling_data") or {}
        more = memory.get("stats") or {}
        idle = int(more.get("total_inactive_file", more.get("inactive_file", 0)))
        held = memory.get("usage")
        counts = GroupCounts(
            cpu_seconds=int(cpu["cpu_usage"]["total_usage"]) / NANO,
            periods=int(throttling.get("periods", 0)),
            throttled=int(throttling.get("throttled_periods", 0)),
            throttled_seconds=int(throttling.get("throttled_time", 0)) / NANO,
            oom_kills=kills,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unobservable(f"stats have not the form that Docker documents: {error!r}") from error
    limit = float(container.memory) if container.memory > 0 else None
    used = max(0, int(held) - idle) if held is not None else None
    return GroupFigures(counts, container.cores, used, limit)
