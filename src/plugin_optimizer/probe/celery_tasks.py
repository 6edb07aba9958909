"""Counts the tasks of a Celery worker: ended, failed, retried, and the time they took.

    celery -A shop worker -I plugin_optimizer.probe.celery_tasks

Nothing else is needed: importing it connects two signals of Celery. Each pool process counts in a small file of its own
below the probe's home; writing there is a store to mapped memory. Whatever goes wrong in here, tasks run as if it were
not there. Not seen: a task that dies with its process (a hard time limit, a kill).
"""

import mmap
import os
import struct
from time import perf_counter
from typing import Any

from celery import signals

from .places import ProcessIdentity, home, make_private

DIRECTORY = "celery-tasks"
MAGIC = b"PO-TASK1"
LAYOUT = struct.Struct("<8sQQQd")  # magic, ended, of these failed, retried, seconds inside tasks
FAILED, RETRIED = "FAILURE", "RETRY"
MOST_OPEN = 1_000  # a process runs one task at a time; what never ended is not kept for ever


class TaskCounter:
    """The counts of this process. One task at a time runs in it, so nobody else writes."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        self.pid = 0
        self._map: mmap.mmap | None = None
        self._counts = [0, 0, 0]
        self._seconds = 0.0

    def begin(self, task_id: str) -> None:
        if len(self.began) >= MOST_OPEN:
            self.began.clear()
        self.began[task_id] = perf_counter()

    def end(self, task_id: str, state: str) -> None:
        """Count a task that ended in `state`; a retry is not an end."""
        began = self.began.pop(task_id, None)
        if self.pid != os.getpid():
            self._open()
        if state == RETRIED:
            self._counts[2] += 1
        else:
            self._counts[0] += 1
            self._counts[1] += state == FAILED
        self._seconds += perf_counter() - began if began is not None else 0.0
        if self._map is not None:
            LAYOUT.pack_into(self._map, 0, MAGIC, *self._counts, self._seconds)

    def _open(self) -> None:
        """Begin a file of this process: a fork counts from nothing. Without a home that can be written to, none."""
        self.pid, self._map, self._counts, self._seconds = os.getpid(), None, [0, 0, 0], 0.0
        root = home()
        make_private(root, root / DIRECTORY)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(root / DIRECTORY / str(ProcessIdentity.own()), flags, 0o600)
        try:
            os.ftruncate(descriptor, LAYOUT.size)
            self._map = mmap.mmap(descriptor, LAYOUT.size)
        finally:
            os.close(descriptor)


_counter = TaskCounter()


def _on_begin(task_id: str = "", **_: Any) -> None:
    try:
        _counter.begin(task_id)
    except Exception:  # noqa: BLE001 - our own faults must not reach the task
        return


def _on_end(task_id: str = "", state: str | None = None, **_: Any) -> None:
    try:
        _counter.end(task_id, str(state))
    except Exception:  # noqa: BLE001 - our own faults must not reach the task
        return


signals.task_prerun.connect(_on_begin, weak=False)
signals.task_postrun.connect(_on_end, weak=False)
