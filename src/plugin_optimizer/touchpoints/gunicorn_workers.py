"""One step towards another number of workers."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..domain import Refused
from .gunicorn_control import ControlSocket
from .gunicorn_process import Master
from .gunicorn_settings import GunicornSettings
from .process_identity import ProcessIdentity, send_signal

UNSEEN_SECONDS = 5.0  # a step that has not shown by then is not waited for any longer


@dataclass(frozen=True, slots=True)
class Step:
    """A signal that was sent while `seen` workers were alive, at `at` (monotonic seconds)."""

    master: ProcessIdentity
    seen: int
    at: float


@dataclass(slots=True)
class WorkerSteps:
    """Takes single steps. Remembers the last signal to each master: signals that come close together coalesce,
    so another one is not sent before the first has shown in the process table.
    """

    last: dict[int, Step] = field(default_factory=dict)

    def by_signal(self, master: Master, settings: GunicornSettings, live: int, to: int) -> None:
        """Send one TTIN or TTOU, or nothing where `to` is reached or the last step is still on its way.

        Raises Refused, Gone.
        """
        step = self.last.get(master.pid)
        if live == to or (step is not None and _on_its_way(step, master, live)):
            return
        if to < live:
            check_heartbeats(master, settings)
        send_signal(master.identity, signal.SIGTTIN if to > live else signal.SIGTTOU)
        self.last[master.pid] = Step(master.identity, live, time.monotonic())


def _on_its_way(step: Step, master: Master, live: int) -> bool:
    recent = time.monotonic() - step.at < UNSEEN_SECONDS
    return recent and step.master == master.identity and step.seen == live


def by_control_socket(control: ControlSocket, master: Master, settings: GunicornSettings, live: int, to: int) -> None:
    """Move the number the master wants by one, unless its last move has not shown in the process table yet.

    Raises Refused, Unobservable (it may have happened: look).
    """
    wanted = control.stats().target
    if wanted < to and live >= wanted:
        control.add_worker()
    elif wanted > to and live <= wanted:
        check_heartbeats(master, settings)
        control.remove_worker()


def check_heartbeats(master: Master, settings: GunicornSettings) -> None:
    """Raise Refused if a worker has not given a sign of life for half its timeout.

    A stuck worker does not go when asked: both it and another one were aborted at the timeout, with the requests
    in them. Nothing is refused where signs of life are not kept (`timeout = 0`) or we may not look.
    """
    if settings.timeout_seconds <= 0:
        return
    oldest = max(heartbeat_ages_seconds(master.pid), default=0.0)
    if oldest > settings.timeout_seconds / 2:
        raise Refused(
            f"a worker of {master.pid} has been busy or stuck for {oldest:.1f} s (timeout {settings.timeout_seconds:g} "
            "s); removing one now would abort requests. Try again when it is free"
        )


def heartbeat_ages_seconds(master_pid: int) -> Iterator[float]:
    """Yield how long ago each worker gave its last sign of life.

    A worker touches an unlinked file that its master holds open, with the monotonic clock as the file's time
    (gunicorn.workers.workertmp). A file never touched has the time of day, far ahead of that clock: no sign yet.
    """
    try:
        descriptors = list(Path(f"/proc/{master_pid}/fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        try:
            if "wgunicorn-" not in str(descriptor.readlink()):
                continue
            age = time.monotonic() - descriptor.stat().st_mtime
        except OSError:
            continue
        if age >= 0:
            yield age
