"""What the runner drives on one host: turns, ticks, cleaning up, and the end of all of it."""

import time
from dataclasses import dataclass, field

from .engine import Engine
from .execute.executor import Executor
from .knowledge import SqliteSampleStore
from .knowledge.audit_watch import AuditWatch
from .knowledge.recordings import RequestRecorder
from .monitor.sensing import Sensing
from .notify.service import NotificationService

TRIM_SECONDS = 60.0


@dataclass(slots=True)
class HostLoop:
    """The engine's turns and the executor's ticks, on the wall clock; beside them, people outside are told."""

    engine: Engine
    executor: Executor
    samples: SqliteSampleStore
    sensing: Sensing
    watch: AuditWatch
    notifications: NotificationService
    recorder: RequestRecorder | None = None
    trimmed_at: float = field(default_factory=time.time)

    def turn(self) -> None:
        self.engine.turn(time.time(), time.time)

    def tick(self) -> int:
        now = time.time()
        if self.watch.tend(now) is not None:
            return 0  # an older world: what it holds as still to be done is not done
        return self.executor.tick(now, time.monotonic())

    def trim(self) -> None:
        now = time.time()
        if now - self.trimmed_at >= TRIM_SECONDS:
            self.trimmed_at = now
            self.samples.trim(now)
            self.executor.state.trim(now)

    def close(self) -> None:
        self.notifications.stop()
        self.sensing.close()
        if self.recorder is not None:
            self.recorder.close()
        self.watch.anchor(time.time())
