"""What the probes in a worker's pool processes counted of its tasks (`probe.celery_tasks`, where that is included)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...domain import Metric
from ...probe.places import ProcessIdentity, check_home
from .process import ProcessKeys

# As probe.celery_tasks writes it; that module needs Celery to be imported, this one does not.
DIRECTORY, MAGIC = "celery-tasks", b"PO-TASK1"
LAYOUT = struct.Struct("<8sQQQd")


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Tasks that ended, failed ones among them, retries, and the seconds inside all of these, since a process began."""

    ended: int = 0
    failed: int = 0
    retried: int = 0
    seconds: float = 0.0

    def since(self, before: "TaskCounts") -> "TaskCounts":
        return TaskCounts(
            self.ended - before.ended,
            self.failed - before.failed,
            self.retried - before.retried,
            self.seconds - before.seconds,
        )

    def with_more(self, other: "TaskCounts") -> "TaskCounts":
        return TaskCounts(
            self.ended + other.ended,
            self.failed + other.failed,
            self.retried + other.retried,
            self.seconds + other.seconds,
        )


@dataclass(slots=True)
class CountedTasks:
    """Reads the counts below `home`. Remembers those of the last look at each plugin, process by process."""

    home: Path
    last: dict[str, Mapping[tuple[int, int], TaskCounts]] = field(default_factory=dict)

    def figures(self, plugin_id: str, processes: ProcessKeys) -> Mapping[Metric, float]:
        """Return the share of tasks that failed and their mean time since the last look; nothing where none ended."""
        now = {key: counts for key in processes if (counts := self._read(key)) is not None}
        before = self.last.get(plugin_id)
        self.last[plugin_id] = now
        if before is None:
            return {}
        done = TaskCounts()
        for key, counts in now.items():
            done = done.with_more(counts.since(before.get(key, TaskCounts())))
        runs = done.ended + done.retried
        figures = {Metric.ERROR_RATIO: done.failed / done.ended} if done.ended > 0 else {}
        return {**figures, Metric.SERVICE_TIME_SECONDS: done.seconds / runs} if runs > 0 else figures

    def tidy(self) -> None:
        """Remove the files of processes that ended."""
        try:
            if not check_home(self.home):
                return
            for path in (self.home / DIRECTORY).iterdir():
                pid, _, ticks = path.name.partition("-")
                if pid.isdigit() and ticks.isdigit() and not ProcessIdentity(int(pid), int(ticks)).alive:
                    path.unlink(missing_ok=True)
        except OSError:
            return

    def _read(self, key: tuple[int, int]) -> TaskCounts | None:
        try:
            content = (self.home / DIRECTORY / str(ProcessIdentity(*key))).read_bytes()
            magic, ended, failed, retried, seconds = LAYOUT.unpack(content)
        except (OSError, struct.error):
            return None
        return TaskCounts(ended, failed, retried, seconds) if magic == MAGIC else None
