"""One step towards another number of workers."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ...domain import Refused
from ..process_identity import ProcessIdentity, send_signal
from .control import ControlSocket
from .process import Master
from .settings import GunicornSettings

# Of its timeout: a sync worker that waits for requests gives a sign of life every half of it (gunicorn.workers.sync).
STUCK_SHARE = 0.6
UNSEEN_SECONDS = 5.0  # a worker that is not there by then does not come any more


@dataclass(frozen=True, slots=True)
class Step:
    """A signal that was sent while `seen` workers were alive, so that the master `wanted` that many, at `at`
    (monotonic seconds).
    """

    master: ProcessIdentity
    seen: int
    wanted: int
    at: float


@dataclass(slots=True)
class WorkerSteps:
    """Takes single steps by signals. Remembers the last one to each master, which does not tell how many workers it
    wants: signals that come close together coalesce, and a worker may take its time to go.
    """

    last: dict[int, Step] = field(default_factory=dict)

    def by_signal(self, master: Master, settings: GunicornSettings, live: int, to: int) -> None:
        """Send one TTIN or TTOU; nothing where `to` is wanted already or the last step that way is yet to show.

        Raises Refused, Gone.
        """
        wanted = self._wanted(master, settings, live)
        if to == wanted or (to < wanted < live) or (to > wanted > live):
            return
        if to < wanted:
            check_heartbeats(master, settings)
        send_signal(master.identity, signal.SIGTTIN if to > wanted else signal.SIGTTOU)
        after = wanted + 1 if to > wanted else wanted - 1
        self.last[master.pid] = Step(master.identity, live, after, time.monotonic())

    def _wanted(self, master: Master, settings: GunicornSettings, live: int) -> int:
        """Return how many workers the master wants, as far as we know."""
        step = self.last.get(master.pid)
        if step is None or step.master != master.identity or step.seen != live:
            return live
        # A worker told to go finishes its request; its master ends it when it is silent for the timeout.
        patience = UNSEEN_SECONDS + (settings.timeout_seconds if step.wanted < step.seen else 0.0)
        return step.wanted if time.monotonic() - step.at < patience else live


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
    """Raise Refused if a worker has not given a sign of life for most of its timeout.

    A stuck worker does not go when asked: both it and another one were aborted at the timeout, with the requests
    in them. Nothing is refused where signs of life are not kept (`timeout = 0`) or we may not look.
    """
    if settings.timeout_seconds <= 0:
        return
    oldest = max(heartbeat_ages_seconds(master.pid), default=0.0)
    if oldest > STUCK_SHARE * settings.timeout_seconds:
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
